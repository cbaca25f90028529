import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Checkpoint } from '../../src/checkpoint/checkpoint.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'attune-checkpoint-test-'));
  await writeFile(join(dir, 'weights'), 'w');
});
afterEach(() => rm(dir, { recursive: true, force: true }));

test('a checkpoint is a directory with an absolute path', () => {
  expect(Checkpoint.fromDirectory(relative(process.cwd(), dir)).path).toBe(dir);
  expect(() => Checkpoint.fromDirectory(join(dir, 'gone'))).toThrow(/CHECKPOINT_INVALID/);
  expect(() => Checkpoint.fromDirectory(join(dir, 'weights'))).toThrow(/CHECKPOINT_INVALID/);
});

test('withDirectory lends the directory itself; toDirectory gives a copy', async () => {
  const checkpoint = Checkpoint.fromDirectory(dir);
  expect(await checkpoint.withDirectory((path) => path)).toBe(dir);
  const copy = await checkpoint.toDirectory();
  expect(copy).not.toBe(dir);
  expect(await readdir(copy)).toEqual(['weights']);
  await rm(copy, { recursive: true });
  expect(
    await checkpoint.toDirectory(join(dir, '../', `${Date.now()}-copy`)).then(async (path) => [await readdir(path), await rm(path, { recursive: true })]),
  ).toEqual([['weights'], undefined]);
});

test('metadata travels with it', async () => {
  const checkpoint = Checkpoint.fromDirectory(dir);
  expect(await checkpoint.metadata()).toEqual({});
  await checkpoint.setMetadata({ epoch: 3, loss: Number.NaN });
  expect(await Checkpoint.fromDirectory(dir).metadata()).toEqual({ epoch: 3, loss: Number.NaN });
  await writeFile(join(dir, '.metadata.json'), '{');
  await expect(checkpoint.metadata()).rejects.toThrow(/CHECKPOINT_INVALID/);
});

test('used as a path it says what to write instead', () => {
  const checkpoint = Checkpoint.fromDirectory(dir);
  expect(() => `${checkpoint}/weights`).toThrow(/checkpoint\.path/);
});
