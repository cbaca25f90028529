import { AttuneError } from '../src/base/errors.ts';
import { checkNumber, checkOptions, describe } from '../src/base/options.ts';
import { checkRungs, rungs } from '../src/schedule/rungs.ts';
import type { Scheduler } from '../src/schedule/scheduler.ts';
import { checkOneObjective, checkTimeAttr, needsTime } from '../src/schedule/trial-time.ts';
import { type PromotingState, promoting } from './asha/promoting.ts';
import { type StoppingState, stopping } from './asha/stopping.ts';

/** `'stop'`: go on or end at once; `'promote'`: pause, go on when among the best; `'delayed'`: the same, of n trials at most floor(n / reductionFactor). */
export type AshaVariant = 'stop' | 'promote' | 'delayed';

/** What `asha` takes. */
export interface AshaOptions {
  /** Where a trial is stopped, in steps (or in units of `timeAttr`). Default 100. */
  readonly maxT?: number;
  /** The first rung: no trial is stopped or paused before it. Default 1. */
  readonly gracePeriod?: number;
  /** The best `1 / reductionFactor` of each rung go on. Default 4. */
  readonly reductionFactor?: number;
  /** Bracket s leaves out the first s rungs, and has results of its own; at most one for each rung. Default 1. */
  readonly brackets?: number;
  /** What becomes of a trial that comes to a rung. Default `'stop'`; the others need a trainable that saves checkpoints. */
  readonly variant?: AshaVariant;
  /** The metric that says how far a trial is; it must not decrease. Default: the count of its reports. */
  readonly timeAttr?: string;
}

/** What `asha` keeps. */
export type AshaState = StoppingState | PromotingState;

const OPTIONS = ['maxT', 'gracePeriod', 'reductionFactor', 'brackets', 'variant', 'timeAttr'] as const satisfies (keyof AshaOptions)[];
const VARIANTS: readonly string[] = ['stop', 'promote', 'delayed'] satisfies AshaVariant[];

/**
 * Asynchronous successive halving: at each rung a trial is compared with those that came there before it, and nobody waits for
 * those to come. Rungs stand at `gracePeriod * reductionFactor ** k`; the first report at or past a rung is recorded there, a
 * report that skips rungs at the highest that it passed, and its trial never at a lower one. At `maxT` a trial is stopped.
 *
 * - `variant: 'stop'`: the trial goes on if its rank among the n losses recorded so far is at most max(1, floor(n / reductionFactor)),
 *   ties in its favour; else it is stopped. The first trials of a rung pass.
 * - `'promote'`: the trial is paused. A free slot goes to the best trial paused at the highest rung where one is among the best
 *   floor(n / reductionFactor), ties by trial, and only then to a new one. Trials that never get so far stay paused; while the searcher
 *   waits and nothing runs, the worst of the lowest rung is stopped.
 * - `'delayed'`: the same, and a rung promotes at most floor(n / reductionFactor) trials in all.
 *
 * With several brackets a trial is drawn into one of them, by its number and the seed, with a chance that goes by e to the number of
 * rungs. A diverged trial (NaN or infinite metric) is recorded as the worst, never promoted, and stopped at any rung where another has
 * not diverged (`'stop'`), or at its first (the others). A report costs O(log n), and the insertion. Needs exactly one metric.
 *
 * @throws {AttuneError} `OPTION_UNKNOWN`; `OPTION_RANGE` unless 0 < gracePeriod <= maxT and reductionFactor > 1, all finite, brackets
 * is an integer from 1 to the number of rungs, and variant is one of the three; `METRIC_INVALID` in `new Tuner` unless there is one metric
 * @see Li et al. 2020, "A System for Massively Parallel Hyperparameter Tuning", MLSys
 * @example
 * import { asha } from 'attune/schedulers';
 * import { powerLaws, simulate } from 'attune/testing';
 *
 * const scheduler = asha({ maxT: 81, reductionFactor: 3 }); // tuneConfig: { scheduler, … }
 * const { summary } = await simulate({ ...powerLaws({ maxT: 81 }), scheduler, trials: 100, workers: 4 });
 * summary.iterations < (100 * 81) / 4; // => true
 */
export function asha(options: AshaOptions = {}): Scheduler<AshaState> {
  checkOptions('asha', options, OPTIONS);
  const { maxT = 100, gracePeriod = 1, reductionFactor = 4, brackets = 1, variant = 'stop', timeAttr } = options;
  checkRungs('asha', { gracePeriod, maxT, reductionFactor });
  checkTimeAttr('asha', timeAttr);
  if (!VARIANTS.includes(variant)) throw new AttuneError('OPTION_RANGE', `asha: expected variant 'stop', 'promote' or 'delayed', got ${describe(variant)}.`);
  const milestones = rungs(gracePeriod, maxT, reductionFactor);
  const isCount = (n: number): boolean => Number.isInteger(n) && n >= 1 && n <= milestones.length;
  checkNumber('asha', 'brackets', brackets, `an integer from 1 to ${milestones.length}, the number of rungs`, isCount);
  const ladder = { maxT, reductionFactor, timeAttr, brackets: Array.from({ length: brackets }, (_, bracket) => milestones.slice(bracket)) };

  return {
    name: 'asha',
    options: {
      ...{ maxT, gracePeriod, reductionFactor },
      ...(brackets === 1 ? {} : { brackets }),
      ...(variant === 'stop' ? {} : { variant }),
      ...(timeAttr === undefined ? {} : { timeAttr }),
    },
    ...needsTime(timeAttr),
    check: ({ objectives }) => checkOneObjective('asha', objectives),
    ...(variant === 'stop' ? stopping(ladder) : promoting(ladder, variant === 'delayed')),
  };
}
