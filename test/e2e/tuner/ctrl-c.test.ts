import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, test } from 'vitest';
import { runNode } from '../run-node.ts';

/** What Ctrl-C leaves on the terminal, when workers still load the module, and when a trial does not end. */

const script = join(import.meta.dirname, 'scripts/loading.mjs');
const stuck = join(import.meta.dirname, 'scripts/stuck.mjs');
const cli = join(import.meta.dirname, '../../../dist/cli.js');
const folder = mkdtempSync(join(tmpdir(), 'attune-e2e-loading-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly lines: readonly string[];
}

/** Runs it until it says `loading` or `stuck`. */
async function interrupted(...args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, args, { env: { ...process.env, HOLD: 'yes', NODE_OPTIONS: '' }, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  let stdout = '';
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line);
    if (line === 'loading' || line === 'stuck') child.kill('SIGINT');
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code, signal, stdout, lines };
}

describe.each(['threads', 'processes'])('%s: Ctrl-C while a module loads', (executor) => {
  test('ends the run at once, with the exit code and the line that goes on with it: of a new one, a restored one, and of attune resume', async () => {
    const dir = join(folder, executor);
    const line = `npx attune resume ${dir}`;
    for (const args of [
      [script, executor, dir],
      [script, executor, dir],
      [cli, 'resume', dir],
    ]) {
      const { code, signal, stdout, lines } = await interrupted(...args);
      expect([code, signal, stdout, lines.at(-1)]).toEqual([130, null, args[0] === cli ? '' : 'SIGINT 0\n', line]);
      expect(existsSync(join(dir, 'lock'))).toBe(false);
    }
    expect((await runNode([script, executor, dir])).stdout).toBe('undefined 2\n');
  });
});

test('the line that goes on with it is the last one, below what is said of a trial that did not end', async () => {
  const dir = join(folder, 'stuck');
  const { code, lines } = await interrupted(stuck, dir);
  expect(code).toBe(130);
  expect(lines.some((line) => line.includes('[TRIAL_UNRESPONSIVE]'))).toBe(true);
  expect(lines.slice(-2)).toEqual(['To go on with it:', `npx attune resume ${dir}`]);
});

test('with verbose: 0 nothing is printed, not even that line', async () => {
  const { code, lines } = await interrupted(stuck, join(folder, 'silent'), '0');
  expect([code, lines]).toEqual([130, ['stuck']]);
});
