import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { runNode } from '../run-node.ts';

const folder = mkdtempSync(join(tmpdir(), 'attune-e2e-artifacts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const script = join(import.meta.dirname, 'scripts/artifacts.mjs');
const cli = join(import.meta.dirname, '../../../dist/cli.js');

interface Trial {
  readonly status: string;
  readonly path: string;
  readonly error?: string;
}
const experiment = async (...args: readonly string[]): Promise<readonly Trial[]> => JSON.parse((await runNode([script, ...args])).stdout) as readonly Trial[];

/** Every artifact of a trial with what is in it, and what else lies about that is none. */
const artifactsOf = (dir: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => file.includes(`${sep}artifacts${sep}`) || file.includes(`${sep}.tmp-`))
      .sort()
      .map((file) => [file.slice(dir.length + 1).replaceAll(sep, '/'), readFileSync(file, 'latin1')]),
  );

describe.each(['threads', 'processes'])('in %s', (kind) => {
  test('a function saves artifacts, of built-in types and of its own', async () => {
    const trials = await experiment(kind, 'byFunction', join(folder, `function-${kind}`));
    expect(trials.map(({ status, error }) => [status, error])).toEqual([
      ['TERMINATED', undefined],
      ['TERMINATED', undefined],
    ]);
    expect(trials.map(({ path }) => artifactsOf(path))).toEqual([
      { 'artifacts/json/first.json': '{"x":1,"step":1}\n', 'artifacts/lines/steps.txt': 'step\n4' },
      { 'artifacts/json/first.json': '{"x":2,"step":1}\n', 'artifacts/lines/steps.txt': 'step\n4' },
    ]);
  });

  test('so does a class', async () => {
    const [trial] = await experiment(kind, 'byClass', join(folder, `class-${kind}`));
    expect(artifactsOf(trial?.path ?? '')).toEqual({ 'artifacts/bytes/step-1.bin': '\x01', 'artifacts/bytes/step-2.bin': '\x02' });
  });
});

test('killed in the middle of one, it leaves no half artifact; a restore and a repair keep those that there are', async () => {
  const dir = join(folder, 'killed');
  const killed = promisify(execFile)(process.execPath, [script, 'threads', 'byFunction', dir], { env: { ...process.env, HOLD: 'yes' } });
  await expect(killed).rejects.toMatchObject({ signal: 'SIGKILL' });
  const left = artifactsOf(dir);
  const torn = Object.entries(left).filter(([, text]) => text === 'half');
  expect(torn.map(([name]) => name)).toEqual([expect.stringMatching(/^[^/]+\/\.tmp-artifact-torn\/steps\.txt$/)]);
  expect(Object.keys(left).filter((name) => name.includes('artifacts/torn'))).toEqual([]);

  const trials = await experiment('threads', 'restore', dir);
  expect(trials.map(({ status }) => status)).toEqual(['TERMINATED', 'TERMINATED']);
  const whole = trials.map(({ path }) => artifactsOf(path));
  expect(whole[0]).toEqual({ 'artifacts/json/first.json': '{"x":1,"step":1}\n', 'artifacts/lines/steps.txt': 'step\n4' });
  await runNode([cli, 'repair', dir]);
  expect(trials.map(({ path }) => artifactsOf(path))).toEqual(whole);
});
