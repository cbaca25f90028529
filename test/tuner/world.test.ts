import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asha } from '../../schedulers/asha.ts';
import { fifo } from '../../schedulers/fifo.ts';
import { rng } from '../../src/base/rng.ts';
import type { World } from '../../src/execute/simulated.ts';
import type { Decision, Scheduler } from '../../src/schedule/scheduler.ts';
import type { Searcher } from '../../src/search/searcher.ts';
import { uniform } from '../../src/space/domains.ts';
import { sample } from '../../src/space/sample.ts';
import { compileSpace } from '../../src/space/space.ts';
import type { JournalLine } from '../../src/trial/events.ts';
import { hasEnded } from '../../src/trial/lifecycle.ts';
import type { Simulation } from '../../src/tuner/simulate.ts';
import { simulate } from '../../src/tuner/simulate.ts';

const space = compileSpace({ x: uniform(0, 1) });

/** Draws, and never has more than `limit` trials in flight. */
function limited(limit: number, waits: boolean): Searcher {
  return {
    name: 'limited',
    suggest({ index, samples, history, rng: stream }) {
      if (index >= samples) return { kind: 'done' };
      const live = Array.from({ length: history.length }, (_, row) => history.at(row)).filter(({ state }) => state === 'running').length;
      if (waits && live >= limit) return { kind: 'wait' };
      return { kind: 'config', config: sample(space, stream), ...(index === samples - 1 && limit % 2 === 0 ? { last: true } : {}) };
    },
  };
}

/** Answers later, as a model-based searcher would. */
function slow(searcher: Searcher): Searcher {
  return {
    ...searcher,
    async suggest(ask) {
      await ask.breathe();
      return searcher.suggest(ask);
    },
  };
}

interface Halving {
  readonly reached: number[];
  readonly open: number[];
}

/** Synchronous halving in one bracket: pauses everybody at step 2 and lets the better half go on once all are there. */
function pauser(): Scheduler<Halving & { losses: Record<string, number>; settled: boolean; exhausted: boolean }> {
  const settle = (state: Halving & { losses: Record<string, number>; settled: boolean; exhausted: boolean }): Decision[] => {
    if (state.settled || !state.exhausted || state.open.length > 0) return [];
    state.settled = true;
    const ranked = [...state.reached].sort((a, b) => (state.losses[a] ?? 0) - (state.losses[b] ?? 0));
    return ranked.map((trial, i) =>
      i < Math.ceil(ranked.length / 2)
        ? { kind: 'resume', trial: trial as never, reason: 'better half' }
        : { kind: 'stop', trial: trial as never, reason: `rank ${i + 1} of ${ranked.length}` },
    );
  };
  return {
    name: 'pauser',
    uses: ['pause', 'resume', 'stop'],
    init: () => ({ reached: [], open: [], losses: {}, settled: false, exhausted: false }),
    decide(state, event) {
      if (event.kind === 'queued') state.open.push(event.trial);
      if (event.kind === 'exhausted') state.exhausted = true;
      if (event.kind === 'reported' && event.step === 2 && !state.settled) {
        state.losses[event.trial] = event.losses[0] ?? 0;
        return { state, decisions: [{ kind: 'pause', trial: event.trial, reason: 'step 2' }] };
      }
      if (event.kind === 'paused' || event.kind === 'completed' || event.kind === 'stopped' || event.kind === 'failed') {
        const at = state.open.indexOf(event.trial);
        if (at >= 0) state.open.splice(at, 1);
        if (event.kind === 'paused') state.reached.push(event.trial);
        else if (state.reached.includes(event.trial)) state.reached.splice(state.reached.indexOf(event.trial), 1);
      }
      return { state, decisions: settle(state) };
    },
  };
}

/** Every third report of a trial copies the newest checkpoint of the best trial seen. */
function exploiter(): Scheduler<{ best: number; loss: number; checkpoint: string; done: number[] }> {
  return {
    name: 'exploiter',
    uses: ['exploit', 'checkpoint'],
    init: () => ({ best: -1, loss: Number.MAX_VALUE, checkpoint: '', done: [] }),
    decide(state, event, context) {
      if (event.kind === 'checkpointed' && event.trial === state.best) state.checkpoint = event.checkpoint;
      if (event.kind !== 'reported') return { state, decisions: [] };
      const loss = event.losses[0] ?? Number.MAX_VALUE;
      if (loss < state.loss && !state.done.includes(event.trial)) Object.assign(state, { best: event.trial, loss, checkpoint: '' });
      if (event.step % 3 !== 0 || event.trial === state.best || state.checkpoint === '' || state.done.includes(event.trial)) return { state, decisions: [] };
      state.done.push(event.trial);
      const config = { x: context.rng('explore', event.trial).next() };
      return { state, decisions: [{ kind: 'exploit', trial: event.trial, from: state.best as never, checkpoint: state.checkpoint, config, reason: 'copy' }] };
    },
  };
}

const SCHEDULERS = { fifo, asha: () => asha({ maxT: 9, gracePeriod: 1, reductionFactor: 3 }), pauser, exploiter } as Record<string, () => Scheduler>;

interface Given {
  readonly seed: number;
  readonly samples: number;
  readonly workers: number;
  readonly steps: number;
  readonly scheduler: string;
  readonly limit: number;
  readonly waits: boolean;
  readonly failing: number;
  readonly maxFailures: number;
  readonly asynchronous: boolean;
  readonly saves: boolean;
  readonly frequency: number;
  readonly atEnd: boolean;
}

const given = (workers: fc.Arbitrary<number>): fc.Arbitrary<Given> =>
  fc.record({
    seed: fc.nat(1000),
    samples: fc.integer({ min: 1, max: 8 }),
    workers,
    steps: fc.integer({ min: 1, max: 6 }),
    scheduler: fc.constantFrom(...Object.keys(SCHEDULERS)),
    limit: fc.integer({ min: 1, max: 4 }),
    waits: fc.boolean(),
    failing: fc.integer({ min: 0, max: 3 }),
    maxFailures: fc.integer({ min: 0, max: 2 }),
    asynchronous: fc.boolean(),
    saves: fc.boolean(),
    frequency: fc.integer({ min: 0, max: 2 }),
    atEnd: fc.boolean(),
  });

/** Learning curves, durations, NaN and failures are functions of the configuration: a repeated step repeats. */
function worldOf({ seed, steps, failing, saves, scheduler }: Given): World {
  const canSave = saves || scheduler === 'pauser';
  return {
    report(run, step) {
      const draw = rng(seed).fork('world', JSON.stringify(run.config));
      const length = 1 + draw.fork('length').int(steps);
      if (step > length) return undefined;
      const seconds = [1, 1, 2][draw.fork('seconds', step).int(3)] as number;
      if (draw.fork('fails', step).int(10) < failing) return { seconds, fails: 'boom' };
      const loss = draw.fork('nan', step).int(8) === 0 ? Number.NaN : draw.fork('loss', step).next();
      return { seconds, metrics: { loss }, canSave };
    },
  };
}

function simulationOf(g: Given): Simulation {
  const searcher = limited(g.limit, g.waits);
  return {
    space,
    objectives: [{ metric: 'loss', mode: 'min' }],
    samples: g.samples,
    seed: g.seed,
    searcher: g.asynchronous ? slow(searcher) : searcher,
    scheduler: (SCHEDULERS[g.scheduler] as () => Scheduler)(),
    world: worldOf(g),
    workers: g.workers,
    maxFailures: g.maxFailures,
    checkpoints: { frequency: g.frequency, atEnd: g.atEnd },
  };
}

function checkWhole(lines: readonly JournalLine[], g: Given, trials: readonly { status: string }[]): void {
  expect(trials).toHaveLength(g.samples);
  // A trial may only be left PAUSED by a scheduler that never resumed it.
  for (const { status } of trials) expect(hasEnded(status as never) || (g.scheduler === 'pauser' && status === 'PAUSED')).toBe(true);
  const seen = new Set<string>();
  const exploits: Record<number, number> = {};
  for (const line of lines) {
    if (line.kind === 'exploited') exploits[line.trial] = (exploits[line.trial] ?? 0) + 1;
    if (line.kind !== 'reported') continue;
    const key = `${line.trial}:${exploits[line.trial] ?? 0}:${line.step}`;
    expect(seen.has(key), `iteration ${key} is journaled twice`).toBe(false);
    seen.add(key);
  }
}

/** What happened to trials and what was decided on it: not how often a run was started, an idle slot told of, and when. */
const eventsOf = (lines: readonly JournalLine[]): unknown[] =>
  lines.flatMap((line): unknown[] => {
    if (!('trial' in line) || line.kind === 'started') return [];
    const { at: _, seconds: __, where: ___, ...event } = { seconds: 0, where: undefined, ...line };
    return [event];
  });

describe('the loop in random worlds', () => {
  test('ends, and loses no trial, whatever scheduler, limiter, failures and number of workers', async () => {
    await fc.assert(
      fc.asyncProperty(given(fc.integer({ min: 1, max: 5 })), async (g) => {
        const { lines, experiment } = await simulate(simulationOf(g));
        checkWhole(lines, g, experiment.rows);
      }),
      { numRuns: 300 },
    );
  });

  test('meet everything that can happen to a trial', async () => {
    const kinds = new Set<string>();
    for (const g of fc.sample(given(fc.integer({ min: 1, max: 5 })), { numRuns: 300, seed: 7 })) {
      for (const { kind } of (await simulate(simulationOf(g))).lines) kinds.add(kind);
    }
    const trial = ['queued', 'started', 'reported', 'checkpointed', 'paused', 'exploited', 'retried', 'completed', 'stopped', 'failed'];
    expect([...kinds]).toEqual(expect.arrayContaining([...trial, 'idle', 'exhausted', 'stalled']));
  });

  test('gives the same journal again for the same world', async () => {
    await fc.assert(
      fc.asyncProperty(given(fc.integer({ min: 1, max: 5 })), async (g) => {
        const [a, b] = [await simulate(simulationOf(g)), await simulate(simulationOf(g))];
        expect(b.lines).toEqual(a.lines);
      }),
      { numRuns: 50 },
    );
  });

  test('cut at every line of its journal and restored, it ends, and loses no trial', async () => {
    await fc.assert(
      fc.asyncProperty(given(fc.integer({ min: 1, max: 5 })), async (g) => {
        const { lines } = await simulate(simulationOf(g));
        for (let cut = 1; cut <= lines.length; cut++) {
          const restored = await simulate(simulationOf(g), lines.slice(0, cut));
          checkWhole(restored.lines, g, restored.experiment.rows);
        }
      }),
      { numRuns: 120 },
    );
  });

  test('cut at every line with one worker, and once more after that, nothing that happens to a trial changes', async () => {
    await fc.assert(
      fc.asyncProperty(given(fc.constant(1)), fc.nat(), async (g, again) => {
        const simulation = { ...g, maxFailures: 0 };
        const { lines, experiment } = await simulate(simulationOf(simulation));
        for (let cut = 1; cut <= lines.length; cut++) {
          const once = await simulate(simulationOf(simulation), lines.slice(0, cut));
          const second = cut + 1 + (again % Math.max(1, once.lines.length - cut)); // the line that opens the session at least
          const restored = await simulate(simulationOf(simulation), once.lines.slice(0, second));
          for (const { lines: all } of [once, restored]) expect(eventsOf(all)).toEqual(eventsOf(lines));
          const ends = (rows: typeof experiment.rows) => rows.map(({ config, status, reason, step }) => ({ config, status, reason, step }));
          expect(ends(restored.experiment.rows)).toEqual(ends(experiment.rows));
        }
      }),
      { numRuns: 120 },
    );
  });
});
