import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runNode } from '../run-node.ts';

interface Trial {
  readonly x: number;
  readonly path: string;
  readonly status: string;
  readonly reason: { readonly by: string; readonly reason: string };
  readonly step: number;
}
interface Run {
  readonly path: string;
  readonly numErrors: number;
  readonly trials: readonly Trial[];
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-e2e-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function halving(scheduler: string, form: string): Promise<Run> {
  const cwd = await mkdtemp(join(folder, 'run-'));
  const script = join(import.meta.dirname, 'scripts/halving.mjs');
  const { stdout } = await runNode([script], { cwd, env: { ...process.env, SCHEDULER: scheduler, FORM: form } });
  return JSON.parse(stdout) as Run;
}

const linesOf = async (...path: readonly string[]): Promise<readonly Record<string, unknown>[]> =>
  (await readFile(join(...path), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** The weights of a trial that nobody ever paused, after each step, as hex. */
function unbroken(x: number, steps: number): readonly string[] {
  let weights = createHash('sha256').update(`x ${x}`).digest();
  return Array.from({ length: steps }, () => (weights = createHash('sha256').update(weights).update(`step ${x}`).digest()).toString('hex'));
}

describe.each(['class', 'function'])('on worker threads, with a %s', (form) => {
  test.each(['hyperband', 'promote', 'delayed'])('%s pauses and resumes trials, and each goes on with its own weights', async (scheduler) => {
    const { path, numErrors, trials } = await halving(scheduler, form);
    expect(numErrors).toBe(0);
    const journal = await linesOf(path, 'journal.jsonl');
    const resumed = journal.filter(({ kind, step }) => kind === 'started' && Number(step) > 0);
    expect(resumed.length).toBeGreaterThan(4);
    for (const { x, path: dir, step } of trials) {
      const rows = await linesOf(dir, 'result.json');
      expect(rows.map((row) => row['weights'])).toEqual(unbroken(x, step));
      const [kept, ...more] = (await readdir(dir)).filter((name) => name.startsWith('checkpoint_'));
      expect(more).toEqual([]); // numToKeep 1
      if (kept !== undefined) expect((await readFile(join(dir, kept, 'weights'))).toString('hex')).toBe(unbroken(x, step).at(-1));
    }
  });
});

test('hyperband() with 20 trials trains one to 81, and says of every other what it lost to', async () => {
  const { trials } = await halving('hyperband', 'class');
  expect([1, 3, 9, 27, 81].map((milestone) => trials.filter(({ step }) => step === milestone).length)).toEqual([0, 11, 6, 2, 1]);
  expect(trials.every(({ status }) => status === 'TERMINATED')).toBe(true);
  for (const { step, reason } of trials)
    expect(reason.reason).toMatch(step === 81 ? /^reached maxT 81$/ : new RegExp(`^bracket 1, rung ${step}: rank \\d+ of \\d+, the best (goes|\\d+ go) on$`));
});
