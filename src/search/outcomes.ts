import { isWorst } from '../base/worst.ts';
import type { History, HistoryRow } from './history.ts';

/** How good a trial is: what its last report says. */
export interface Outcome {
  readonly row: number;
  /** One per objective. */
  readonly losses: readonly number[];
  /** 0 is feasible. */
  readonly violation: number;
  /** It diverged: one of the losses is NaN or infinite. */
  readonly isLost: boolean;
}

/**
 * What a trial has said, whether it completed, was stopped or still runs; `undefined` when that is nothing: it has not reported, it failed, or
 * it goes on with another configuration. How far it came does not count, since losses mostly fall from report to report: who was stopped
 * because it was bad is behind for what it reported, and who was stopped because it was good is not.
 */
export function outcomeOf({ row, state, losses, violation }: HistoryRow): Outcome | undefined {
  if (losses === undefined || state === 'failed' || state === 'exploited') return undefined;
  return { row, losses, violation, isLost: losses.some(isWorst) };
}

/**
 * The outcomes of the trials that have ended, in order of ending, and of nothing else. Those that said nothing have none.
 *
 * @param latest - only so many of them, the last ones
 * @remarks O(trials that have ended), those before the latest are not looked at
 */
export function outcomesOf(history: History, latest = Infinity): readonly Outcome[] {
  const outcomes: Outcome[] = [];
  const { ended } = history;
  for (let i = ended.length - 1; i >= 0 && outcomes.length < latest; i--) {
    const outcome = outcomeOf(history.at(ended[i] as number));
    if (outcome !== undefined) outcomes.push(outcome);
  }
  return outcomes.reverse();
}
