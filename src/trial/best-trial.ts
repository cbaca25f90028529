import type { Json } from '../base/json.ts';
import { metricAt, type Objective } from './metrics.ts';
import { violationOf } from './row.ts';
import type { TrialRecord } from './trial-record.ts';

/** How a trial stands in a ranking. Lower is better in both: feasible trials come before all others, then the loss decides. */
export interface Standing {
  readonly violation: number;
  /** May be infinite; NaN is worse than everything. */
  readonly loss: number;
}

/** Negative when `a` is strictly better, 0 on a tie (two NaN are one). */
export function compareStandings(a: Standing, b: Standing): number {
  return compareLosses(a.violation, b.violation) || compareLosses(a.loss, b.loss);
}

/** As subtraction would, without its traps: infinities of one sign are equal, NaN is above all numbers. */
export function compareLosses(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * The trial with the best last report; the first of equal ones. Trials that failed, that broke a constraint there, or whose value is missing
 * or not finite, do not compete.
 * `getBestResult` has the histories too, and so knows the value of a trial in `lackingInLast`.
 */
export function bestTrial(trials: readonly TrialRecord[], { metric, mode }: Objective): TrialRecord | undefined {
  let best: { readonly trial: TrialRecord; readonly loss: number } | undefined;
  for (const trial of trials) {
    const value = lastMetric(trial, metric);
    if (typeof value !== 'number' || !Number.isFinite(value) || violationOf(trial.last) > 0) continue;
    const loss = mode === 'min' ? value : -value;
    if (best === undefined || loss < best.loss) best = { trial, loss };
  }
  return best?.trial;
}

/** How many trials `bestTrial` cannot judge: they reported and did not fail, and their last report has no number there. An earlier one may have. */
export function lackingInLast(trials: readonly TrialRecord[], metric: string): number {
  return trials.filter((trial) => trial.last !== undefined && trial.status !== 'ERROR' && typeof lastMetric(trial, metric) !== 'number').length;
}

const lastMetric = ({ last, status }: TrialRecord, metric: string): Json | undefined =>
  last === undefined || status === 'ERROR' ? undefined : metricAt(last, metric);
