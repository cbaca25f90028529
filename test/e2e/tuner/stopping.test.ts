import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'attune-e2e-stopping-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (by: string, executor: string): Promise<{ readonly code: number; readonly stdout: string }> =>
  new Promise((done) => {
    const env = { ...process.env, FOLDER: folder, BY: by, EXECUTOR: executor };
    execFile(process.execPath, [join(import.meta.dirname, 'scripts/stopping.mjs')], { env }, (error, stdout) =>
      done({ stdout, code: error === null ? 0 : Number(error.code) }),
    );
  });

const ways = ['timeBudgetS', 'stopper', 'signal', 'SIGINT'] as const;

describe.each(['threads', 'inline'])('%s: a run that is ended', (executor) => {
  test.each(ways)('by its %s has what trials report within their grace period; the others are ended by force', async (by) => {
    const { code, stdout } = await run(by, executor);
    const { interrupted, path, trials } = JSON.parse(stdout) as { interrupted: string | null; path: string; trials: unknown };
    const interrupts = by === 'signal' || by === 'SIGINT';
    const status = interrupts ? 'RUNNING' : 'TERMINATED';
    expect(interrupted).toBe(interrupts ? by : null);
    expect(code).toBe(by === 'SIGINT' ? 130 : 0);
    expect(trials).toEqual([
      [status, 0, by === 'timeBudgetS' ? 3 : 2, false],
      [status, 42, 2, true],
      [status, 2, 1, false],
    ]);
    const lines = readFileSync(join(path, 'journal.jsonl'), 'utf8').trim().split('\n');
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ kind: 'closed' });
  });
});
