import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Checkpoint } from 'attune';
import { saveCheckpoint } from '../src/checkpoint/save-checkpoint.ts';
import type { Measure, Plan } from './plan.ts';
import { median, timed } from './rounds.ts';

const MB = 1_000_000;

/** A large checkpoint verified, as before each restore, against one hash over the same bytes from memory; what a save takes stands beside it. */
export async function checkpointCost({ root, rounds, size }: Pick<Plan, 'root' | 'rounds'> & { readonly size: number }): Promise<Measure> {
  const bytes = randomBytes(size);
  const path = join(root, 'checkpoint_000000');
  const saved: number[] = [];
  for (let round = 0; round < rounds; round++) {
    saved.push(await timed(async () => void (await saveCheckpoint(path, (dir) => writeFileSync(join(dir, 'weights'), bytes)))));
  }
  const checkpoint = Checkpoint.fromDirectory(path);
  const [ours, raw]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    raw.push(
      await timed(
        () =>
          void createHash('sha256')
            .update(readFileSync(join(path, 'weights')))
            .digest('hex'),
      ),
    );
    ours.push(await timed(() => checkpoint.verify()));
  }
  const rate = (all: readonly number[]): string => `${(size / MB / (median(all) / 1000)).toFixed(0)} MB/s`;
  const what = `a checkpoint of ${size / MB} MB verified / read and hashed at once`;
  return { what, got: median(ours) / median(raw), limit: 1.5, unit: '×', detail: `${rate(ours)} / ${rate(raw)}; written, hashed and synced at ${rate(saved)}` };
}
