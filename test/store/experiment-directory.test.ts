import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createExperimentDirectory, removeUnnamed } from '../../src/store/experiment-directory.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'attune-directory-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('the directory of a new experiment', () => {
  test('is made with its parents', () => {
    expect(createExperimentDirectory(join(dir, 'a/b'), 'mine', 'error')).toBe(join(dir, 'a/b/mine'));
  });

  test('is refused when it exists, or numbered', () => {
    createExperimentDirectory(dir, 'mine', 'error');
    expect(() => createExperimentDirectory(dir, 'mine', 'error')).toThrow(expect.objectContaining({ code: 'EXPERIMENT_EXISTS' }));
    expect(['new', 'new'].map(() => createExperimentDirectory(dir, 'mine', 'new'))).toEqual([join(dir, 'mine-2'), join(dir, 'mine-3')]);
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
