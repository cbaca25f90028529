import { tpe } from '../../algorithms/tpe.ts';
import { type HyperbandState, type HyperbandTable, hyperband } from '../../schedulers/hyperband.ts';
import { checkOptions } from '../base/options.ts';
import { rungs } from '../schedule/rungs.ts';
import type { Scheduler } from '../schedule/scheduler.ts';
import type { Searcher } from '../search/searcher.ts';

/** What `bohb` takes. */
export interface BohbOptions {
  /** As `hyperband` has it: where a trial is stopped, in reports; at least 1. Default 81. */
  readonly maxT?: number;
  /** As `hyperband` has it. Default 3. */
  readonly reductionFactor?: number;
  /** As `hyperband` has it. Default `'paper'`. */
  readonly table?: HyperbandTable;
  /** The probability that a trial is drawn at random, so that a model that is wrong does no lasting harm. Default 1/3. */
  readonly randomFraction?: number;
  /** So many trials must have reached a milestone before what they reported there is learnt from. Default: 3 more than there are parameters. */
  readonly startupTrials?: number;
  /** As `tpe` has it. Default 64. */
  readonly candidates?: number;
}

/** What goes into `tuneConfig`: a searcher and a scheduler that fit each other. */
export interface Bohb {
  readonly searchAlg: Searcher;
  readonly scheduler: Scheduler<HyperbandState>;
}

const OPTIONS = ['maxT', 'reductionFactor', 'table', 'randomFraction', 'startupTrials', 'candidates'] as const satisfies (keyof BohbOptions)[];

/**
 * BOHB: `hyperband`, whose trials are proposed by a `tpe` that looks where the best are of those at the greatest milestone that enough
 * have reached, and keeps away from the worse half at each milestone. Not a thing of its own: a searcher and a scheduler that fit each other.
 *
 * Trials are paused: the trainable must save checkpoints. Needs exactly one metric.
 *
 * @throws {AttuneError} `OPTION_UNKNOWN`; `OPTION_RANGE` as `hyperband` and `tpe` do
 * @see Falkner, Klein & Hutter 2018, "BOHB: Robust and Efficient Hyperparameter Optimization at Scale", ICML
 * @example
 * import { bohb, type TuneConfig } from 'attune';
 *
 * const tuneConfig: TuneConfig = { ...bohb({ maxT: 81 }), metric: 'loss', mode: 'min', numSamples: 143 };
 * tuneConfig.scheduler?.name; // => 'hyperband'
 */
export function bohb(options: BohbOptions = {}): Bohb {
  checkOptions('bohb', options, OPTIONS);
  const { maxT = 81, reductionFactor = 3, table = 'paper', randomFraction = 1 / 3, startupTrials, candidates = 64 } = options;
  const scheduler = hyperband({ maxT, reductionFactor, table });
  const milestones = rungs(1, maxT, reductionFactor)
    .toReversed()
    .map((power) => maxT / power);
  return { searchAlg: tpe({ milestones, randomFraction, candidates, ...(startupTrials === undefined ? {} : { startupTrials }) }), scheduler };
}
