import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createExperimentDirectory, hasBegun, isUnbegun, removeUnnamed } from '../../src/store/experiment-directory.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'attune-directory-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const CREATED = { kind: 'created', schema: 1, seed: 7 };
const queued = (trial: number) => ({ kind: 'queued', trial, config: {}, tag: '', dir: String(trial), by: { kind: 'searcher', index: trial }, asked: 0 });
const ended = (trial: number) => [
  { kind: 'started', trial, run: trial, step: 0 },
  { kind: 'completed', trial },
];
const QUEUED = [queued(0), ...ended(0), queued(1)];
const HALTED = [{ kind: 'opened', samples: 1, slots: 1 }, queued(0), ...ended(0), { kind: 'halted', by: 'timeBudgetS' }, { kind: 'closed' }];
const ENDED = [...HALTED.slice(0, -2), { kind: 'closed' }];

/** Writes a journal. */
function begin(path: string, lines: readonly object[] = []): void {
  writeFileSync(join(path, 'journal.jsonl'), [CREATED, ...lines].map((line) => `${JSON.stringify({ ...line, at: 0 })}\n`).join(''));
}

describe('the directory of a new experiment', () => {
  test('is made with its parents', () => {
    expect(createExperimentDirectory(join(dir, 'a/b'), 'mine', 'error')).toBe(join(dir, 'a/b/mine'));
  });

  test('is refused when it exists, or numbered', () => {
    begin(createExperimentDirectory(dir, 'mine', 'error'));
    expect(() => createExperimentDirectory(dir, 'mine', 'error')).toThrow(expect.objectContaining({ code: 'EXPERIMENT_EXISTS' }));
    expect(['new', 'new'].map(() => createExperimentDirectory(dir, 'mine', 'new'))).toEqual([join(dir, 'mine-2'), join(dir, 'mine-3')]);
  });

  test.each([
    ['nothing', 'nothing', 'another runConfig.name', () => {}],
    ['files of something else', 'files of something else', 'another runConfig.name', (path: string) => writeFileSync(join(path, 'notes'), '')],
    ['an unfinished experiment', 'an unfinished experiment (2 trials so far, 1 of them ended)', 'Tuner.restore("', (path: string) => begin(path, QUEUED)],
    ['one that was stopped early', 'an unfinished experiment (1 trial so far, 1 of them ended)', 'continues it', (path: string) => begin(path, HALTED)],
    ['one that is over', 'an experiment that has ended (1 trial)', 'adds samples', (path: string) => begin(path, ENDED)],
    [
      'one of another version',
      'an experiment that cannot be read: ',
      'Use the version of attune that wrote it, or a newer one; or use another runConfig.name',
      (path: string) => writeFileSync(join(path, 'journal.jsonl'), '{"kind":"created","schema":2}\n'),
    ],
    [
      'one that is damaged',
      'an experiment that cannot be read: ',
      'report it',
      (path: string) => {
        begin(path);
        appendFileSync(join(path, 'journal.jsonl'), '\0\0\n{}\n');
      },
    ],
  ])('with %s is left alone, and the error says what it holds and how it is continued', (_, holds, hint, fill) => {
    fill(createExperimentDirectory(dir, 'mine', 'error'));
    const before = readdirSync(join(dir, 'mine'));
    expect(() => createExperimentDirectory(dir, 'mine', 'error')).toThrow(
      expect.objectContaining({
        code: 'EXPERIMENT_EXISTS',
        message: expect.stringContaining(`got "${join(dir, 'mine')}", which holds ${holds}`),
        hint: expect.stringContaining(hint),
      }),
    );
    expect(readdirSync(join(dir, 'mine'))).toEqual(before);
  });

  test.each([
    ['a lock', ['lock']],
    ['a journal without a whole line', ['lock', 'journal.jsonl', 'experiment.json', 'experiment.json.tmp-4711']],
  ])('is taken where one that never began left %s', (_, files) => {
    const path = createExperimentDirectory(dir, 'mine', 'error');
    for (const name of files) writeFileSync(join(path, name), '{"kind":"crea');
    expect([hasBegun(path), isUnbegun(path)]).toEqual([false, true]);
    expect(createExperimentDirectory(dir, 'mine', 'error')).toBe(path);
    expect(createExperimentDirectory(dir, 'mine', 'new')).toBe(`${path}-2`); // its maker may be about to begin
  });

  test('is refused where nothing can be made, on file systems too that never say why', () => {
    writeFileSync(join(dir, 'file'), '');
    for (const storage of [join(dir, 'file/x'), '/proc/x']) {
      expect(() => createExperimentDirectory(storage, 'mine', 'error')).toThrow(expect.objectContaining({ code: 'STORAGE_UNWRITABLE' }));
    }
  });
});

test('what no event names is removed from the directory of a trial, and nothing else', () => {
  for (const name of ['.tmp-checkpoint_000002', 'checkpoint_000000', 'checkpoint_000001', 'mine']) mkdirSync(join(dir, name));
  removeUnnamed(dir, new Set(['checkpoint_000001']));
  expect(readdirSync(dir).sort()).toEqual(['checkpoint_000001', 'mine']);
});
