import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allOf } from '../../schedulers/all-of.ts';
import { asha } from '../../schedulers/asha.ts';
import { fifo } from '../../schedulers/fifo.ts';
import { firstOf } from '../../schedulers/first-of.ts';
import { hyperband } from '../../schedulers/hyperband.ts';
import { moAsha } from '../../schedulers/mo-asha.ts';
import { onMetric } from '../../schedulers/on-metric.ts';
import { patience } from '../../schedulers/patience.ts';
import { pb2 } from '../../schedulers/pb2.ts';
import { pbt } from '../../schedulers/pbt.ts';
import { percentileStopping } from '../../schedulers/percentile-stopping.ts';
import { threshold } from '../../schedulers/threshold.ts';
import { wilcoxon } from '../../schedulers/wilcoxon.ts';
import type { AttuneError } from '../../src/base/errors.ts';
import { rng } from '../../src/base/rng.ts';
import type { Run } from '../../src/execute/executor.ts';
import type { World } from '../../src/execute/simulated.ts';
import type { Decision, Scheduler } from '../../src/schedule/scheduler.ts';
import type { Searcher } from '../../src/search/searcher.ts';
import { uniform } from '../../src/space/domains.ts';
import { sample } from '../../src/space/sample.ts';
import { compileSpace } from '../../src/space/space.ts';
import type { ExperimentEvent, JournalLine } from '../../src/trial/events.ts';
import { trialId, trialName } from '../../src/trial/ids.ts';
import { hasEnded } from '../../src/trial/lifecycle.ts';
import { advance } from '../../src/tuner/advance.ts';
import { Asker } from '../../src/tuner/asker.ts';
import type { Experiment } from '../../src/tuner/experiment.ts';
import type { Order } from '../../src/tuner/inbox.ts';
import { inbox } from '../../src/tuner/inbox.ts';
import { Orders } from '../../src/tuner/orders.ts';
import type { Recorder } from '../../src/tuner/recorder.ts';
import { replay } from '../../src/tuner/restore.ts';
import type { Shell } from '../../src/tuner/shell.ts';
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

const population = { perturbationInterval: 2, quantileFraction: 0.5, hyperparamMutations: { x: uniform(0, 1) } };
const bandits = { perturbationInterval: 1, quantileFraction: 0.5, hyperparamBounds: { x: [0, 1] as const } };

const SCHEDULERS = {
  fifo,
  asha: () => asha({ maxT: 9, gracePeriod: 1, reductionFactor: 3 }),
  promoting: () => asha({ maxT: 4, gracePeriod: 1, reductionFactor: 2, brackets: 2, variant: 'promote' }),
  delayed: () => asha({ maxT: 5, gracePeriod: 1, reductionFactor: 2, variant: 'delayed' }),
  hyperband: () => hyperband({ maxT: 4, reductionFactor: 2 }), // 4, 2, 1 trials; 3, 1; 3
  pauser,
  exploiter,
  pbt: () => pbt(population),
  'pbt, together': () => pbt({ ...population, synch: true }),
  pb2: () => pb2(bandits),
  'pb2, together': () => pb2({ ...bandits, synch: true }),
  stopping: () =>
    firstOf(
      onMetric('loss', percentileStopping({ timeAttr: 'training_iteration', gracePeriod: 2, minSamplesRequired: 1, percentile: 40 })),
      allOf(patience({ patience: 1 }), threshold({ metric: 'loss', upper: 0.5 })),
      moAsha({ maxT: 9, reductionFactor: 2 }),
    ),
  pausingOrStopping: () => firstOf(pauser(), threshold({ gracePeriod: 2 }), exploiter(), wilcoxon({ pThreshold: 0.5 })),
} as Record<string, () => Scheduler>;

/** Those that pause: with them every report comes with a saver. */
const PAUSING = ['pauser', 'pausingOrStopping', 'promoting', 'delayed', 'hyperband', 'pbt', 'pbt, together', 'pb2', 'pb2, together'];
/** Those that let nobody wait for ever, if no hand does. */
const PATIENT = ['pauser', 'pausingOrStopping', 'promoting', 'delayed'];

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
  readonly backoffS: number;
  readonly asynchronous: boolean;
  readonly saves: boolean;
  /** In how many of ten steps a hand asks for something. */
  readonly hands: number;
  /** A hand may stop the trial that is at work: a restore ends it before the report that it was at. Default true. */
  readonly stopsMidway?: boolean;
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
    backoffS: fc.constantFrom(0, 0.5, 7),
    asynchronous: fc.boolean(),
    saves: fc.boolean(),
    hands: fc.integer({ min: 0, max: 4 }),
    frequency: fc.integer({ min: 0, max: 2 }),
    atEnd: fc.boolean(),
  });

/** Learning curves, durations, NaN and failures are functions of the configuration: a repeated step repeats. */
function worldOf({ seed, steps, failing, saves, scheduler }: Given): World {
  const canSave = saves || PAUSING.includes(scheduler);
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

/** What a hand asks for while a trial works on its step: of any trial, also of one that has ended, or that there is not. */
function orderAt({ seed, samples, hands, stopsMidway = true }: Given, run: Run, step: number): Order | undefined {
  const draw = rng(seed).fork('hand', run.trial, JSON.stringify(run.config), step);
  if (draw.fork('asks').int(10) >= hands) return undefined;
  const kind = (['stop', 'pause', 'pause', 'resume', 'resume', 'enqueue'] as const)[draw.fork('kind').int(6)] ?? 'stop';
  const trial = trialId(draw.fork('trial').int(samples + 2));
  if (kind === 'stop' && trial === run.trial && !stopsMidway) return undefined;
  if (kind === 'enqueue') return run.trial >= samples ? undefined : { kind, config: { x: draw.fork('x').next() } };
  return { kind, id: trialName(seed, trial), reason: `${kind} ${run.trial} ${JSON.stringify(run.config)} ${step}` };
}

/** A session that goes on repeats the step, and the journal has it already: of the configuration that the trial has now, not of the one before an exploit. */
const isRepeated = (lines: readonly JournalLine[], { trial, config }: Run, step: number): boolean => {
  const from = lines.findLastIndex(
    (line) => (line.kind === 'exploited' || line.kind === 'queued') && line.trial === trial && isDeepStrictEqual(line.config, config),
  );
  return from >= 0 && lines.slice(from).some((line) => line.kind === 'reported' && line.trial === trial && line.step >= step);
};

/** The journal has the order: a hand does not ask twice. */
const isIn = (lines: readonly JournalLine[], order: Order): boolean =>
  lines.some((line) =>
    order.kind === 'enqueue'
      ? line.kind === 'enqueued' && JSON.stringify(line.config) === JSON.stringify(order.config)
      : line.kind === 'controlled' && line.decision['reason'] === order.reason,
  );

function simulationOf(g: Given, lines: readonly JournalLine[] = [], refused: unknown[] = []): Simulation {
  const searcher = limited(g.limit, g.waits);
  const orders = inbox();
  const world = worldOf(g);
  const report: World['report'] = (run, step) => {
    const happening = world.report(run, step);
    const order = happening && orderAt(g, run, step);
    if (order && !isRepeated(lines, run, step) && !isIn(lines, order)) orders.order(order).catch((error: unknown) => refused.push(error));
    return happening;
  };
  return {
    inbox: orders,
    space,
    objectives: [{ metric: 'loss', mode: 'min' }],
    samples: g.samples,
    seed: g.seed,
    searcher: g.asynchronous ? slow(searcher) : searcher,
    scheduler: (SCHEDULERS[g.scheduler] as () => Scheduler)(),
    world: { report },
    workers: g.workers,
    maxFailures: g.maxFailures,
    backoffS: g.backoffS,
    checkpoints: { frequency: g.frequency, atEnd: g.atEnd },
  };
}

const restoredFrom = (g: Given, lines: readonly JournalLine[]): ReturnType<typeof simulate> => simulate(simulationOf(g, lines), lines);

function checkWhole(lines: readonly JournalLine[], g: Given, experiment: Experiment): void {
  const { rows, actors } = experiment;
  const all = g.samples + lines.filter(({ kind }) => kind === 'enqueued').length;
  // A searcher that waits for a trial that is paused by hand has no more to say.
  if (!g.waits || actors.every(({ held }) => held === undefined)) expect(rows).toHaveLength(all);
  // A trial may only be left PAUSED by a scheduler that never resumed it, or by hand.
  for (const [i, { status }] of rows.entries())
    expect(hasEnded(status) || (status === 'PAUSED' && (PATIENT.includes(g.scheduler) || actors[i]?.held !== undefined))).toBe(true);
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

/** What was decided, without the order in which sessions and idle slots came. */
const decisionsOf = (lines: readonly JournalLine[]): string[] =>
  lines.flatMap((line) => ('trial' in line ? (line.decisions ?? []).map((decision) => `${line.kind} ${line.trial}: ${JSON.stringify(decision)}`) : []));

const withoutStacks = (lines: readonly JournalLine[]): readonly JournalLine[] =>
  JSON.parse(JSON.stringify(lines, (key, value: unknown) => (key === 'stack' ? '' : value))) as readonly JournalLine[];

/** What happened to trials and what was decided on it: not how often a run was started, an idle slot told of, and when. */
const eventsOf = (lines: readonly JournalLine[]): unknown =>
  withoutStacks(lines).flatMap((line): unknown[] => {
    if (!('trial' in line) || line.kind === 'started') return [];
    const { at: _, seconds: __, where: ___, ...event } = { seconds: 0, where: undefined, ...line };
    return [event];
  });

describe('the loop in random worlds', () => {
  test('ends, and loses no trial, whatever scheduler, limiter, failures and number of workers', async () => {
    await fc.assert(
      fc.asyncProperty(given(fc.integer({ min: 1, max: 5 })), async (g) => {
        const { lines, experiment } = await simulate(simulationOf(g));
        checkWhole(lines, g, experiment);
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
        expect(withoutStacks(b.lines)).toEqual(withoutStacks(a.lines));
      }),
      { numRuns: 50 },
    );
  });

  test('cut at every line of its journal and restored, it ends, and loses no trial', async () => {
    await fc.assert(
      fc.asyncProperty(given(fc.integer({ min: 1, max: 5 })), async (g) => {
        const { lines } = await simulate(simulationOf(g));
        for (let cut = 1; cut <= lines.length; cut++) {
          const restored = await restoredFrom(g, lines.slice(0, cut));
          checkWhole(restored.lines, g, restored.experiment);
        }
      }),
      { numRuns: 120 },
    );
  });

  const ends = (rows: Experiment['rows']) => rows.map(({ config, status, reason, step }) => ({ config, status, reason, step }));

  test('cut at every line with one worker, and once more after that, nothing that happens to a trial changes', async () => {
    await fc.assert(
      fc.asyncProperty(given(fc.constant(1)), fc.nat(), async (g, again) => {
        const simulation = { ...g, maxFailures: 0, hands: 0 };
        const { lines, experiment } = await simulate(simulationOf(simulation));
        for (let cut = 1; cut <= lines.length; cut++) {
          const once = await restoredFrom(simulation, lines.slice(0, cut));
          const second = cut + 1 + (again % Math.max(1, once.lines.length - cut)); // the line that opens the session at least
          const restored = await restoredFrom(simulation, once.lines.slice(0, second));
          for (const { lines: all } of [once, restored]) expect(eventsOf(all)).toEqual(eventsOf(lines));
          expect(ends(restored.experiment.rows)).toEqual(ends(experiment.rows));
        }
      }),
      { numRuns: 120 },
    );
  });

  test('hands or no hands: cut at every line with one worker, no decision changes', async () => {
    await fc.assert(
      fc.asyncProperty(given(fc.constant(1)), async (g) => {
        // A pause by hand waits for the next report that is saved: a step that is repeated may be it.
        const simulation = { ...g, maxFailures: 0, stopsMidway: false, frequency: 1, atEnd: false };
        const { lines, experiment } = await simulate(simulationOf(simulation));
        for (let cut = 1; cut <= lines.length; cut++) {
          const restored = await restoredFrom(simulation, lines.slice(0, cut));
          expect(decisionsOf(restored.lines)).toEqual(decisionsOf(lines));
          expect(ends(restored.experiment.rows)).toEqual(ends(experiment.rows));
        }
      }),
      { numRuns: 120 },
    );
  });

  test('what a hand asks for is refused and changes nothing, or is journaled and does not lapse', async () => {
    const outcomes = new Set<string>();
    await fc.assert(
      fc.asyncProperty(given(fc.integer({ min: 1, max: 3 })), fc.nat(), async (g, at) => {
        const simulation = simulationOf(g);
        const { lines } = await simulate(simulation);
        const cut = lines.slice(0, 2 + (at % (lines.length - 1)));
        const experiment = replay(cut, simulation);
        const before = stateOf(experiment);
        for (const kind of ['stop', 'pause', 'resume'] as const) {
          for (let trial = 0; trial <= experiment.rows.length; trial++) {
            const [answers, recorded] = order(experiment, { kind, id: trialName(g.seed, trialId(trial)), reason: 'because' });
            expect(stateOf(experiment)).toEqual(before);
            expect(answers).toHaveLength(1);
            expect(recorded).toHaveLength(answers[0] === 'accepted' ? 1 : 0);
            for (const event of recorded) expect(advance(replay(cut, simulation), event, 0)).toEqual({ decisions: [], warnings: [] });
            outcomes.add(`${kind} ${experiment.rows[trial]?.status}: ${answers[0]}`);
          }
        }
      }),
      { numRuns: 300, seed: 7 },
    );
    for (const kind of ['stop', 'pause', 'resume']) {
      for (const status of ['TERMINATED', 'ERROR', 'undefined']) expect(outcomes).toContain(`${kind} ${status}: CONTROL_REFUSED`);
      for (const status of ['RUNNING', 'PAUSED']) expect(outcomes).toContain(`${kind} ${status}: accepted`);
    }
    expect(outcomes).toContain('pause PENDING: CONTROL_REFUSED');
    expect(outcomes).toContain('stop PENDING: accepted');
  });

  test('ended by hand, it stops what runs; restored, it goes on with what was not tried', async () => {
    await fc.assert(
      fc.asyncProperty(given(fc.integer({ min: 1, max: 3 })), fc.nat(20), async (g, after) => {
        const inner = simulationOf({ ...g, hands: 0 });
        let reports = 0;
        const world: World = {
          report(run, step) {
            if (reports++ === after) void inner.inbox?.order({ kind: 'end', reason: 'enough' });
            return inner.world.report(run, step);
          },
        };
        const { lines, experiment, why } = await simulate({ ...inner, world });
        expect(experiment.running.size).toBe(0);
        if (reports > after) expect([lines.find(({ kind }) => kind === 'halted'), why]).toMatchObject([{ by: 'user', reason: 'enough' }, 'enough']);
        for (const { status, reason } of experiment.rows) if (reason?.by === 'user') expect([status, reason.reason]).toEqual(['TERMINATED', 'enough']);
        const restored = await restoredFrom({ ...g, hands: 0 }, lines);
        checkWhole(restored.lines, g, restored.experiment);
      }),
      { numRuns: 100 },
    );
  });
});

/** Everything that an experiment decides by. */
const stateOf = ({ rows, actors, entries, unnamed, runnable, paused, due, running, halted, seats, happened }: Experiment): unknown =>
  structuredClone({ rows, actors, entries, unnamed, runnable, paused, due, running, halted, states: seats.map(({ state }) => state), happened });

/** What becomes of an order, and what is journaled of it. */
function order(experiment: Experiment, asked: Order): readonly [answers: readonly string[], recorded: readonly ExperimentEvent[]] {
  const answers: string[] = [];
  const recorded: ExperimentEvent[] = [];
  const recorder: Recorder = { record: (event) => (recorded.push(event), { ...event, at: 0 }), flush() {} };
  const shell = { experiment, recorder } as unknown as Shell;
  const orders = new Orders(shell, new Asker(shell));
  orders.take({ kind: 'ordered', order: asked, accept: () => answers.push('accepted'), refuse: (error) => answers.push(String((error as AttuneError).code)) });
  orders.settle();
  return [answers, recorded];
}
