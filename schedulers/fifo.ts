import type { Scheduler } from '../src/schedule/scheduler.ts';

/**
 * Runs every trial to its end, in the order in which they were queued. The default.
 *
 * @example
 * import { fifo } from 'attune/schedulers';
 * import { preview } from 'attune/testing';
 *
 * (await preview(fifo(), { trials: 10, maxT: 20 })).iterations; // => 200
 */
export function fifo(): Scheduler<null> {
  return { name: 'fifo', uses: [], init: () => null, decide: (state) => ({ state, decisions: [] }) };
}
