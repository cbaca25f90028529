import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lockExperiment } from '../../src/store/lock.ts';
import { FaultyDisk } from './faulty-disk.ts';

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

  test('respects one that is being written', () => {
    for (const text of ['', '{"pi', 'null', '7']) {
      writeFileSync(join(dir, 'lock'), text);
      expect(() => lockExperiment(dir, me)).toThrow(expect.objectContaining({ code: 'EXPERIMENT_LOCKED' }));
    }
  });

  test.runIf(existsSync('/proc/self/stat'))('takes over the lock of a process whose pid another one has got', () => {
    lockExperiment(dir, me);
    const mine = JSON.parse(readFileSync(join(dir, 'lock'), 'utf8')) as object;
    expect(mine).toMatchObject({ ...me, started: expect.stringMatching(/^[0-9a-f-]{36} \d+$/) });
    writeFileSync(join(dir, 'lock'), JSON.stringify({ ...mine, started: 'another boot 4711' }));
    lockExperiment(dir, me)[Symbol.dispose]();
    expect(existsSync(join(dir, 'lock'))).toBe(false);
  });

  test('names the process and the host that hold it', () => {
    using _lock = lockExperiment(dir, me);
    expect(() => lockExperiment(dir, me)).toThrow(`got process ${process.pid} on here.`);
  });

  test('is not given back when it has become the lock of somebody else', () => {
    const lock = lockExperiment(dir, me);
    writeFileSync(join(dir, 'lock'), JSON.stringify({ pid: 1, host: 'elsewhere' }));
    lock[Symbol.dispose]();
    expect(existsSync(join(dir, 'lock'))).toBe(true);
  });

  test('that could not be removed is not held', () => {
    using disk = new FaultyDisk(dir);
    const lock = lockExperiment(dir, me);
    disk.fails = () => 'EROFS';
    lock[Symbol.dispose]();
    disk.fails = () => undefined;
    using _again = lockExperiment(dir, me);
    expect(() => lockExperiment(dir, me)).toThrow(expect.objectContaining({ code: 'EXPERIMENT_LOCKED' }));
  });

  test('that was moved or copied with its directory is held as long as its session goes on', () => {
    const [moved, copied] = [join(dir, 'moved'), join(dir, 'copied')];
    mkdirSync(join(dir, 'old'));
    {
      using _lock = lockExperiment(join(dir, 'old'), me);
      cpSync(join(dir, 'old'), copied, { recursive: true });
      renameSync(join(dir, 'old'), moved);
      for (const path of [moved, copied]) expect(() => lockExperiment(path, me)).toThrow(expect.objectContaining({ code: 'EXPERIMENT_LOCKED' }));
    }
    for (const path of [moved, copied]) {
      using _again = lockExperiment(path, me);
      expect(() => lockExperiment(path, me)).toThrow(expect.objectContaining({ code: 'EXPERIMENT_LOCKED' }));
    }
  });

  test('is taken where there are no hard links', () => {
    using disk = new FaultyDisk(dir);
    disk.fails = ({ what }) => (what === 'link' ? 'EPERM' : undefined);
    using _lock = lockExperiment(dir, me);
    expect(() => lockExperiment(dir, me)).toThrow(expect.objectContaining({ code: 'EXPERIMENT_LOCKED' }));
    expect(readdirSync(dir)).toEqual(['lock']);
  });

  test('of a directory that cannot be written is an error of the storage', () => {
    using disk = new FaultyDisk(dir);
    disk.fails = () => 'EACCES';
    expect(() => lockExperiment(dir, me)).toThrow(expect.objectContaining({ code: 'STORAGE_UNWRITABLE' }));
  });

  test('respects the lock of another host, where nobody can look', () => {
    writeFileSync(join(dir, 'lock'), JSON.stringify({ pid: 1, host: 'elsewhere' }));
    expect(() => lockExperiment(dir, me)).toThrow(expect.objectContaining({ code: 'EXPERIMENT_LOCKED' }));
  });
});
