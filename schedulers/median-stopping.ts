import type { Scheduler } from '../src/schedule/scheduler.ts';
import { type MedianStoppingOptions, type PercentileStoppingState, percentileRule } from './percentile-stopping.ts';

export type { MedianStoppingOptions } from './percentile-stopping.ts';

/**
 * Stops a trial whose best result so far is worse than the median of the others' mean results up to the same time:
 * `percentileStopping` at 50. By default it looks at nobody in the first 60 seconds (`time_total_s`), nor before three other
 * trials have come as far. The trial with the best result of all is never stopped.
 *
 * @throws {AttuneError} what `percentileStopping` throws
 * @see Golovin et al. 2017, "Google Vizier: A Service for Black-Box Optimization", KDD
 * @see docs/schedulers/median-stopping.md
 * @example
 * import { medianStopping } from 'attune/schedulers';
 * import { powerLaws, simulate } from 'attune/testing';
 *
 * const scheduler = medianStopping({ timeAttr: 'training_iteration', gracePeriod: 5 });
 * const { summary } = await simulate({ ...powerLaws(), scheduler, trials: 20, workers: 4 });
 * summary.stopped > 0; // => true
 */
export function medianStopping(options: MedianStoppingOptions = {}): Scheduler<PercentileStoppingState> {
  return percentileRule('medianStopping', 50, options);
}
