import { endOf, horizonsOf } from './horizons.ts';
import type { Scheduler } from './scheduler.ts';

/**
 * What to tell somebody whose stop rules end every trial before the `maxT` that the scheduler plans with, also one within others: its last
 * rungs would never be reached.
 */
export function endsEarly(scheduler: Scheduler, rules: Scheduler | undefined): string | undefined {
  for (const { by, timeAttr, maxT } of horizonsOf(scheduler)) {
    const end = endOf(rules, timeAttr);
    if (maxT === Number.POSITIVE_INFINITY || end >= maxT) continue;
    return `stop: trials end at ${timeAttr} ${end}, but ${by} trains the best ones to maxT ${maxT}: it compares no trial beyond ${end}. Give both the same number.`;
  }
  return undefined;
}
