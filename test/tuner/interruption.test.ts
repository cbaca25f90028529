import { cpSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asha } from '../../schedulers/asha.ts';
import { fifo } from '../../schedulers/fifo.ts';
import { rng } from '../../src/base/rng.ts';
import type { World } from '../../src/execute/simulated.ts';
import { inline, Trainable, Tuner, uniform } from '../../src/index.ts';
import type { Scheduler, SchedulerEvent } from '../../src/schedule/scheduler.ts';
import type { JournalLine } from '../../src/trial/events.ts';
import type { TrialRow } from '../../src/trial/rows.ts';
import { advanceTrials } from '../../src/trial/rows.ts';
import { replay } from '../../src/tuner/restore.ts';
import type { Simulation } from '../../src/tuner/simulate.ts';
import { simulate } from '../../src/tuner/simulate.ts';
import { quiet, training } from './restorable.ts';
import { decision, drawing, exploit, simulation, space } from './small-world.ts';
import { journalOf, rowsOf, temporaryStorage } from './temporary-storage.ts';

/** Tells `seen` of every event before `scheduler` decides. */
const watched = (scheduler: Scheduler, seen: (event: SchedulerEvent) => void): Scheduler => ({
  ...scheduler,
  decide(state, event, context) {
    seen(event);
    return scheduler.decide(state, event, context);
  },
});

/** Pauses every trial at its second report, and goes on with it when a slot is free. */
const pausing = (): Scheduler<number[]> => ({
  name: 'pausing',
  uses: ['pause', 'resume'],
  init: () => [],
  decide(state, event) {
    if (event.kind === 'reported' && event.step === 2) return { state, decisions: [decision('pause', event.trial)] };
    if (event.kind === 'paused') state.push(event.trial);
    const next = event.kind === 'idle' || event.kind === 'exhausted' ? state.shift() : undefined;
    return { state, decisions: next === undefined ? [] : [decision('resume', next)] };
  },
});

/** Once, the second trial takes over from the first, whose first checkpoint is there once it has reported a few times. */
const exploiting = (): Scheduler<boolean> => ({
  name: 'exploiting',
  uses: ['exploit'],
  init: () => false,
  decide(done, event) {
    const now = !done && event.kind === 'reported' && event.trial === 1 && event.step === 3;
    return { state: done || now, decisions: now ? [exploit(1, 0, 'checkpoint_000000')] : [] };
  },
});

const SCHEDULERS: Readonly<Record<string, () => Scheduler>> = { fifo, asha: () => asha({ maxT: 9, gracePeriod: 1, reductionFactor: 2 }), pausing, exploiting };

interface Given {
  readonly seed: number;
  readonly workers: number;
  readonly scheduler: string;
  readonly frequency: number;
  readonly maxFailures: number;
  /** Where the journal is cut, again and again, as a share of its lines. */
  readonly cuts: readonly number[];
}

const given: fc.Arbitrary<Given> = fc.record({
  seed: fc.nat(1000),
  workers: fc.integer({ min: 1, max: 4 }),
  scheduler: fc.constantFrom(...Object.keys(SCHEDULERS)),
  frequency: fc.integer({ min: 0, max: 3 }),
  maxFailures: fc.integer({ min: 0, max: 2 }),
  cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 4 }),
});

/** A step takes as long and gives the same whenever it is run; some fail at their first attempt. */
function worldOf({ seed }: Given): World {
  const attempts = new Map<string, number>();
  return {
    report(run, step) {
      const draw = rng(seed).fork('world', run.trial, step);
      if (step > 2 + rng(seed).fork('length', run.trial).int(6)) return undefined;
      const seconds = 1 + draw.fork('seconds').int(3);
      const key = `${run.trial}:${step}`;
      attempts.set(key, (attempts.get(key) ?? 0) + 1);
      if (draw.fork('fails').int(6) === 0 && attempts.get(key) === 1) return { seconds, fails: 'boom' };
      return { seconds, metrics: { loss: draw.fork('loss').next(), timesteps_this_iter: step }, canSave: true };
    },
  };
}

const simulationOf = (g: Given): Simulation =>
  simulation({
    samples: 5,
    seed: g.seed,
    searcher: drawing,
    scheduler: (SCHEDULERS[g.scheduler] as () => Scheduler)(),
    world: worldOf(g),
    workers: g.workers,
    maxFailures: g.maxFailures,
    checkpoints: { frequency: g.frequency, atEnd: false },
  });

/** The journal of an experiment that was killed at each of the cuts, and went on. */
async function interrupted(g: Given): Promise<readonly JournalLine[]> {
  let { lines } = await simulate(simulationOf(g));
  for (const cut of g.cuts) ({ lines } = await simulate(simulationOf(g), lines.slice(0, 1 + Math.floor(cut * (lines.length - 1)))));
  return lines;
}

/** The first iteration of a trial is 1, or follows the checkpoint that it was exploited to; each of the others follows the one before. */
function checkOnce(steps: readonly { readonly trial: number; readonly step: number }[], exploits: ReadonlyMap<number, number>): void {
  const reached = new Map<number, number>();
  const left = new Map(exploits);
  for (const { trial, step } of steps) {
    const before = reached.get(trial) ?? 0;
    if (step !== before + 1 && step === (left.get(trial) ?? -1) + 1) left.delete(trial);
    else expect(step, `trial ${trial} after ${before}`).toBe(before + 1);
    reached.set(trial, step);
  }
}

const exploitsIn = (lines: readonly JournalLine[]): ReadonlyMap<number, number> =>
  new Map(lines.flatMap((line) => (line.kind === 'exploited' ? [[line.trial, line.step]] : [])));

/** What a row says of its place in the trial and in its run. */
interface Place {
  readonly training_iteration: number;
  readonly time_total_s: number;
  readonly time_this_iter_s: number;
  readonly iterations_since_restore: number;
  readonly time_since_restore: number;
  readonly timesteps_total?: number;
  readonly timesteps_since_restore?: number;
}

/** A row follows from the checkpoint that its run started from, and from the row before it. */
function checkPlace(row: Place, from: { readonly step: number; readonly row?: Place | undefined }, before: Place | undefined): void {
  expect(row.iterations_since_restore).toBe(row.training_iteration - from.step);
  expect(row.time_total_s).toBeCloseTo((from.row?.time_total_s ?? 0) + row.time_since_restore, 6);
  if (row.timesteps_total !== undefined) expect(row.timesteps_total).toBe((from.row?.timesteps_total ?? 0) + (row.timesteps_since_restore ?? 0));
  if (before) expect(row.time_total_s).toBeCloseTo(before.time_total_s + row.time_this_iter_s, 6);
}

/** Folds the journal, and checks the row of every report as it is made. */
function checkRows(lines: readonly JournalLine[]): void {
  const trials: TrialRow[] = [];
  const runs: { readonly step: number; readonly row?: Place }[] = [];
  const before: (Place | undefined)[] = [];
  for (const line of lines) {
    advanceTrials(trials, 7, line, line.at);
    if (!('trial' in line)) continue;
    const trial = trials[line.trial] as TrialRow;
    if (line.kind === 'started') {
      const source = trial.checkpoints.find(({ name }) => name === line.checkpoint);
      runs[line.trial] = { step: line.step, ...(source ? { row: source.row as unknown as Place } : {}) };
    }
    if (line.kind === 'exploited') before[line.trial] = undefined;
    if (line.kind !== 'reported') continue;
    const row = trial.last as unknown as Place;
    expect(row.training_iteration).toBe(line.step);
    checkPlace(row, runs[line.trial] as { step: number; row?: Place }, before[line.trial]);
    before[line.trial] = row;
  }
}

describe('law: a trial that goes on from an older checkpoint repeats steps, and nobody sees them twice (A11)', () => {
  test('neither the scheduler, nor the searcher, nor who reads the rows, however often the experiment is killed', async () => {
    let repeated = 0;
    await fc.assert(
      fc.asyncProperty(given, async (g) => {
        const lines = await interrupted(g);
        const told: SchedulerEvent[] = [];
        const { scheduler } = simulationOf(g);
        const { history } = replay(lines, { space, scheduler: watched(scheduler, (event) => void told.push(event)) });

        const reports = lines.filter((line) => line.kind === 'reported');
        checkOnce(reports, exploitsIn(lines));
        expect(told.filter((event) => event.kind === 'reported').map(({ trial, step }) => [trial, step])).toEqual(
          reports.map(({ trial, step }) => [trial, step]),
        );
        for (let row = 0; row < history.length; row++)
          checkOnce(
            [...history.steps(row)].map((step) => ({ trial: row, step })),
            new Map(),
          );
        checkRows(lines);
        const reached = new Map<number, number>();
        for (const line of lines) {
          if (line.kind === 'reported') reached.set(line.trial, line.step);
          if (line.kind === 'started' && line.step < (reached.get(line.trial) ?? 0)) repeated += 1;
        }
      }),
      { numRuns: 200 },
    );
    expect(repeated).toBeGreaterThan(50); // else the law said nothing
  });
});

/** Saves every second step, so that it often has one to repeat. */
class Counting extends Trainable<{ x: number }, { loss: number }> {
  #step = 0;
  setup(): void {}
  step(): { loss: number; done: boolean } {
    this.#step += 1;
    return { loss: 1 / this.#step, done: this.#step === 5 };
  }
  save(dir: string): void {
    writeFileSync(join(dir, 'state'), String(this.#step));
  }
  restore(dir: string): void {
    this.#step = Number(readFileSync(join(dir, 'state'), 'utf8'));
  }
}

describe('law: the same of what is on disk, cut at any byte of the journal', () => {
  const storagePath = temporaryStorage();

  test.each([
    ['function', training()],
    ['class', Counting],
  ])('for a %s trainable', { timeout: 120_000 }, async (form, trainable) => {
    const runConfig = { ...quiet, storagePath, executor: inline({ workers: 2 }), checkpointConfig: { frequency: 2 } };
    const options = { paramSpace: { x: uniform(0, 1) }, tuneConfig: { metric: 'loss', mode: 'min', numSamples: 3, seed: 7 }, runConfig };
    const whole = await new Tuner(trainable as never, { ...options, runConfig: { ...runConfig, name: form } } as never).fit();
    const begun = readFileSync(join(whole.experimentPath, 'journal.jsonl')).indexOf('"kind":"queued"');
    let copies = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 3 }), async (cuts) => {
        const path = join(storagePath, `${form}-${copies++}`);
        cpSync(whole.experimentPath, path, { recursive: true });
        for (const cut of cuts) {
          const { length } = readFileSync(join(path, 'journal.jsonl'));
          truncateSync(join(path, 'journal.jsonl'), Math.floor(begun + cut * (length - begun)));
          const grid = await (await Tuner.restore(path, trainable as never, { ...options } as never)).fit();
          const lines = journalOf(path);
          checkRows(lines);
          expect(grid.length).toBe(3);
          for (const [i, result] of [...grid].entries()) {
            const steps = lines.flatMap((line) => (line.kind === 'reported' && line.trial === i ? [line.step] : []));
            expect(steps).toEqual(steps.map((_, at) => at + 1));
            expect(rowsOf(result.path).map((row) => row['training_iteration'])).toEqual(steps);
            expect(result.metricsDataFrame().array('training_iteration')).toEqual(steps);
            const { last } = trialsOf(lines)[i] as TrialRow;
            expect({ ...rowsOf(result.path).at(-1), done: true }).toEqual(last); // that it was the last is known later
          }
        }
      }),
      { numRuns: 15 },
    );
  });
});

function trialsOf(lines: readonly JournalLine[]): readonly TrialRow[] {
  const trials: TrialRow[] = [];
  for (const line of lines) advanceTrials(trials, 7, line, line.at);
  return trials;
}
