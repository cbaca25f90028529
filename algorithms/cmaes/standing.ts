import { isWorst } from '../../src/base/worst.ts';
import type { History, HistoryRow } from '../../src/search/history.ts';

/** How good a trial that ended is. */
export interface Standing {
  /** It failed, diverged, or never reported. */
  readonly isLost: boolean;
  readonly violation: number;
  /** The last step of its reports; 0 when it failed. */
  readonly last: number;
  /** The same; infinite when it completed. */
  readonly stage: number;
  readonly loss: number;
}

export function standingOf({ row, state, violation, losses }: HistoryRow, history: History): Standing {
  const [loss = Infinity] = losses ?? [];
  const last = state === 'failed' ? 0 : (history.steps(row).at(-1) ?? 0); // it may report more when it is run again
  const isLost = state === 'failed' || isWorst(loss);
  return { isLost, violation, last, stage: state === 'completed' ? Infinity : last, loss: isLost ? Infinity : loss };
}

/**
 * The best first; equals in the order in which they were. Feasible ones come before infeasible ones, which are compared by how much they
 * violate; then those that came farther, where one that was stopped no earlier than any other came counts as completed; then those with
 * the lower loss. Those that are lost are last.
 */
export function ranked<T extends { readonly standing: Standing }>(trials: readonly T[]): readonly T[] {
  const farthest = Math.max(...trials.map(({ standing }) => standing.last));
  return trials.toSorted(({ standing: a }, { standing: b }) => compare(a, b, farthest));
}

export function compare(a: Standing, b: Standing, farthest: number): number {
  if (a.isLost || b.isLost) return Number(a.isLost) - Number(b.isLost);
  if (a.violation !== b.violation) return a.violation - b.violation;
  const [stage, other] = [Math.min(a.stage, farthest), Math.min(b.stage, farthest)];
  return a.violation === 0 && stage !== other ? other - stage : a.loss - b.loss;
}
