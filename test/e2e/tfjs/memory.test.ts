import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runNode } from '../run-node.ts';

const scripts = join(import.meta.dirname, 'scripts');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-tensors-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a script in an empty folder; what it printed last is JSON. */
async function script<T>(name: string, executor: string): Promise<T> {
  const { stdout } = await runNode([join(scripts, name), executor], { cwd: await mkdtemp(join(folder, 'run-')) });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as T;
}

interface Row {
  readonly held: number;
  readonly tensors: number;
  readonly bytes: number;
  readonly tensors_left: number;
  readonly bytes_left: number;
  readonly rss: number;
  readonly pid: number;
}

describe.each(['threads', 'processes'])('200 trials in one worker of %s()', (executor) => {
  test('leave tensors, bytes and the process as they found them', async () => {
    const { rows, warnings } = await script<{ rows: readonly Row[]; warnings: readonly string[] }>('tidy-trials.mjs', executor);
    expect(rows).toHaveLength(200);
    expect(new Set(rows.map(({ pid }) => pid)).size).toBe(1);
    const [first] = rows;
    for (const row of rows) {
      expect(row.held).toBeGreaterThan(row.tensors);
      expect([row.tensors, row.bytes, row.tensors_left, row.bytes_left]).toEqual([first?.tensors, first?.bytes, first?.tensors, first?.bytes]);
    }
    expect(rows[199]?.rss).toBeLessThanOrEqual(1.2 * Number(rows[19]?.rss));
    expect(warnings).toEqual([]);
  });
});

interface Told {
  readonly trials: readonly { readonly status: string; readonly tensors?: number; readonly worker?: string }[];
  readonly warnings: readonly string[];
}

describe.each(['threads', 'processes'])('trials that forget tensors in %s()', (executor) => {
  test('are named, with the count and the size, and get a new worker once there are too many', async () => {
    const { trials, warnings } = await script<Told>('leaks.mjs', executor);
    expect(trials.map(({ status }) => status)).toEqual([...Array<string>(6).fill('TERMINATED'), 'ERROR']);
    expect(trials.map(({ tensors }) => tensors)).toEqual([0, 3, 3, 603, 1203, 0, undefined]);
    const [old, , , , last, next] = trials.map(({ worker }) => worker);
    expect(last).toBe(old);
    expect(next).not.toBe(old);
    expect(warnings.map((text) => text.replace(/^\w{5}_/, ''))).toEqual([
      expect.stringMatching(/^00001: it left 3 tensors in memory \(1\.2 kB\)\. Give back models .*tidy\(\)\.$/),
      expect.stringMatching(/^00003: it left 600 tensors in memory \(240\.0 kB\)/),
      expect.stringMatching(/^00004: it left 600 tensors .* Its worker, in which trials have left 1203 by now, is replaced\.$/),
      expect.stringMatching(/^00006: it left 2 tensors in memory \(800 bytes\)/),
    ]);
  });
});
