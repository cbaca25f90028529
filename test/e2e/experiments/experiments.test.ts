import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { journalOf } from '../../tuner/temporary-storage.ts';
import { runNode } from '../run-node.ts';

/** A list of experiments on the built package, in threads and processes: what only they can show. */

const script = fileURLToPath(new URL('scripts/experiments.mjs', import.meta.url));
const storage = mkdtempSync(join(tmpdir(), 'experiments-'));
afterAll(() => rmSync(storage, { recursive: true, force: true }));

interface Line {
  readonly experiment_id: number;
  readonly scores: { readonly [metric: string]: unknown; readonly pid: number | readonly number[]; readonly thread: number | readonly number[] };
  readonly error: { readonly code: string };
  readonly finished: readonly { readonly accuracy: number }[];
}
interface Printed {
  readonly main: number;
  readonly results: readonly Line[];
  readonly failures: readonly Line[];
  readonly statuses: readonly string[];
}

const argsOf = (outPath: string, base: object, special: object): readonly string[] => [script, outPath, JSON.stringify(base), JSON.stringify(special)];
const run = async (outPath: string, base: object = {}, special: object = {}): Promise<Printed> =>
  JSON.parse((await runNode(argsOf(outPath, base, special))).stdout) as Printed;
const linesOf = (outPath: string, file: string): readonly Line[] =>
  readFileSync(join(outPath, file), 'utf8')
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
const idsOf = (lines: readonly Line[]): readonly number[] => lines.map(({ experiment_id }) => experiment_id);

test('single is one worker thread, one experiment after the other; timeoutS ends a fit that blocks it, and the others go on', async () => {
  const outPath = join(storage, 'single');
  const { main, results, failures, statuses } = await run(outPath, { repetitions: 2, timeoutS: 3 }, { 1: { wait: true } });
  expect(idsOf(results)).toEqual([0, 2, 3]);
  expect(results[1]?.scores).toMatchObject({
    accuracy: [30, 31],
    mean_accuracy: 30.5,
    std_accuracy: 0.5,
    weights: [
      [30, 0.5],
      [31, 0.5],
    ],
    pid: [main, main],
  });
  expect(results[0]?.scores.thread).not.toContain(0);
  expect(failures).toMatchObject([{ experiment_id: 1, error: { code: 'TRIAL_TIMEOUT' }, finished: [] }]);
  expect(statuses).toEqual(['TERMINATED', 'ERROR', 'TERMINATED', 'TERMINATED']);
  expect(linesOf(outPath, 'results.jsonl')).toEqual(results);
  expect(linesOf(outPath, 'failures.jsonl')).toEqual(failures);
  expect(JSON.parse(readFileSync(join(outPath, '2', '1', 'config.json'), 'utf8'))).toMatchObject({ param_1: 3, experiment_id: 2, run_id: 1 });
});

test('threads run several at a time', async () => {
  const { main, results } = await run(join(storage, 'threads'), { backend: 'threads', numCpus: 1, maxMemoryMb: 500 });
  expect([...idsOf(results)].sort()).toEqual([0, 1, 2, 3]);
  for (const { scores } of results) expect(scores.pid).toBe(main);
});

test('processes are others; one that ends itself has failed, alone, with what it had finished', async () => {
  const outPath = join(storage, 'processes');
  const { main, results, failures } = await run(outPath, { backend: 'processes', shuffle: 5, repetitions: 2 }, { 3: { crash: true } });
  expect([...idsOf(results)].sort()).toEqual([0, 1, 2]);
  for (const { scores } of results) expect(scores.pid).not.toContain(main);
  expect(failures).toMatchObject([{ experiment_id: 3, error: { code: 'WORKER_DIED' }, finished: [{ accuracy: 40 }] }]);
});

test('a half-done list goes on after kill -9: what had ended is not run again, and no line is lost or there twice', async () => {
  const outPath = join(storage, 'killed');
  const list = { 2: { wait: 'to be killed' } };
  const child = spawn(process.execPath, argsOf(outPath, {}, list), { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.once('data', () => child.kill('SIGKILL'));
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  expect(idsOf(linesOf(outPath, 'results.jsonl'))).toEqual([0, 1]);
  const torn = join(outPath, 'results.jsonl');
  writeFileSync(torn, readFileSync(torn, 'utf8').slice(0, -30)); // as a system leaves it that went down

  writeFileSync(join(outPath, 'go on'), '');
  const { results } = await run(outPath, { onExisting: 'resume' }, list);
  expect(idsOf(results)).toEqual([0, 1, 2, 3]);
  expect(linesOf(outPath, 'results.jsonl')).toEqual(results);
  const starts = journalOf(outPath).flatMap((line) => (line.kind === 'started' ? [Number(line.trial)] : []));
  expect(starts).toEqual([0, 1, 2, 2, 3]);
});
