import type { Scheduler } from '../src/schedule/scheduler.ts';

/** Runs every trial to its end, in the order in which they were queued. The default. */
export function fifo(): Scheduler<null> {
  return { name: 'fifo', uses: [], init: () => null, decide: (state) => ({ state, decisions: [] }) };
}
