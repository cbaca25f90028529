import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lockExperiment } from '../../src/store/lock.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'attune-lock-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const me = { pid: process.pid, host: 'here' };

describe('the lock of an experiment', () => {
  test('refuses a second session, and is given back', () => {
    {
      using _lock = lockExperiment(dir, me);
      expect(() => lockExperiment(dir, me)).toThrow(expect.objectContaining({ code: 'EXPERIMENT_LOCKED' }));
    }
    expect(existsSync(join(dir, 'lock'))).toBe(false);
    lockExperiment(dir, me)[Symbol.dispose]();
  });

  test('takes over the lock of a process that is gone, and a torn one', () => {
    for (const left of [JSON.stringify({ pid: 2 ** 22 + 1, host: 'here' }), '{"pi']) {
      writeFileSync(join(dir, 'lock'), left);
      utimesSync(join(dir, 'lock'), 0, 0);
      lockExperiment(dir, me)[Symbol.dispose]();
    }
  });

  test('respects the lock of another host, where nobody can look', () => {
    writeFileSync(join(dir, 'lock'), JSON.stringify({ pid: 1, host: 'elsewhere' }));
    expect(() => lockExperiment(dir, me)).toThrow(expect.objectContaining({ code: 'EXPERIMENT_LOCKED' }));
  });
});
