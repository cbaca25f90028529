import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const exec = promisify(execFile);
const scripts = join(import.meta.dirname, 'scripts');
const root = resolve(import.meta.dirname, '../../..');
const tsx = join(root, 'node_modules/tsx/dist/cli.mjs');

interface Printed {
  readonly trials: readonly {
    readonly config: Record<string, unknown>;
    readonly metrics: Record<string, unknown>;
    readonly status: string;
    readonly reason?: { readonly reason: string };
    readonly error?: { readonly code?: string; readonly message: string };
  }[];
  readonly [more: string]: unknown;
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-e2e-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Script = <T = Printed>(name: string, ...node: readonly string[]) => Promise<{ readonly printed: T; readonly stderr: string; readonly cwd: string }>;

/** Runs a script in an empty folder as a user would; what it printed last is JSON. */
const scriptOn =
  (executor: string): Script =>
  async <T>(name: string, ...node: readonly string[]) => {
    const cwd = await mkdtemp(join(folder, 'run-'));
    const { stdout, stderr } = await exec(process.execPath, [...node, join(scripts, name)], { cwd, env: { ...process.env, EXECUTOR: executor } });
    return { printed: JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as T, stderr, cwd };
  };

describe.each(['threads', 'processes'])('where a worker of %s finds a trainable', (executor) => {
  const script = scriptOn(executor);

  test('in the script that also tunes it, unguarded; what stands above fit() runs in every worker, what stands below does not', async () => {
    const { printed, cwd } = await script('same-file.mjs');
    expect(printed.trials).toHaveLength(4);
    expect(printed.trials.every(({ status, metrics, config }) => status === 'TERMINATED' && metrics['loss'] === (config['x'] as number) ** 2)).toBe(true);
    const evaluations = (await readFile(join(cwd, 'top-level.txt'), 'utf8')).trim().split('\n');
    expect(evaluations.filter((where) => where === 'main')).toHaveLength(1);
    expect(evaluations.filter((where) => where === 'worker').length).toBeGreaterThan(0);
    expect(await readFile(join(cwd, 'below.txt'), 'utf8')).toBe('x');
  });

  test('in a module that has to wait before it defines it, which may define two', async () => {
    const { printed } = await script<number[]>('two-in-one.mjs');
    expect(printed).toEqual([0.5, 1]);
  });

  test('in a module that never ends', async () => {
    const { printed } = await script('never-ending-module.mjs');
    expect(printed.trials.map(({ metrics }) => metrics['loss'])).toEqual([1, 1]);
  });

  test('nowhere, when a closure defines it, or only what comes below the first fit(): refused before any trial', async () => {
    const { printed } = await script<string[]>('unreachable.mjs');
    expect(printed).toEqual([
      expect.stringMatching(
        /^TRAINABLE_UNREACHABLE: .*unreachable\.mjs to define the trainable "inside" in a worker, got only "there" before its first call that opens/,
      ),
      expect.stringMatching(/^TRAINABLE_UNREACHABLE: .*bare function or class/),
      expect.stringMatching(/^TRAINABLE_UNREACHABLE: .*"below" in a worker, got only "there".*above the first `fit\(\)`/),
    ]);
  });
});

describe.each(['threads', 'processes'])('TypeScript in %s', (executor) => {
  const script = scriptOn(executor);

  test('a script and its trainable under tsx, with syntax that Node cannot strip; an error names the line in the source', async () => {
    const { printed } = await script('typed-script.ts', tsx);
    expect(printed.trials[0]?.metrics['loss']).toBe(2);
    expect(printed.trials[1]?.error?.message).toContain('from typescript');
    const source = await readFile(join(scripts, 'typed-trainable.ts'), 'utf8');
    const line = source.split('\n').findIndex((text) => text.includes('throw new Error')) + 1;
    expect(printed['stack']).toContain(`typed-trainable.ts:${line}`);
  });
});

describe.each(['threads', 'processes'])('where fit() works, with %s', (executor) => {
  const script = scriptOn(executor);

  test('in a worker of the user', async () => {
    const { printed } = await script<{ losses: number[] }>('own-worker.mjs');
    expect(printed.losses).toEqual([1, 1]);
  });

  test('not inside a running trial, which fails with NESTED_FIT', async () => {
    const { printed } = await script('nested.mjs');
    expect(printed.trials[0]).toMatchObject({ status: 'ERROR', error: { code: 'NESTED_FIT' } });
  });
});

describe.each(['threads', 'processes'])('trials in %s', (executor) => {
  const script = scriptOn(executor);

  test('a worker that dies takes only its own trial with it', async () => {
    const { printed } = await script('deaths.mjs');
    const outcomes = Object.fromEntries(printed.trials.map(({ config, status, error }) => [config['way'], error?.code ?? error?.message ?? status]));
    expect(outcomes).toEqual({
      exit: 'WORKER_DIED',
      memory: 'OUT_OF_MEMORY',
      'a rejection nobody handles': 'WORKER_DIED',
      'an error in a timer': 'WORKER_DIED',
      'a thrown string': expect.stringContaining('"just a string" was thrown'),
      'a thrown undefined': expect.stringContaining('undefined was thrown'),
      none: 'TERMINATED',
      'none again': 'TERMINATED',
    });
  });

  test('one that blocks is ended at its time limit, one that swallows a stop after its grace; the signal reaches one that waits and one that polls', async () => {
    const { printed } = await script('ends.mjs');
    const outcomes = Object.fromEntries(printed.trials.map(({ config, status, reason, error }) => [config['way'], error?.code ?? reason?.reason ?? status]));
    expect(outcomes).toEqual({
      'blocks for ever': 'TRIAL_TIMEOUT',
      'swallows the stop': 'at a report',
      'polls the signal': 'between reports',
      'listens to the signal': 'between reports',
      'ends by itself': 'completed',
    });
  });

  test('a class goes on from what it saved, and saves at its end', async () => {
    const { printed } = await script('class-trainable.mjs');
    expect(printed.trials[0]).toMatchObject({ status: 'TERMINATED', metrics: { loss: -4, training_iteration: 4 } });
    expect(printed['saved']).toBe('4');
  });

  test('a worker looks at a checkpoint before the trial sees it: a damaged one is not used', async () => {
    const { printed } = await script<unknown>('damages.mjs');
    expect(printed).toEqual({ status: 'TERMINATED', starts: '0=0 2=2' });
  });

  test('what a trial prints is in its directory, in files made with their first byte', async () => {
    const { printed } = await script<unknown[]>('prints.mjs');
    expect(printed).toEqual([
      ['one\n', 'and one\n'],
      ['two\n', 'and two\n'],
      [null, null],
    ]);
  });
});
