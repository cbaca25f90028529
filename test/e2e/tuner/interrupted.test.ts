import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';

const exec = promisify(execFile);
const scripts = join(import.meta.dirname, 'scripts');
const folder = mkdtempSync(join(tmpdir(), 'attune-e2e-tuner-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Trial {
  readonly config: { readonly x: number };
  readonly status: string;
  readonly step: number;
  readonly loss: number;
  readonly path: string;
}
interface Line {
  readonly kind: string;
  readonly trial?: number;
  readonly step?: number;
  readonly by?: unknown;
  readonly interrupt?: boolean;
}

const linesOf = (path: string): readonly Line[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);

const trialsOf = (stdout: string): readonly Trial[] => JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as readonly Trial[];

/** Starts an experiment whose third trial waits after its third report, and sends `signal` once the other slot has gone on to the end. */
async function interrupt(
  dir: string,
  signal: NodeJS.Signals,
): Promise<{ readonly code: number | null; readonly signal: string | null; readonly stdout: string }> {
  const child = spawn(process.execPath, [join(scripts, 'experiment.mjs'), 'fit', dir], {
    env: { ...process.env, HOLD: 'yes' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const seen: string[] = [];
  let sent = false;
  createInterface({ input: child.stdout }).on('line', (line) => {
    seen.push(line);
    // The last report of the fourth trial comes while the third one waits, whoever was first.
    if (sent || !seen.includes('reported 2 3') || !seen.includes('reported 3 4')) return;
    sent = true;
    child.kill(signal);
  });
  const [code, killedBy] = (await once(child, 'close')) as [number | null, string | null];
  return { code, signal: killedBy, stdout: seen.join('\n') };
}

async function restore(dir: string): Promise<readonly Trial[]> {
  return trialsOf((await exec(process.execPath, [join(scripts, 'experiment.mjs'), 'restore', dir])).stdout);
}

/** Six trials with six reports each, in the journal and in their logs, each once. */
function checkWhole(dir: string, trials: readonly Trial[]): void {
  const steps = [1, 2, 3, 4, 5, 6];
  const lines = linesOf(join(dir, 'journal.jsonl'));
  expect(trials.map(({ status, step }) => [status, step])).toEqual(Array.from({ length: 6 }, () => ['TERMINATED', 6]));
  for (const [i, { path, config, loss }] of trials.entries()) {
    expect(lines.filter(({ kind, trial }) => kind === 'queued' && trial === i)).toHaveLength(1);
    expect(lines.filter(({ kind, trial }) => kind === 'completed' && trial === i)).toHaveLength(1);
    expect(lines.filter(({ kind, trial }) => kind === 'reported' && trial === i).map(({ step }) => step)).toEqual(steps);
    const rows = linesOf(join(path, 'result.json')) as unknown as readonly {
      readonly training_iteration: number;
      readonly checkpoint_dir_name: string | null;
    }[];
    expect(rows.map((row) => row.training_iteration)).toEqual(steps);
    for (const { checkpoint_dir_name: name } of rows) expect(existsSync(join(path, String(name), 'state'))).toBe(true);
    expect(readFileSync(join(path, 'progress.csv'), 'utf8').trim().split('\n')).toHaveLength(7);
    expect(loss).toBeCloseTo(config.x + 1 / 6, 12);
  }
  expect(lines.at(-1)?.kind).toBe('closed');
  expect(existsSync(join(dir, 'lock'))).toBe(false);
}

const whole = (async () => trialsOf((await exec(process.execPath, [join(scripts, 'experiment.mjs'), 'fit', join(folder, 'whole')])).stdout))();

describe('an experiment whose process ends in the middle is continued by Tuner.restore', () => {
  test('after kill -9', async () => {
    const dir = join(folder, 'killed');
    expect(await interrupt(dir, 'SIGKILL')).toMatchObject({ code: null, signal: 'SIGKILL' });
    const lines = linesOf(join(dir, 'journal.jsonl'));
    expect(lines.at(-1)?.kind).not.toBe('closed');
    const trials = await restore(dir);
    checkWhole(dir, trials);
    expect(trials.map(({ config }) => config)).toEqual((await whole).map(({ config }) => config));
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('after %s: it drains, and ends by itself', async (signal) => {
    const dir = join(folder, signal);
    const { code, stdout } = await interrupt(dir, signal);
    expect(code).toBe(signal === 'SIGINT' ? 130 : 143);
    expect(trialsOf(stdout).find((_, i) => i === 2)).toMatchObject({ status: 'RUNNING', step: 3 });
    const lines = linesOf(join(dir, 'journal.jsonl'));
    expect(lines.filter(({ kind }) => kind === 'halted')).toMatchObject([{ by: signal, interrupt: true }]);
    expect(lines.at(-1)?.kind).toBe('closed');
    expect(existsSync(join(dir, 'lock'))).toBe(false);

    const trials = await restore(dir);
    checkWhole(dir, trials);
    expect(trials.map(({ config }) => config)).toEqual((await whole).map(({ config }) => config));
  });
});

test('several experiments in a script, in turn, side by side and in the flat form; it ends by itself', async () => {
  const cwd = mkdtempSync(join(folder, 'several-'));
  const { stdout, stderr } = await exec(process.execPath, [join(scripts, 'several.mjs')], { cwd });
  const [first, second, third, fourth, fifth] = JSON.parse(stdout) as readonly (readonly [number, number][])[];
  expect(stderr).toBe('');
  expect(first?.map(([, step]) => step)).toEqual([6, 6, 6]);
  expect(third).toEqual(first); // the same seed
  expect(fourth).toEqual(second);
  expect(second).not.toEqual(first);
  expect(fifth).toEqual(first?.map(([x]) => [x, 2]));
});
