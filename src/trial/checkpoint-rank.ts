import type { CheckpointOptions } from './events.ts';
import { type Mode, metricAt } from './metrics.ts';
import type { SavedCheckpoint } from './trial-record.ts';

/**
 * Checkpoints from worst to best by the metric `scoreAttribute` (nested too) of the row they were saved with. One that lacks it,
 * or has NaN there, ranks below all others, and of two equal ones the newer ranks higher. Without `scoreAttribute`: by age, the newest best.
 *
 * @param checkpoints - oldest first
 */
export function rankCheckpoints(
  checkpoints: readonly SavedCheckpoint[],
  { scoreAttribute, scoreOrder = 'max' }: Pick<CheckpointOptions, 'scoreAttribute' | 'scoreOrder'>,
): readonly SavedCheckpoint[] {
  if (scoreAttribute === undefined) return checkpoints;
  const scored = checkpoints.map((checkpoint) => ({ checkpoint, score: scoreOf(checkpoint, scoreAttribute, scoreOrder) }));
  return scored.sort((a, b) => compareScores(a.score, b.score)).map(({ checkpoint }) => checkpoint);
}

/** Higher is better; `undefined` when there is no number to compare. */
function scoreOf(checkpoint: SavedCheckpoint, attribute: string, order: Mode): number | undefined {
  const value = metricAt(checkpoint.row, attribute);
  if (typeof value !== 'number' || Number.isNaN(value)) return undefined;
  return order === 'max' ? value : -value;
}

/** Not a difference: two infinities of one sign are equal. The sort is stable, so equal ones stay in order of age. */
function compareScores(a: number | undefined, b: number | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  return a < b ? -1 : a > b ? 1 : 0;
}
