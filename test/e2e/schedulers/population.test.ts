import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Line } from '../../journal-story.ts';
import { linesOf } from '../../journal-story.ts';
import { runNode } from '../run-node.ts';

const folder = mkdtempSync(join(tmpdir(), 'attune-e2e-population-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Shown {
  readonly path: string;
  readonly trials: readonly {
    readonly status: string;
    readonly x: number;
    readonly lineage: Lineage;
    readonly weights: string;
    readonly step: number;
    readonly isSaved: boolean;
  }[];
}
type Lineage = readonly { readonly trial: string; readonly step: number; readonly config: { readonly x: number } }[];

const STEPS = 12;

/** The chain of hashes that a lineage stands for. */
function weightsOf(lineage: Lineage): string {
  let weights = 'fresh';
  for (const [i, { step, config }] of lineage.entries()) {
    for (let at = step; at < (lineage[i + 1]?.step ?? STEPS); at++) weights = createHash('sha256').update(`${weights} ${config.x}`).digest('hex');
  }
  return weights;
}

interface Exploited extends Line {
  readonly from: number;
  readonly source: string;
}

/** Every run that follows an exploit begins with the weights that its source had when it saved, and has the new configuration. */
function checkCopies(lines: readonly Line[]): number {
  const exploits = lines.filter((line): line is Exploited => line.kind === 'exploited');
  for (const line of exploits) {
    const at = lines.indexOf(line);
    const saved = lines
      .slice(0, at)
      .findLastIndex(({ kind, trial, checkpoint }) => kind === 'checkpointed' && trial === line.from && checkpoint === line.source);
    const weights = metricsOf(lines.slice(0, saved).findLast(({ kind, trial }) => kind === 'reported' && trial === line.from)).weights;
    const next = lines.slice(at).find(({ kind, trial }) => kind === 'reported' && trial === line.trial);
    if (next === undefined) continue; // it was at its last step
    expect(metricsOf(next).began).toBe(weights);
    expect(metricsOf(next).weights).toBe(
      createHash('sha256')
        .update(`${weights} ${(line.config as { x: number }).x}`)
        .digest('hex'),
    );
  }
  return exploits.length;
}

const metricsOf = (line: Line | undefined): { weights: string; began: string } => line?.metrics as { weights: string; began: string };

describe.each([
  ['pbt', 'byClass'],
  ['pbt', 'byFunction'],
  ['pb2', 'byClass'],
  ['pb2', 'byFunction'],
])('a population by %s of trials %s, on worker threads', (scheduler, form) => {
  test.each([true, false])('goes on with the very weights of its sources, with one checkpoint kept; together: %s', async (synch) => {
    const script = join(import.meta.dirname, 'scripts/population.mjs');
    const { stdout } = await runNode([script], { env: { ...process.env, SCHEDULER: scheduler, FORM: form, SYNCH: String(synch), FOLDER: folder } });
    const { population, again } = JSON.parse(stdout) as { population: Shown; again: Shown };
    const lines = linesOf(population.path);

    for (const { status, step, lineage } of population.trials) {
      const copiedAtTheEnd = lineage.at(-1)?.step === STEPS; // a class then says after one more step that it is done, a function at once
      expect(copiedAtTheEnd ? [STEPS, STEPS + 1] : [STEPS]).toContain(Math.max(step, lineage.at(-1)?.step ?? 0));
      expect(status).toBe('TERMINATED');
    }
    expect(checkCopies(lines)).toBeGreaterThanOrEqual(synch ? 4 : 1);
    for (const { lineage, weights, x } of population.trials) {
      if (lineage.at(-1)?.step !== STEPS) expect(weights).toBe(weightsOf(lineage)); // else it has not reported since
      expect(lineage.at(-1)?.config.x).toBe(x);
    }
    expect(lines.flatMap(({ kind, removed = [] }) => (kind === 'checkpointed' ? removed : [])).length).toBeGreaterThan(0);

    const trained = population.trials.filter(({ lineage }) => lineage.at(-1)?.step !== STEPS);
    const longest = trained.reduce((best, one) => (one.lineage.length > best.lineage.length ? one : best));
    expect(longest.lineage.length).toBeGreaterThan(1);
    expect(again.trials).toMatchObject([{ status: 'TERMINATED', step: STEPS, x: longest.x, weights: longest.weights }]);
  });
});
