import { rankCheckpoints } from '../trial/checkpoint-rank.ts';
import type { CheckpointOptions } from '../trial/events.ts';
import type { SavedCheckpoint } from '../trial/trial-record.ts';

/**
 * The checkpoints of a trial that may go: all but the best `numToKeep` by score, the newest, and the pinned ones.
 * Without `numToKeep` none.
 *
 * @param checkpoints - oldest first
 * @param pinned - names that something still needs
 * @returns their names, oldest first
 */
export function checkpointsToRemove(checkpoints: readonly SavedCheckpoint[], options: CheckpointOptions, pinned: ReadonlySet<string>): readonly string[] {
  const { numToKeep } = options;
  if (numToKeep === undefined || checkpoints.length <= numToKeep) return [];
  const best = new Set(rankCheckpoints(checkpoints, options).slice(-numToKeep));
  const newest = checkpoints.at(-1);
  return checkpoints.filter((checkpoint) => !best.has(checkpoint) && checkpoint !== newest && !pinned.has(checkpoint.name)).map(({ name }) => name);
}
