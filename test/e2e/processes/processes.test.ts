import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runNode } from '../run-node.ts';

const scripts = join(import.meta.dirname, 'scripts');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-processes-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a script in an empty folder; what it printed last is JSON. */
async function script<T>(name: string): Promise<{ readonly printed: T; readonly stderr: string }> {
  const { stdout, stderr } = await runNode([join(scripts, name)], { cwd: await mkdtemp(join(folder, 'run-')) });
  return { printed: JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as T, stderr };
}

describe('a process that ends under its trial', () => {
  test('costs that run only: the trial goes on from its checkpoint in another process, or fails with what happened', async () => {
    const { printed } = await script<{
      driver: number;
      retried: readonly string[];
      once: readonly unknown[];
      pids: readonly number[][];
      always: readonly (readonly [string, string, string])[];
    }>('crashes.mjs');
    const reasons = ['exit code 3', 'signal SIGSEGV', 'signal SIGABRT', 'signal SIGKILL', 'from a timer'];
    expect(printed.once).toEqual(reasons.map(() => ['TERMINATED', 4, 4, 2]));
    expect(printed.retried.slice(0, 5).sort()).toEqual(reasons.map((reason) => expect.stringContaining(`got one that ended (Error: ${reason})`)).sort());
    expect(printed.always.map(([, code, message]) => [code, /\(Error: (.*?)\)/.exec(message)?.[1]])).toEqual(reasons.map((reason) => ['WORKER_DIED', reason]));
    for (const pids of printed.pids) expect(pids).toHaveLength(2);
    expect(printed.pids.flat()).not.toContain(printed.driver);
  });

  test('when its trial is over costs nothing: the next one, which it was given and has not begun, runs in another', async () => {
    const { printed } = await script('between-trials.mjs');
    expect(printed).toEqual({ outcomes: ['TERMINATED', 'TERMINATED'], elsewhere: true });
  });

  test('because something was written into what it says has one clear error, and nobody waits for what was lost', async () => {
    const { printed } = await script<readonly unknown[]>('spoiled.mjs');
    const spoiled = ['WORKER_DIED', expect.stringContaining('something else wrote into its messages')];
    expect(printed).toEqual([
      ['ERROR', ...spoiled],
      ['ERROR', ...spoiled],
      ['ERROR', ...spoiled],
      ['TERMINATED', null, null],
    ]);
  });
});

describe('the environment of a slot', () => {
  test('is there before the module of the trainable is loaded', async () => {
    const { printed } = await script<readonly { GPU: string }[]>('environment.mjs');
    const slot = (GPU: string) => ({ GPU, GONE: null, KEPT: 'kept', argv: 2, flag: 'function' });
    expect([...printed].sort((a, b) => Number(a.GPU) - Number(b.GPU))).toEqual(['0', '1', '2'].map(slot));
  });
});

describe('memoryMb', () => {
  test('ends the trial that has more, with both numbers, while it waits or not; the next one has a process with room', async () => {
    type Outcome = readonly [string, string, string | number, number | undefined];
    const { printed, stderr } = await script<{ limited: readonly Outcome[]; heap: Outcome; stderr: string }>('memory.mjs');
    const over = ['OUT_OF_MEMORY', expect.stringMatching(/expected at most 256 MB of (?:resident memory|V8 heap), got \d+(?:\.\d)? MB/)];
    const [heap, never, waits, leaves, after, last] = printed.limited;
    expect(heap?.slice(1, 3)).toEqual(over);
    for (const buffers of [never, waits]) {
      expect(buffers?.slice(1, 3)).toEqual(over);
      expect(Number(/got (\S+) MB/.exec(String(buffers?.[2]))?.[1])).toBeGreaterThan(256);
    }
    expect([leaves, after, last].map((outcome) => outcome?.slice(1, 3))).toEqual([
      ['TERMINATED', 1],
      ['TERMINATED', 0],
      ['TERMINATED', 0],
    ]);
    expect(after?.[3]).not.toBe(leaves?.[3]);
    expect(last?.[3]).toBe(after?.[3]);

    // V8's own limit, without memoryMb: what V8 had to say is in the trial's file, not on the console.
    expect(printed.heap.slice(1, 3)).toEqual([
      'OUT_OF_MEMORY',
      expect.stringMatching(/expected at most \d+(?:\.\d)? MB of V8 heap, got \d+(?:\.\d)? MB in use/),
    ]);
    expect(await readFile(join(printed.stderr, 'stderr'), 'utf8')).toContain('heap out of memory');
    expect(stderr).not.toContain('heap out of memory');
  });
});

describe('what a trial writes past Node, and what it starts', () => {
  test('goes to its files, does the messages no harm however large they are, and gets none of them', async () => {
    const { printed } = await script<{ stdout: readonly string[]; stderr: string }>('foreign-output.mjs');
    const steps = [0, 1, 2, 3, 4];
    expect(printed).toEqual({
      status: 'TERMINATED',
      steps: 25,
      length: 1_000_000,
      stdout: ['native', 'child', 'console'].flatMap((from) => steps.map((step) => `${from} ${step}`)).sort(),
      stderr: '\x1e{"kind":"close"}\n'.repeat(5),
    });
  });
});
