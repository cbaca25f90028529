import type { Json } from '../base/json.ts';
import { checkOptions, checkText } from '../base/options.ts';
import { type AttributeOptions, attributesOf, type NumericAttribute } from './attributes.ts';
import { groupsOf } from './category-summary.ts';
import { coefficients } from './correlations.ts';
import { isNumber, metricOf } from './numbers.ts';
import { columnOf, type Rows } from './rows.ts';

/** Why a conclusion from these rows might be wrong. */
export interface Caution {
  /**
   * - `adaptive-searcher`: the values were not drawn independently of what came out
   * - `unequal-training`: a scheduler stopped trials that began badly, or copied others over them
   * - `imbalance`: nearly all trials have one value of a parameter
   * - `correlated`: two parameters went together, so their effects cannot be told apart
   * - `few-trials`: fewer than ten per parameter
   * - `diverged`: a tenth of the trials or more have no finite metric, and are left out
   */
  readonly kind: 'adaptive-searcher' | 'unequal-training' | 'imbalance' | 'correlated' | 'few-trials' | 'diverged';
  /** The parameters or the metric it is about. */
  readonly about: readonly string[];
  readonly message: string;
}

/**
 * What `cautions` is told beside the rows: the parameters, the metric, and who chose and who stopped the trials. What is not told is not looked at.
 * `OPTION_RANGE` for a searcher or a scheduler without a name.
 */
export interface CautionOptions extends AttributeOptions {
  /** A column of the rows. Without it trials that diverged are not looked for. */
  readonly metric?: string;
  /** The searcher: its name, or `grid.experiment.searcher`, which knows what a wrapper goes around. */
  readonly searcher?: Plugin | undefined;
  /** The scheduler: its name, or `grid.experiment.scheduler`. */
  readonly scheduler?: Plugin | undefined;
}

/** A name, or how an experiment records a searcher or a scheduler. */
export type Plugin = string | { readonly name: string; readonly options?: Json };

/** Searchers that draw without looking at what came out. */
const INDEPENDENT = ['random', 'basicVariant', 'grid', 'sobol', 'halton', 'list'];
const WRAPPERS = ['repeat', 'limitConcurrency', 'avoidDuplicates', 'warmStart'];
const UNINTERRUPTED = ['fifo', ''];

/** How many times rarer than the commonest a value may be before it counts as hardly there. */
const RARE = 0.2;
const TRIALS_PER_ATTRIBUTE = 10;
const DIVERGED = 0.1;
const CORRELATED = 0.5;

/**
 * What would bias conclusions about parameters from these rows. An empty list says that none of these dangers is there, not that there is none.
 *
 * - An adaptive searcher (`tpe`, `gp`, `cmaes`, `nsga2`, `evolution`, `auto`, `bohb`, one of your own, or another one around it) samples where it
 *   expects to win: which values it tries depends on where it began, and two runs can lead to opposite conclusions. For a claim about a
 *   parameter use `random`, `sobol`, `halton` or `grid`.
 * - A parameter is imbalanced when only one of its values is seen in more than a fifth as many rows as the commonest is.
 *
 * @param rows - one per trial; see `reduceRows`
 * @throws {AttuneError} `COLUMN_UNKNOWN`, `DATA_INSUFFICIENT`, `OPTION_UNKNOWN`, `OPTION_RANGE`
 * @remarks O(k² n log n) for k parameters of n rows.
 * @example
 * import { cautions } from 'attune/analysis';
 * const found = cautions([{ x: 1 }, { x: 1 }], { categoricalAttributes: ['x'], searcher: 'tpe' });
 * found.map(({ kind }) => kind); // => ['adaptive-searcher', 'few-trials', 'imbalance']
 */
export function cautions(rows: Rows, options: CautionOptions = {}): readonly Caution[] {
  checkOptions('cautions', options, ['metric', 'searcher', 'scheduler', 'numericalAttributes', 'categoricalAttributes', 'space']);
  const { metric } = options;
  if (metric !== undefined) checkText('cautions', 'metric', metric);
  const [searcher, scheduler] = [nameOf('searcher', options.searcher), nameOf('scheduler', options.scheduler)];
  const all = [...rows];
  const attributes = attributesOf('cautions', all, options);
  const numeric = attributes.filter((attribute): attribute is NumericAttribute => attribute.kind === 'numeric');
  return [
    ...(searcher === undefined || INDEPENDENT.includes(searcher) ? [] : [adaptive(searcher)]),
    ...(scheduler === undefined || UNINTERRUPTED.includes(scheduler) ? [] : [unequal(scheduler)]),
    ...fewTrials(all.length, attributes.length),
    ...(metric === undefined ? [] : diverged(metric, metricOf('cautions', all, metric))),
    ...attributes.flatMap(({ name }) => imbalance(name, groupsOf(columnOf('cautions', all, name)))),
    ...numeric.flatMap((a, i) => numeric.slice(i + 1).flatMap((b) => correlated(a, b))),
  ];
}

/** Of a wrapper the name of what it goes around. */
function nameOf(option: string, plugin: Plugin | undefined): string | undefined {
  if (plugin === undefined || typeof plugin === 'string') return plugin;
  checkText('cautions', `${option}.name`, (plugin as Partial<typeof plugin> | null)?.name);
  const within = (plugin.options as { readonly searcher?: Exclude<Plugin, string> } | null | undefined)?.searcher;
  return within !== undefined && WRAPPERS.includes(plugin.name) ? nameOf(option, within) : plugin.name;
}

const adaptive = (searcher: string): Caution => ({
  kind: 'adaptive-searcher',
  about: [],
  message: `The searcher ${searcher} tried more of what had done well, so the values it tried depend on where it began, and another seed may show the opposite. For claims about a parameter run random, sobol, halton or grid.`,
});

const unequal = (scheduler: string): Caution => ({
  kind: 'unequal-training',
  about: [],
  message: `The scheduler ${scheduler} did not train all trials equally, so parameters that begin slowly look worse than they are. For claims about a parameter run fifo.`,
});

function fewTrials(n: number, attributes: number): readonly Caution[] {
  if (n >= TRIALS_PER_ATTRIBUTE * attributes) return [];
  const message = `${n} ${n === 1 ? 'trial is' : 'trials are'} few for ${attributes} ${attributes === 1 ? 'parameter' : 'parameters'}: expect to see only large effects with fewer than ${TRIALS_PER_ATTRIBUTE} for each.`;
  return [{ kind: 'few-trials', about: [], message }];
}

function diverged(metric: string, values: readonly number[]): readonly Caution[] {
  const lost = values.filter((value) => !isNumber(value)).length;
  if (lost < DIVERGED * values.length) return [];
  const message = `${lost} of ${values.length} trials have no finite ${metric} and are left out. If a parameter made them diverge, its effect is greater than it looks.`;
  return [{ kind: 'diverged', about: [metric], message }];
}

function imbalance(name: string, groups: ReturnType<typeof groupsOf>): readonly Caution[] {
  const counts = groups.map(({ rows }) => rows.length);
  const most = Math.max(...counts);
  if (counts.filter((count) => count > RARE * most).length !== 1) return [];
  const top = groups[counts.indexOf(most)];
  const message = `${name} is ${top?.label} in ${most} of ${counts.reduce((total, count) => total + count, 0)} trials: there is hardly anything to compare it with.`;
  return [{ kind: 'imbalance', about: [name], message }];
}

function correlated(a: NumericAttribute, b: NumericAttribute): readonly Caution[] {
  const { n, spearman, p } = coefficients(a.values, b.values);
  if (!(Math.abs(spearman) >= CORRELATED && p.spearman < 0.01)) return [];
  const message = `${a.name} and ${b.name} went together (rank correlation ${spearman.toFixed(2)}, n = ${n}), so their effects cannot be told apart. Vary one while the other is fixed.`;
  return [{ kind: 'correlated', about: [a.name, b.name], message }];
}
