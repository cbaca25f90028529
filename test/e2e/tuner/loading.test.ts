import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, test } from 'vitest';
import { runNode } from '../run-node.ts';

/** Ctrl-C while workers still load the module of the trainable: here one that never ends. */

const script = join(import.meta.dirname, 'scripts/loading.mjs');
const cli = join(import.meta.dirname, '../../../dist/cli.js');
const folder = mkdtempSync(join(tmpdir(), 'attune-e2e-loading-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly lines: readonly string[];
}

async function interrupted(...args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, args, { env: { ...process.env, HOLD: 'yes', NODE_OPTIONS: '' }, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  let stdout = '';
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line);
    if (line === 'loading') child.kill('SIGINT');
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
