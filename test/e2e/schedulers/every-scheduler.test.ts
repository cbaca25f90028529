import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as exported from 'attune/schedulers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Line } from '../../journal-story.ts';
import { linesOf } from '../../journal-story.ts';
import { runNode } from '../run-node.ts';

interface Trial {
  readonly path: string;
  readonly status: string;
  readonly reason: { readonly by: string; readonly reason: string };
  readonly lineage: readonly { readonly step: number; readonly config: { readonly x: number } }[];
}
interface Run {
  readonly path: string;
  readonly numErrors: number;
  readonly trials: readonly Trial[];
}
interface Decided {
  readonly by: string;
  readonly kind: string;
  readonly reason: string;
}

const ASHA_PAUSES = /^asha pause: rung [13]: rank \d+ of \d+, waits to be among the best 33.3 %$/;
const ASHA_RESUMES = /^asha resume: rung [13]: rank \d+ of \d+, the best (goes|\d+ go) on$/;
const EXPLOITS = /^(pbt|pb2) exploit: rank \d+ of \d+: goes on from trial \d+ \(rank \d+\) with x /;
const EACH_FOR_ITSELF = [/^(pbt|pb2) pause: at \d+: makes room for another trial$/, /^(pbt|pb2) (resume|checkpoint): /, EXPLOITS];
const TOGETHER = [/^(pbt|pb2) pause: at ([369]|12): waits until all are at ([369]|12)$/, /^(pbt|pb2) resume: all are at [369]/, EXPLOITS];

const BRACKETS = [
  /^hyperband pause: bracket 1, rung [13]: waits for the others$/,
  /^hyperband resume: bracket 1, rung 1: rank [123] of 9, the best 3 go on$/,
  /^hyperband stop: bracket 1, rung 1: rank [4-9] of 9, the best 3 go on$/,
  /^hyperband resume: bracket 1, rung 3: rank 1 of 3, the best goes on$/,
  /^hyperband stop: bracket 1, rung 3: rank [23] of 3, the best goes on$/,
  /^hyperband stop: reached maxT 9$/,
];

/** By row of scripts/every.mjs: what its scheduler decides, all of it, each at least once. */
const DECIDES: Readonly<Record<string, readonly RegExp[]>> = {
  fifo: [],
  'asha, stop': [/^asha stop: rung [13]: rank \d+ of \d+, only the best (goes|\d+ go) on$/, /^asha stop: reached maxT 9$/],
  'asha, promote': [ASHA_PAUSES, ASHA_RESUMES, /^asha stop: reached maxT 9$/],
  'asha, delayed': [ASHA_PAUSES, ASHA_RESUMES, /^asha stop: reached maxT 9$/],
  hyperband: BRACKETS,
  'hyperband, with bohb': BRACKETS,
  'pbt, each for itself': EACH_FOR_ITSELF,
  'pbt, together': TOGETHER,
  'pb2, each for itself': EACH_FOR_ITSELF,
  'pb2, together': TOGETHER,
  pbtReplay: [
    /^pbtReplay checkpoint: step [48]: another configuration from here on$/,
    /^pbtReplay exploit: step 4: goes on with configuration 2 of 3$/,
    /^pbtReplay exploit: step 8: goes on with configuration 3 of 3$/,
  ],
  medianStopping: [/^medianStopping stop: training_iteration \d+: its best result is worse than the median of /],
  percentileStopping: [/^percentileStopping stop: training_iteration \d+: its best result is worse than percentile 25 of /],
  patience: [/^patience stop: the last 3 results are all worse than the best before$/],
  threshold: [/^threshold stop: loss 0.\d+ > 0.4$/],
  wilcoxon: [/^wilcoxon stop: worse than the best on \d+ steps that both have: p 0.\d+ < 0.1$/],
  firstOf: [/^threshold stop: loss 0.\d+ > 0.4$/, /^patience stop: the last 6 results are all worse/],
  allOf: [/^allOf stop: threshold: loss 0.\d+ > 0.4; patience: the last 6 results are all worse than the best before$/],
  onMetric: [/^asha on cost stop: rung [13]: rank /, /^asha on cost stop: reached maxT 9$/],
  moAsha: [/^moAsha stop: rung [13]: Pareto front \d, behind /, /^moAsha stop: reached maxT 9$/],
  maximumIteration: [/^maximumIteration stop: made 5 reports, maxIter is 5$/],
  trialPlateau: [/^trialPlateau stop: the last 3 results are alike: /],
  experimentPlateau: [/^experimentPlateau end: the best 5 results are alike: /],
};

/** The weights at a step: a chain of hashes over every step of everyone who trained them. */
function weightsAt(step: number, lineage: Trial['lineage']): string {
  let weights = createHash('sha256').update(`x ${lineage[0]?.config.x}`).digest();
  for (const [i, { step: from, config }] of lineage.entries()) {
    for (let at = from; at < Math.min(step, lineage[i + 1]?.step ?? step); at++)
      weights = createHash('sha256').update(weights).update(`step ${config.x}`).digest();
  }
  return weights.toString('hex');
}

/** What a trial reported last, and the one checkpoint that is kept of it, are what its lineage makes them. */
function checkWeights(lines: readonly Line[], { path, lineage }: Trial): void {
  const last = lines.findLast(({ kind }) => kind === 'reported' || kind === 'exploited');
  if (last?.kind === 'reported') expect((last.metrics as { weights: string }).weights).toBe(weightsAt(last.step ?? 0, lineage));
  const saved = lines.findLast(({ kind }) => kind === 'checkpointed' || kind === 'exploited');
  const kept = readdirSync(path).filter((name) => name.startsWith('checkpoint_'));
  expect(kept).toEqual(saved ? [saved.checkpoint] : []);
  if (saved) expect(readFileSync(join(path, String(saved.checkpoint), 'weights')).toString('hex')).toBe(weightsAt(saved.step ?? 0, lineage));
}

test('every scheduler there is has a row', () => {
  expect([...new Set(Object.keys(DECIDES).map((name) => name.split(',')[0]))].sort()).toEqual(Object.keys(exported).sort());
});

describe.each(['class', 'function'])('on worker threads, with a %s', (form) => {
  let folder: string;
  let runs: Readonly<Record<string, Run>> = {};
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'attune-e2e-every-'));
    const { stdout } = await runNode([join(import.meta.dirname, 'scripts/every.mjs')], { env: { ...process.env, FORM: form, STORAGE: folder } });
    runs = JSON.parse(stdout) as Record<string, Run>;
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(Object.entries(DECIDES))('%s decides what only it does, and every trial goes on with its own weights', (name, kinds) => {
    const { path, numErrors, trials } = runs[name] ?? expect.fail('no such row in scripts/every.mjs');
    const lines = linesOf(path);
    expect(numErrors).toBe(0);
    expect((lines[0] as Line & { readonly scheduler: { readonly name: string } }).scheduler.name).toBe(name.split(',')[0]);

    const decisions = lines.flatMap((line) => (line.decisions ?? []) as readonly Decided[]).filter(({ by }) => by !== 'stop');
    const said = decisions.map(({ by, kind, reason }) => `${by} ${kind}: ${reason}`);
    for (const kind of kinds) expect(said).toContainEqual(expect.stringMatching(kind));
    expect(said.filter((one) => !kinds.some((kind) => kind.test(one)))).toEqual([]);

    const carriedOut = (kind: string, from = 0): number => lines.filter((line) => line.kind === kind && (line.step ?? 0) >= from).length;
    const decided = (kind: string): boolean => decisions.some((one) => one.kind === kind);
    expect(carriedOut('paused') > 0).toBe(decided('pause'));
    expect(carriedOut('exploited') > 0).toBe(decided('exploit'));
    expect(carriedOut('started', 1) > 0).toBe(decided('pause') || decided('exploit'));

    expect(trials.length).toBeGreaterThan(0);
    for (const [i, trial] of trials.entries()) {
      expect(`${trial.status} ${trial.reason.by}`).not.toMatch(/^(ERROR|PENDING|RUNNING)/);
      checkWeights(
        lines.filter(({ trial }) => trial === i),
        trial,
      );
    }
  });

  test('a variant of asha that promotes leaves at most its share of trials to go on, and the others paused', () => {
    for (const variant of ['promote', 'delayed']) {
      const { path, trials } = runs[`asha, ${variant}`] ?? expect.fail();
      expect((linesOf(path)[0] as Line & { readonly scheduler: unknown }).scheduler).toMatchObject({ options: { variant } });
      expect(trials.filter(({ status }) => status === 'PAUSED').length).toBeGreaterThanOrEqual(5);
      const promoted = linesOf(path).flatMap(({ decisions = [] }) => (decisions as readonly Decided[]).filter(({ kind }) => kind === 'resume'));
      if (variant === 'delayed') expect(promoted.filter(({ reason }) => reason.startsWith('rung 1:'))).toHaveLength(3);
    }
  });
});
