import { AttuneError } from '../src/base/errors.ts';
import { checkNumber, checkOptions, describe } from '../src/base/options.ts';
import { checkRungs } from '../src/schedule/rungs.ts';
import type { Scheduler } from '../src/schedule/scheduler.ts';
import { checkTimeAttr } from '../src/schedule/trial-time.ts';
import { type HyperbandState, synchronously } from './hyperband/halving.ts';
import { type HyperbandTable, hyperbandTable } from './hyperband/table.ts';

export type { HyperbandState } from './hyperband/halving.ts';
export type { HyperbandTable } from './hyperband/table.ts';

/** What `hyperband` takes. */
export interface HyperbandOptions {
  /** Where a trial is stopped, in steps (or in units of `timeAttr`); at least 1. Default 81. */
  readonly maxT?: number;
  /** From rung to rung the best `1 / reductionFactor` go on. Default 3. */
  readonly reductionFactor?: number;
  /** How many trials brackets have: as the algorithm of the paper computes, as its example shows, or rounded up. Default `'paper'`. */
  readonly table?: HyperbandTable;
  /** The brackets with the most trials come first, or last. Default `'largest-first'`. */
  readonly order?: 'largest-first' | 'smallest-first';
  /** The metric that says how far a trial is; it must not decrease. Default: the count of its reports. */
  readonly timeAttr?: string;
}

const OPTIONS = ['maxT', 'reductionFactor', 'table', 'order', 'timeAttr'] as const satisfies (keyof HyperbandOptions)[];
const TABLES: readonly string[] = ['paper', 'paper-example', 'ceil'] satisfies HyperbandTable[];

/**
 * HyperBand, synchronous: trials are put into brackets, one after the other, again and again. A bracket trains its trials to its
 * first milestone, where they are paused until all are there; the best go on to the next, those behind are stopped, and at `maxT`
 * the last ones are. Large brackets judge early, small ones late, so that it need not be known how early a trial can be judged.
 *
 * Every rung takes its number of trials, or all that are there: a bracket that is not full, because the searcher has no more or waits,
 * goes on with the trials it has. Trials that fail or complete leave their bracket, and it does not wait for a trial that a hand has
 * paused. Ties are broken by the trial's number. A diverged trial (NaN or infinite metric) is stopped at its milestone. A report that
 * skips milestones counts at each of them that its bracket comes to.
 *
 * Trials are paused: the trainable must save checkpoints. Needs exactly one metric. Settling a rung costs O(n log n).
 *
 * @throws {AttuneError} `OPTION_UNKNOWN`; `OPTION_RANGE` unless maxT >= 1 and reductionFactor > 1, both finite, and table and order are
 * among those listed; `METRIC_INVALID` in `new Tuner` unless there is one metric
 * @see Li et al. 2018, "Hyperband: A Novel Bandit-Based Approach to Hyperparameter Optimization", JMLR 18
 * @example
 * import { hyperband } from 'attune/schedulers';
 * import { preview } from 'attune/testing';
 *
 * const { trained } = await preview(hyperband({ maxT: 9, reductionFactor: 3 }), { trials: 9 });
 * trained.map(({ step, reached }) => `${reached} come to ${step}`); // => ['9 come to 1', '3 come to 3', '1 come to 9']
 */
export function hyperband(options: HyperbandOptions = {}): Scheduler<HyperbandState> {
  checkOptions('hyperband', options, OPTIONS);
  const { maxT = 81, reductionFactor = 3, table = 'paper', order = 'largest-first', timeAttr } = options;
  checkNumber('hyperband', 'maxT', maxT, 'a finite number >= 1', (value) => value >= 1 && Number.isFinite(value));
  checkRungs('hyperband', { gracePeriod: 1, maxT, reductionFactor });
  checkTimeAttr('hyperband', timeAttr);
  if (!TABLES.includes(table)) throw wrong('table', TABLES, table);
  if (order !== 'largest-first' && order !== 'smallest-first') throw wrong('order', ['largest-first', 'smallest-first'], order);
  const largestFirst = hyperbandTable(maxT, reductionFactor, table);
  return {
    ...synchronously('hyperband', { table: order === 'largest-first' ? largestFirst : largestFirst.toReversed(), maxT, timeAttr }),
    options: { maxT, reductionFactor, table, order, ...(timeAttr === undefined ? {} : { timeAttr }) },
  };
}

const wrong = (option: string, expected: readonly string[], got: unknown): AttuneError =>
  new AttuneError('OPTION_RANGE', `hyperband: expected ${option} to be one of ${expected.map((name) => `'${name}'`).join(', ')}, got ${describe(got)}.`);
