import { checkNumber, checkOptions } from '../base/options.ts';
import { rng } from '../base/rng.ts';
import type { TableRow } from '../results/table.ts';
import { type Attribute, type AttributeOptions, attributesOf } from './attributes.ts';
import { type Caution, cautions, type Plugin } from './cautions.ts';
import { type CategoryConclusion, concludeCategories } from './conclude-categories.ts';
import { concludeNumber, type NumberConclusion } from './conclude-number.ts';
import { type Question, shown, type Words } from './conclusion.ts';
import { type Interaction, interactions, isConfirmed } from './interactions.ts';
import { checkMetrics, type Mode, metricOf } from './numbers.ts';
import { type Reduce, reduceRows } from './reduce-rows.ts';
import type { Rows } from './rows.ts';

/**
 * What `interpret` is told beside the rows. `METRIC_INVALID` without metrics or for another mode; `OPTION_RANGE` for a `confidence` out of its bounds,
 * another `reduce`, or a searcher or scheduler without a name; names for what is not in the table do no harm.
 */
export interface InterpretOptions extends AttributeOptions {
  /** What was measured, and whether lower or higher is better: `{ val_accuracy: 'max' }`. */
  readonly metrics: Readonly<Record<string, Mode>>;
  /** Names to write instead of those of the parameters, as many as you like. */
  readonly attributeNames?: Readonly<Record<string, string>>;
  /** Names to write instead of those of the metrics. */
  readonly metricNames?: Readonly<Record<string, string>>;
  /** Which row stands for a trial when there are several of one `trial_id`. Default `'best'`; `'all'` takes reports for independent trials. */
  readonly reduce?: Reduce;
  /** How probable it is that a report about noise concludes nothing at all. Above 0, below 1. Default 0.95. */
  readonly confidence?: number;
  /** As in `cautions`. */
  readonly searcher?: Plugin | undefined;
  readonly scheduler?: Plugin | undefined;
}

/** Two parameters, and what follows for tuning them. */
export interface PairConclusion extends Interaction {
  readonly metric: string;
  readonly interacts: boolean;
  readonly text: string;
}

/** What a table of trials says about its parameters. */
export interface Interpretation {
  readonly confidence: number;
  /** Trials. */
  readonly n: number;
  /** How many questions were asked of the table; the answers are corrected for it. */
  readonly questions: number;
  /** One for each metric and numerical attribute. */
  readonly numerical: readonly NumberConclusion[];
  /** One for each metric and categorical attribute. */
  readonly categorical: readonly CategoryConclusion[];
  /** One for each metric and pair, the surest interaction first. */
  readonly pairs: readonly PairConclusion[];
  readonly cautions: readonly Caution[];
  /** Everything above in words: the conclusions, pairs that interact, what there is no conclusion about, and the cautions. */
  readonly lines: readonly string[];
}

/**
 * The conclusions that trials allow about their parameters, in numbers and in words: of a number the slope of the metric, of a category its values in
 * order with a test between the first two, and the pairs that interact.
 *
 * The whole report is right with the probability `confidence`: half of the rest is shared out evenly among the questions about single parameters, half among
 * the pairs (Bonferroni). A slope or a difference is a conclusion when its interval at that stricter level does not hold 0 and the test of the ranks, which
 * no outlier moves, agrees. So of tables of pure noise at most 5 in 100 lead to any conclusion. `interval` itself is the usual 95 % one, of that slope alone.
 *
 * The difference of the first two is tested like any other, although they were chosen for being first: that is valid (Hung & Fithian). Those after them are
 * compared with the first at a level for all pairs.
 *
 * @param rows - one or more per trial
 * @returns with too few trials, or where a metric or a parameter does not vary, NaN and no conclusion
 * @throws {AttuneError} `METRIC_INVALID` without metrics; `COLUMN_UNKNOWN`; `DATA_INSUFFICIENT` when a metric has no finite number, or a column holds texts
 *   where numbers were asked for; `OPTION_UNKNOWN`, `OPTION_RANGE`
 * @remarks O(m k² n) for m metrics and k parameters.
 * @see Bonferroni in Miller 1981, "Simultaneous Statistical Inference"; Hung & Fithian 2019, "Rank verification for exponential families", Annals of Statistics 47 (2)
 * @example
 * import { interpret } from 'attune/analysis';
 * const rows = Array.from({ length: 50 }, (_, i) => ({ lr: i % 10, loss: 3 * (i % 10) + (i % 7) }));
 * const { numerical } = interpret(rows, { metrics: { loss: 'min' }, numericalAttributes: ['lr'] });
 * numerical[0]?.conclusion; // => 'rises'
 */
export function interpret(rows: Rows, options: InterpretOptions): Interpretation {
  const { metrics, attributeNames = {}, metricNames = {}, reduce = 'best', confidence = 0.95, searcher, scheduler, ...given } = checked(options);
  const all = [...rows];
  const tables = Object.entries(metrics).map(([metric, mode]) => ({ metric, mode, own: reduceRows(all, { metric, mode, reduce }) }));
  const attributes = attributesOf('interpret', tables[0]?.own ?? [], given);
  const [singles, pairs] = [tables.length * attributes.length, (tables.length * attributes.length * (attributes.length - 1)) / 2];
  const error = (1 - confidence) / (pairs > 0 ? 2 : 1);
  const words: Words = { attribute: (name) => attributeNames[name] ?? name, metric: (name) => metricNames[name] ?? name };
  const parts = tables.map(({ metric, mode, own }) =>
    interpretMetric(own, { metric, mode, ...given, named: namesByKind(attributes), level: error / singles, pairLevel: error / pairs, confidence }, words),
  );
  const numerical = parts.flatMap((part) => part.numerical);
  const categorical = parts.flatMap((part) => part.categorical);
  const found = parts.flatMap((part) => part.pairs);
  const doubts = tables.flatMap(({ metric, own }, i) => {
    const here = cautions(own, { metric, ...namesByKind(attributes), space: given.space, searcher, scheduler });
    return i === 0 ? here : here.filter(({ kind }) => kind === 'diverged');
  });
  const n = Math.max(0, ...tables.map(({ own }) => own.length));
  const answers = [...numerical, ...categorical];
  const lines = [
    ...answers.filter(({ conclusion }) => conclusion !== 'none').map(({ text }) => text),
    ...found.filter(({ interacts }) => interacts).map(({ text }) => text),
    ...answers.filter(({ conclusion }) => conclusion === 'none').map(({ text }) => text),
    ...(pairs > 0 && !found.some(({ interacts }) => interacts) ? ['Pairs of parameters: no conclusion, no interaction is seen.'] : []),
    ...doubts.map(({ message }) => `Caution: ${message}`),
  ];
  return { confidence, n, questions: singles + pairs, numerical, categorical, pairs: found, cautions: doubts, lines };
}

interface Questions extends Question {
  readonly named: Required<Pick<AttributeOptions, 'numericalAttributes' | 'categoricalAttributes'>>;
  readonly pairLevel: number;
}

function interpretMetric(rows: readonly TableRow[], questions: Questions, words: Words): Pick<Interpretation, 'numerical' | 'categorical' | 'pairs'> {
  const { metric, named, space, pairLevel } = questions;
  const attributes = attributesOf('interpret', rows, { ...named, space });
  const known = (name: string): Attribute => attributes.find((attribute) => attribute.name === name) as Attribute;
  const values = metricOf('interpret', rows, metric);
  const random = rng(0).fork(metric);
  const pairs = interactions(rows, { metric, ...named, space }).map((pair): PairConclusion => {
    const interacts = pair.p <= pairLevel && isConfirmed(known(pair.a), known(pair.b), values, pairLevel, random.fork(pair.a, pair.b));
    const [a, b] = [words.attribute(pair.a), words.attribute(pair.b)];
    const numbers = `their products explain ${(100 * pair.share).toFixed(0)} % of ${words.metric(metric)}, p = ${shown(pair.p)}, n = ${pair.n}`;
    const text = interacts
      ? `${a} and ${b} interact (${numbers}): what is best for one depends on the other. Tune one while the others are fixed.`
      : `${a} and ${b}: no conclusion (${numbers}).`;
    return { metric, ...pair, interacts, text };
  });
  return {
    numerical: attributes.flatMap((attribute) => (attribute.kind === 'numeric' ? [concludeNumber(rows, attribute, questions, words)] : [])),
    categorical: attributes.flatMap((attribute) => (attribute.kind === 'numeric' ? [] : [concludeCategories(rows, attribute.name, questions, words)])),
    pairs,
  };
}

function namesByKind(attributes: readonly Attribute[]): Questions['named'] {
  const names = (kind: Attribute['kind']): readonly string[] => attributes.flatMap((attribute) => (attribute.kind === kind ? [attribute.name] : []));
  return { numericalAttributes: names('numeric'), categoricalAttributes: names('categorical') };
}

const OPTIONS = [
  'metrics',
  'numericalAttributes',
  'categoricalAttributes',
  'attributeNames',
  'metricNames',
  'reduce',
  'confidence',
  'searcher',
  'scheduler',
  'space',
];

function checked(options: InterpretOptions): InterpretOptions {
  checkOptions('interpret', options, OPTIONS);
  const { metrics, confidence = 0.95 } = options as Partial<InterpretOptions>;
  checkNumber('interpret', 'confidence', confidence, 'above 0 and below 1', (value) => value > 0 && value < 1);
  checkMetrics('interpret', metrics);
  return options;
}
