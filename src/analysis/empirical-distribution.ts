import { checkOptions } from '../base/options.ts';
import { ascending, isNumber, metricOf } from './numbers.ts';
import type { Rows } from './rows.ts';

/** A step of an empirical distribution. */
export interface DistributionPoint {
  readonly value: number;
  /** The share of the values that are no greater: above 0, to 1. */
  readonly share: number;
}

/**
 * The empirical distribution of a metric: what share of the trials stays at or below each value. Of two experiments that minimise, the better one has the upper
 * curve; of two that maximise, the lower one.
 *
 * @param rows - one per trial; see `reduceRows`. null, NaN and infinities are left out
 * @returns a point for each distinct value, ascending; between two points the share is that of the lower one, the last one is 1
 * @throws {AttuneError} `COLUMN_UNKNOWN`; `DATA_INSUFFICIENT` when no value is finite, or one is no number
 * @remarks O(n log n) time.
 * @example
 * import { empiricalDistribution } from 'attune/analysis';
 * const steps = empiricalDistribution([{ loss: 2 }, { loss: 1 }, { loss: 2 }, { loss: 4 }], { metric: 'loss' });
 * steps; // => [{ value: 1, share: 0.25 }, { value: 2, share: 0.75 }, { value: 4, share: 1 }]
 */
export function empiricalDistribution(rows: Rows, options: { readonly metric: string }): readonly DistributionPoint[] {
  checkOptions('empiricalDistribution', options, ['metric']);
  const sorted = ascending(metricOf('empiricalDistribution', [...rows], options.metric).filter(isNumber));
  return sorted.flatMap((value, i) => (value === sorted[i + 1] ? [] : [{ value, share: (i + 1) / sorted.length }]));
}
