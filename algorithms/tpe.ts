import { AttuneError } from '../src/base/errors.ts';
import { checkNumber, checkOptions, describe } from '../src/base/options.ts';
import type { Rng } from '../src/base/rng.ts';
import type { History } from '../src/search/history.ts';
import type { Searcher, Setup } from '../src/search/searcher.ts';
import { decode } from '../src/space/encode.ts';
import { sample } from '../src/space/sample.ts';
import type { Space } from '../src/space/space.ts';
import { groupsOf } from './tpe/groups.ts';
import { type Judgement, Ledger } from './tpe/ledger.ts';
import { drawPoints, likeliest, MOST_PARTS, parzen } from './tpe/parzen.ts';
import { type Split, split } from './tpe/split.ts';

/** What `tpe` takes. */
export interface TpeOptions {
  /** So many trials are drawn at random, until as many have reported. An integer >= 1. Default 10; with `milestones`, 3 more than there are parameters. */
  readonly startupTrials?: number;
  /** So many points are drawn where good trials lie; the one that is likeliest to be good is proposed. An integer >= 1. Default 24. */
  readonly candidates?: number;
  /** Whether to model every parameter alone, as if none depended on another. Default: false; with several metrics at every other proposal, by chance. */
  readonly univariate?: boolean;
  /** The probability that a trial is drawn at random all the same. Default 0. */
  readonly randomFraction?: number;
  /**
   * Ascending steps. Trials are compared by what they reported at one of them, the greatest that `startupTrials` trials have
   * reached: two are good at least. Bad are those that were in the worse half at the last milestone that they have reached, up to
   * that one. Default: by what each reported last.
   */
  readonly milestones?: readonly number[];
}

/** Kernels are at most this part of the range wide at their narrowest. */
const FEWEST_PARTS = 20;

const OPTIONS = ['startupTrials', 'candidates', 'univariate', 'randomFraction', 'milestones'] as const satisfies (keyof TpeOptions)[];

/**
 * Tree-structured Parzen estimator: models where the good trials lie and where the others do, as two densities over all parameters
 * together, draws points from the first, and proposes the one at which the ratio of the two is greatest.
 *
 * Good is the best tenth, with one metric at most 25. Trials are compared by what they reported last, whether they completed, were stopped
 * or still run: feasible ones by their loss, then infeasible ones by how much they violate, and last those that diverged. Trials that have
 * not reported, or failed, are among the others, so that several workers look in several places. Parameters of an option of a
 * `choice` are modelled among the trials that have it. A `gridSearch` and a `variation` count as a `choice`.
 *
 * With several metrics the best tenth, however many, is taken Pareto front by Pareto front, and of the front that does not fit those that
 * together dominate most. A trial of which one metric is NaN or infinite has diverged.
 *
 * A proposal costs O(trials · parameters · candidates), 0.5 to 0.75 ms in the mean of 1,000 trials of 10; the fronts of three metrics and more O(trials²) at worst.
 *
 * @throws {AttuneError} `OPTION_UNKNOWN`, `OPTION_RANGE`; `METRIC_INVALID` in `new Tuner` without a metric, and with several at `milestones`
 * @see Bergstra et al. 2011, "Algorithms for hyper-parameter optimization", NeurIPS; Watanabe 2023, arXiv 2304.11127; for several metrics
 * Ozaki et al. 2022, "Multiobjective tree-structured Parzen estimator", JAIR 73
 * @example
 * import { choice, loguniform } from 'attune';
 * import { tpe } from 'attune/algorithms';
 * import { simulate } from 'attune/testing';
 *
 * const space = { lr: loguniform(1e-5, 1), act: choice(['relu', 'tanh']) };
 * const curve = ({ lr, act }: { lr: number; act: string }) => (Math.log10(lr) + 3) ** 2 + (act === 'relu' ? 0 : 1);
 * const { grid } = await simulate({ searcher: tpe(), space, curve, trials: 60, maxT: 1 });
 * grid.getBestResult().config.act; // => 'relu'
 */
export function tpe(options: TpeOptions = {}): Searcher {
  checkOptions('tpe', options, OPTIONS);
  const { startupTrials, candidates = 24, univariate, randomFraction = 0, milestones = [] } = options;
  const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 1;
  if (startupTrials !== undefined) checkNumber('tpe', 'startupTrials', startupTrials, 'an integer >= 1', isCount);
  checkNumber('tpe', 'candidates', candidates, 'an integer >= 1', isCount);
  checkNumber('tpe', 'randomFraction', randomFraction, 'a probability', (value) => value >= 0 && value <= 1);
  if (univariate !== undefined && typeof univariate !== 'boolean')
    throw new AttuneError('OPTION_RANGE', `tpe: expected univariate to be true or false, got ${describe(univariate)}.`);
  checkMilestones(milestones);
  const [together, alone] = [new WeakMap<History, Model>(), new WeakMap<History, Model>()];
  const modelOf = (history: History, space: Space, apart: boolean): Model => {
    const models = apart ? alone : together;
    const known = models.get(history);
    if (known !== undefined && known.space === space) return known;
    const model = { space, objectives: history.objectives, ledger: new Ledger(groupsOf(space, apart), milestones) };
    models.set(history, model);
    return model;
  };
  return {
    name: 'tpe',
    options: { ...options, ...(options.milestones ? { milestones: [...milestones] } : {}) },
    check: (setup) => checkMetrics(setup, milestones.length > 0),
    async suggest({ index, samples, space, history, rng, breathe }) {
      if (index >= samples) return { kind: 'done' };
      const end = index + 1 === samples ? { last: true as const } : {};
      const apart = univariate ?? (history.objectives > 1 && rng.fork('tpe', 'apart').next() < 0.5);
      const model = modelOf(history, space, apart);
      for (const _ of model.ledger.read(history)) await breathe();
      const judgement = judge(model, startupTrials ?? (milestones.length > 0 ? space.dimensions + 3 : 10), milestones.length > 0);
      const isRandom = judgement === undefined || (randomFraction > 0 && rng.fork('tpe', 'random').next() < randomFraction);
      const config = isRandom ? sample(space, rng) : decode(space, propose(model, judgement, candidates, rng.fork('tpe')));
      return { kind: 'config', config, ...end };
    },
  };
}

function checkMilestones(milestones: readonly number[]): void {
  const isAscending = Array.isArray(milestones) && milestones.every((value, i) => Number.isFinite(value) && value > (milestones[i - 1] ?? 0));
  if (!isAscending) throw new AttuneError('OPTION_RANGE', `tpe: expected milestones to be an array of ascending numbers > 0, got ${describe(milestones)}.`);
}

function checkMetrics({ objectives }: Setup, atMilestones: boolean): void {
  if (objectives === 0) throw new AttuneError('METRIC_INVALID', 'tpe: expected at least one metric, got none.');
  if (objectives > 1 && atMilestones) throw new AttuneError('METRIC_INVALID', `tpe: expected one metric to compare by at milestones, got ${objectives}.`);
}

/** What is known of a history. */
interface Model {
  readonly space: Space;
  readonly objectives: number;
  readonly ledger: Ledger;
}

/** `undefined` while too few trials have reported. */
function judge({ ledger }: Model, least: number, atMilestones: boolean): Judgement | undefined {
  if (!atMilestones) return ledger.judged < least ? undefined : ledger.now;
  const level = ledger.levelOf(least);
  return level < 0 ? undefined : ledger.at(level);
}

/** The encoding of a configuration: group by group, those that the options so far bring with them. */
function propose({ space, ledger, objectives }: Model, judgement: Judgement, candidates: number, rng: Rng): Float64Array {
  const values = Float64Array.from(space.parameters, ({ range }) => (range.cardinality === 1 ? range.lower : Number.NaN));
  const splits: (readonly [readonly boolean[], Split])[] = []; // groups that the same trials have share one
  const splitOf = (has: readonly boolean[]): Split => {
    const known = splits.find(([other]) => other.every((value, row) => value === has[row]));
    if (known === undefined) splits.push([has, split(judgement, has, objectives)]);
    return (known ?? splits.at(-1))?.[1] as Split;
  };
  ledger.tables.forEach(({ group: { when, axes }, columns, has }, i) => {
    if (when !== undefined && values[when.parameter] !== when.option) return;
    const { good, bad } = splitOf(has);
    const numbers = new Int32Array(has.length).fill(-1);
    bad.forEach((row, k) => {
      numbers[row] = k;
    });
    good.forEach((row, k) => {
      numbers[row] = -2 - k;
    });
    const gathered = columns.map((column) => column.gather(numbers, bad, good));
    const widths = ledger.atMilestones ? {} : { parts: partsFor(good.length + bad.length) };
    const promising = parzen(
      axes,
      good.length,
      gathered.map(([, column]) => column),
      { ...widths, aging: objectives === 1 },
    );
    const other = parzen(
      axes,
      bad.length,
      gathered.map(([column]) => column),
      widths,
    );
    const points = drawPoints(promising, candidates, rng.fork(i));
    const winner = likeliest(promising, other, points);
    axes.forEach((axis, a) => {
      values[axis.index] = points[winner * axes.length + a] as number;
    });
  });
  return values;
}

/**
 * The narrowest kernels are this part of the range: narrower with more trials, equally narrow in both densities. In steps, since what is
 * known of a kernel holds as long as its width does. Not at milestones: there ranks are those of early reports, and few trials have them.
 */
const partsFor = (trials: number): number => Math.min(Math.max(FEWEST_PARTS, 5 * Math.floor(trials / 25)), MOST_PARTS);
