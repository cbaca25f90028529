import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runNode } from '../run-node.ts';

const folder = mkdtempSync(join(tmpdir(), 'attune-e2e-repair-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const script = join(import.meta.dirname, 'scripts/experiment.mjs');
const cli = join(import.meta.dirname, '../../../dist/cli.js');

const DERIVED = /(^|[\\/])(experiment\.json|params\.json|result\.json|progress\.csv|error\.txt|events\.out\.tfevents\.\d+\.attune)$/;

const filesIn = (dir: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(dir, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(join(dir, name)).isFile())
      .sort()
      .map((name) => [name, readFileSync(join(dir, name), 'base64')]),
  );

test('what attune repair writes is what trials in threads wrote, before and after a restore in another place', async () => {
  const experiment = async (what: string, dir: string, env: NodeJS.ProcessEnv = {}): Promise<unknown> =>
    JSON.parse((await runNode([script, what, dir], { env: { ...process.env, ...env } })).stdout);
  const checkRepaired = async (dir: string, trials: number): Promise<void> => {
    const before = filesIn(dir);
    const derived = Object.keys(before).filter((name) => DERIVED.test(name));
    expect(derived.length).toBeGreaterThan(trials * 4);
    for (const name of derived) rmSync(join(dir, name));
    expect((await runNode([cli, 'repair', dir])).stdout).toBe(`Wrote the files of ${trials} trials anew in ${dir}\n`);
    expect(filesIn(dir)).toEqual(before);
  };

  const made = join(folder, 'made');
  expect(await experiment('fit', made, { BROKEN: 'yes' })).toEqual({ trials: 6, errors: 1 });
  await checkRepaired(made, 6);

  const moved = join(folder, 'moved');
  renameSync(made, moved);
  expect(await experiment('restore', moved)).toEqual({ trials: 8, errors: 0 });
  const kinds = new Set(
    readFileSync(join(moved, 'journal.jsonl'), 'utf8')
      .split('\n')
      .flatMap((line) => /^\{"kind":"(\w+)"/.exec(line)?.[1] ?? []),
  );
  expect([...kinds]).toEqual(expect.arrayContaining(['checkpointed', 'exploited', 'retried', 'failed', 'completed', 'stopped']));
  await checkRepaired(moved, 8);
});
