import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'attune-e2e-by-hand-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Trial {
  readonly x: number;
  readonly status: string;
  readonly reason: unknown;
  readonly step: number;
  readonly weights: string;
}

/** What a trial has made after so many steps that nothing interrupted. */
const weightsAfter = (x: number, steps: number): string => {
  let weights = String(x);
  for (let step = 0; step < steps; step++) weights = createHash('sha256').update(weights).digest('hex');
  return weights;
};

test('trials in worker threads are paused, resumed, stopped and enqueued by hand, with their own weights', async () => {
  const dir = join(folder, 'steered');
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'scripts', 'steer.mjs'), dir]);
  const trials = JSON.parse(stdout) as readonly Trial[];
  const [paused, endless, preset] = trials;
  expect(trials).toHaveLength(3);
  expect(paused).toEqual({ x: 0.5, status: 'TERMINATED', reason: { by: 'completed', reason: 'completed' }, step: 20, weights: weightsAfter(0.5, 20) });
  expect(endless).toMatchObject({ x: 0.95, status: 'TERMINATED', reason: { by: 'user', reason: 'never ends' } });
  expect(endless?.weights).toBe(weightsAfter(0.95, endless?.step ?? 0));
  expect(preset).toMatchObject({ x: 0.125, status: 'TERMINATED', step: 20 });
  const kinds = readFileSync(join(dir, 'journal.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { kind: string }).kind);
  expect(kinds.filter((kind) => kind === 'controlled')).toHaveLength(3);
  expect(kinds.filter((kind) => kind === 'paused')).toHaveLength(1);
});
