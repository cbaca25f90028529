import type { History } from './history.ts';
import type { Standings } from './tiers.ts';

/** What the trials that have ended achieved, by row. */
export interface Outcomes extends Standings {
  /** Those of them that say how good they are, in order of ending: they completed or were stopped, and have reported. */
  readonly rows: readonly number[];
}

/**
 * What has come out so far: a function of the trials that have ended and nothing else. A trial that was stopped no earlier than any other
 * came is as good as completed; trials that failed say nothing.
 *
 * @param latest - only so many of them, the last ones
 * @remarks O(trials that have ended), those before the latest are not looked at
 */
export function outcomesOf(history: History, latest = Infinity): Outcomes {
  const rows: number[] = [];
  const [losses, violations, stages]: [(readonly number[])[], number[], number[]] = [[], [], []];
  let farthest = 0;
  const { ended } = history;
  for (let i = ended.length - 1; i >= 0 && rows.length < latest; i--) {
    const row = ended[i] as number;
    const found = history.at(row);
    if (found.losses === undefined || (found.state !== 'completed' && found.state !== 'stopped')) continue;
    const last = history.steps(row).at(-1) ?? 0;
    rows.push(row);
    losses[row] = found.losses;
    violations[row] = found.violation;
    stages[row] = found.state === 'completed' ? Infinity : last;
    farthest = Math.max(farthest, last);
  }
  return { rows: rows.reverse(), losses, violations, stages, farthest };
}
