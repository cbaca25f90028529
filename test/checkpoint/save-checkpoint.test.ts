import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { saveCheckpoint } from '../../src/checkpoint/save-checkpoint.ts';
import { checkpointName } from '../../src/trial/rows.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'attune-save-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

test('names are zero-based, with six digits', () => {
  expect([checkpointName(0), checkpointName(99), checkpointName(1234567)]).toEqual(['checkpoint_000000', 'checkpoint_000099', 'checkpoint_1234567']);
});

test('a checkpoint appears whole: while it is written there is only a temporary sibling', async () => {
  let during: string[] = [];
  await saveCheckpoint(join(dir, 'trial', 'checkpoint_000000'), async (temporary) => {
    expect(await readdir(temporary)).toEqual([]);
    await mkdir(join(temporary, 'deep'));
    await writeFile(join(temporary, 'deep', 'weights'), 'w');
    during = await readdir(join(dir, 'trial'));
  });
  expect(during).toEqual(['.tmp-checkpoint_000000']);
  expect(await readdir(join(dir, 'trial'))).toEqual(['checkpoint_000000']);
  expect(await readFile(join(dir, 'trial/checkpoint_000000/deep/weights'), 'utf8')).toBe('w');
});

test('one that stands there is replaced, and so is what an interruption left', async () => {
  const path = join(dir, 'checkpoint_000000');
  await mkdir(join(dir, '.tmp-checkpoint_000000'));
  await writeFile(join(dir, '.tmp-checkpoint_000000', 'torn'), '');
  await saveCheckpoint(path, (temporary) => writeFile(join(temporary, 'first'), ''));
  await saveCheckpoint(path, (temporary) => writeFile(join(temporary, 'second'), ''));
  expect((await readdir(path)).sort()).toEqual(['.attune-manifest.json', 'second']);
});

test('when the saver throws, nothing of it stays and the old one does', async () => {
  const path = join(dir, 'checkpoint_000000');
  await saveCheckpoint(path, (temporary) => writeFile(join(temporary, 'first'), ''));
  await expect(
    saveCheckpoint(path, async (temporary) => {
      await writeFile(join(temporary, 'half'), '');
      throw new Error('disk full');
    }),
  ).rejects.toThrow('disk full');
  expect(await readdir(dir)).toEqual(['checkpoint_000000']);
  expect((await readdir(path)).sort()).toEqual(['.attune-manifest.json', 'first']);
});
