import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { registerArtifactType } from '../../src/checkpoint/artifact-types.ts';
import { Trainable } from '../../src/trainable/trainable.ts';
import type { TrialContext } from '../../src/trainable/trial-context.ts';
import { play } from './world.ts';

let dir: string;
beforeEach(async () => {
  dir = join(await mkdtemp(join(tmpdir(), 'attune-trial-')), 'train_abc_00000');
});
afterEach(() => rm(join(dir, '..'), { recursive: true, force: true }));

test('a function saves artifacts beside what it reports', async () => {
  let path = '';
  const { ending } = await play(
    async (_: unknown, trial: TrialContext) => {
      await trial.report({ loss: 1 });
      path = await trial.saveArtifact('note.txt', 'hello', 'text');
    },
    'function',
    { trial: { dir } },
  );
  expect(ending).toEqual({ how: 'completed' });
  expect(path).toBe(join(dir, 'artifacts/text/note.txt'));
  expect(await readFile(path, 'utf8')).toBe('hello');
});

test('a class does so through the trial that setup was given', async () => {
  class Train extends Trainable<unknown> {
    trial?: TrialContext;
    setup(_: unknown, trial: TrialContext): void {
      this.trial = trial;
    }
    async step(): Promise<{ done: true }> {
      await this.trial?.saveArtifact('steps.json', [1], 'json');
      return { done: true };
    }
    save(): void {}
    restore(): void {}
    override async cleanup(): Promise<void> {
      await this.trial?.saveArtifact('last.txt', 'cleaned up', 'text');
    }
  }
  expect((await play(Train, 'class', { trial: { dir } })).ending).toEqual({ how: 'completed' });
  expect((await readdir(join(dir, 'artifacts'), { recursive: true })).sort()).toEqual(['json', join('json', 'steps.json'), 'text', join('text', 'last.txt')]);
});

test('several at once are written one after the other, and before the trial ends, awaited or not', async () => {
  let writing = 0;
  let most = 0;
  registerArtifactType<string>('slow', {
    save: async (value, path) => {
      most = Math.max(most, ++writing);
      await writeFile(path, value);
      writing -= 1;
    },
    load: () => '',
  });
  const implementation = (_: unknown, { saveArtifact }: TrialContext): void => {
    for (const value of ['a', 'b', 'c']) void saveArtifact('same', value, 'slow');
    void saveArtifact('other', 'd', 'slow');
  };
  await play(implementation, 'function', { trial: { dir } });
  expect(most).toBe(1);
  expect(await readFile(join(dir, 'artifacts/slow/same'), 'utf8')).toBe('c');
  expect(existsSync(join(dir, 'artifacts/slow/other'))).toBe(true);
});

test('one that is refused fails the trial, unless the trial catches it; those after it are written', async () => {
  const failing = await play(async (_: unknown, trial: TrialContext) => void (await trial.saveArtifact('a/b', 1, 'json')), 'function', { trial: { dir } });
  expect(failing.ending).toMatchObject({ how: 'failed', error: { code: 'ARTIFACT_INVALID' } });
  const catching = await play(
    async (_: unknown, trial: TrialContext) => {
      await trial.saveArtifact('it', 1, 'unheard-of').catch(() => {});
      await trial.saveArtifact('it', 1, 'json');
    },
    'function',
    { trial: { dir } },
  );
  expect(catching.ending).toEqual({ how: 'completed' });
  expect(await readdir(join(dir, 'artifacts/json'))).toEqual(['it']);
});

test('a trial that was told to stop can still save what it has', async () => {
  const { ending } = await play(
    async (_: unknown, trial: TrialContext) => {
      try {
        for (;;) await trial.report({ loss: 1 });
      } finally {
        await trial.saveArtifact('why.txt', String(trial.signal.reason), 'text');
      }
    },
    'function',
    { trial: { dir }, replies: [{ then: 'continue' }, { then: 'stop', reason: 'rung 1' }] },
  );
  expect(ending).toEqual({ how: 'stopped' });
  expect(await readFile(join(dir, 'artifacts/text/why.txt'), 'utf8')).toBe('TrialStopped: rung 1');
});
