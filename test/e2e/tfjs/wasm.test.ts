import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runNode } from '../run-node.ts';
import { expectTrainedAlike, type Trained } from './expect-alike.ts';

test('wasm trains a convnet and a dense net as cpu does: in the main thread, in two threads at once, in two processes', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'attune-wasm-'));
  const { stdout } = await runNode([join(import.meta.dirname, 'scripts/train-everywhere.mjs'), 'wasm'], { cwd });
  expect(expectTrainedAlike(JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, readonly Trained[]>)).toHaveLength(6);
  await rm(cwd, { recursive: true });
});
