import type { History } from './history.ts';

/** Whether a trial has this encoding already. O(trials), where few share their first values. */
export function isKnown(history: History, values: Float64Array): boolean {
  for (let row = 0; row < history.length; row++) {
    if (history.at(row).values.every((value, i) => Object.is(value, values[i]))) return true;
  }
  return false;
}
