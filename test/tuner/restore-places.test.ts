import { cpSync, mkdirSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { TuneConfig } from '../../src/index.ts';
import { Tuner } from '../../src/index.ts';
import { checkWhole, configsOf, restore, training, tunerIn } from './restorable.ts';
import { journalOf, temporaryStorage } from './temporary-storage.ts';

const storagePath = temporaryStorage();
const journal = (path: string): string => join(path, 'journal.jsonl');
const whole = await tunerIn(storagePath, 'whole', training()).fit();

/** An experiment that was interrupted in its third trial; where it lies. */
async function interrupted(name: string): Promise<string> {
  const abort = new AbortController();
  const halting = training((trial) => void (trial.id.endsWith('2') && trial.iteration === 2 && abort.abort()));
  return (await tunerIn(storagePath, name, halting, {}, 2).fit({ signal: abort.signal })).experimentPath;
}

describe('an experiment directory', () => {
  test('may be moved', async () => {
    const moved = join(storagePath, 'elsewhere');
    renameSync(await interrupted('moved'), moved);
    const grid = await (await restore(moved)).fit();
    expect(grid.experimentPath).toBe(moved);
    checkWhole(grid, 6);
    expect(configsOf(grid)).toEqual(configsOf(whole));
    expect(grid.get(0).checkpoint?.path.startsWith(moved)).toBe(true);
  });

  test('may be copied, and each copy goes on for itself, at the same time too', async () => {
    const path = await interrupted('original');
    const copies = ['copy-1', 'copy-2'].map((name) => join(storagePath, name));
    for (const copy of copies) cpSync(path, copy, { recursive: true });
    const grids = await Promise.all([path, ...copies].map(async (each) => (await restore(each)).fit()));
    for (const grid of grids) checkWhole(grid, 6);
    expect(grids.map(({ experimentPath }) => experimentPath)).toEqual([path, ...copies]);
  });

  test('has its own path nowhere in its journal', async () => {
    expect(readFileSync(journal(await interrupted('pathless')), 'utf8')).not.toContain(storagePath);
  });

  test('with an unfinished experiment is not begun anew: fit() says how it goes on', async () => {
    const path = await interrupted('standing');
    const refused = tunerIn(storagePath, 'standing', training()).fit();
    await expect(refused).rejects.toMatchObject({
      code: 'EXPERIMENT_EXISTS',
      message: expect.stringMatching(
        /standing", which holds an unfinished experiment \(\d trials so far, \d of them ended; signal interrupted it\)\. Hint: Tuner\.restore\(".*standing", trainable, options\) continues it/,
      ),
    });
    checkWhole(await (await restore(path)).fit(), 6);
    await expect(tunerIn(storagePath, 'standing', training()).fit()).rejects.toThrow(
      'which holds an experiment that has ended (6 trials). Hint: Tuner.restore(',
    );
  });
});

describe('Tuner.canRestore', () => {
  const holding = (name: string, files: Readonly<Record<string, string>>): string => {
    const path = join(storagePath, name);
    mkdirSync(path);
    for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
    return path;
  };

  test('is true for an experiment, whatever its state', async () => {
    expect(await Tuner.canRestore(whole.experimentPath)).toBe(true);
    expect(await Tuner.canRestore(await interrupted('can-restore'))).toBe(true);
  });

  test.each<[string, () => string, string]>([
    ['nothing', () => join(storagePath, 'nowhere'), 'EXPERIMENT_NOT_FOUND'],
    ['a storage of experiments', () => storagePath, 'EXPERIMENT_NOT_FOUND'],
    ['the folder of a trial', () => whole.get(0).path, 'EXPERIMENT_NOT_FOUND'],
    ['a file', () => journal(whole.experimentPath), 'EXPERIMENT_NOT_FOUND'],
    ['an empty directory', () => holding('empty', {}), 'EXPERIMENT_NOT_FOUND'],
    ['files of something else', () => holding('foreign', { 'notes.md': '#', 'results.jsonl': '{}\n' }), 'EXPERIMENT_NOT_FOUND'],
    ['a journal of zero whole lines', () => holding('torn', { 'journal.jsonl': '{"kind":"created","sch' }), 'EXPERIMENT_NOT_FOUND'],
    ['a journal of another version', () => holding('newer', { 'journal.jsonl': '{"kind":"created","schema":2}\n' }), 'JOURNAL_VERSION'],
    ["somebody else's journal", () => holding('other', { 'journal.jsonl': '{"msg":"hello"}\n' }), 'JOURNAL_VERSION'],
    ['a journal that is no text', () => holding('binary', { 'journal.jsonl': '\u0000\n' }), 'JOURNAL_INVALID'],
  ])('is false for %s, and a restore says why', async (_, make, code) => {
    const path = make();
    expect(await Tuner.canRestore(path)).toBe(false);
    await expect(restore(path)).rejects.toMatchObject({ code, message: expect.stringContaining(path) });
  });
});

describe('a journal that was torn in its first write', () => {
  const options = {
    tuneConfig: { pointsToEvaluate: [{ x: 0.25 }, { x: 0.5 }] } as TuneConfig,
    runConfig: { stop: { training_iteration: 2 }, resources: { cpu: 2 } },
  };

  /** Cut after so many bytes, with nothing but the journal left. */
  function torn(original: string, name: string, bytes: number): string {
    const path = join(storagePath, name);
    mkdirSync(path);
    cpSync(journal(original), journal(path));
    truncateSync(journal(path), bytes);
    return path;
  }

  test('behind its first line goes on with the samples, points and stop rules of the experiment', async () => {
    const all = await tunerIn(storagePath, 'first-write', training(), options).fit();
    const text = readFileSync(journal(all.experimentPath));
    const begun = text.indexOf('"kind":"queued"');
    const first = text.indexOf('\n') + 1;
    for (const cut of [first, first + 20, ...lineEnds(text).filter((end) => end > first && end < begun)]) {
      const grid = await (await restore(torn(all.experimentPath, `first-write-${cut}`, cut), { runConfig: { resources: { cpu: 2 } } })).fit();
      expect(configsOf(grid)).toEqual(configsOf(all));
      expect([...grid].map(({ metrics }) => metrics.training_iteration)).toEqual([2, 2, 2, 2, 2, 2]);
      expect(journalOf(grid.experimentPath).filter(({ kind }) => kind === 'enqueued')).toMatchObject([{ config: { x: 0.25 } }, { config: { x: 0.5 } }]);
    }
  });

  test('in its first line holds nothing, and stands in nobody’s way', async () => {
    const path = torn(whole.experimentPath, 'never-began', 100);
    expect(await Tuner.canRestore(path)).toBe(false);
    await expect(restore(path)).rejects.toThrow('whose journal has no whole line. Hint: It was ended before its first line was written');
    const grid = await tunerIn(storagePath, 'never-began', training()).fit();
    expect(grid.experimentPath).toBe(path);
    checkWhole(grid, 6);
  });
});

const lineEnds = (text: Buffer): readonly number[] => [...text.entries()].flatMap(([i, byte]) => (byte === 10 ? [i + 1] : []));
