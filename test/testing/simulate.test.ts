import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { asha } from '../../schedulers/asha.ts';
import { fifo } from '../../schedulers/fifo.ts';
import { firstOf } from '../../schedulers/first-of.ts';
import { maximumIteration } from '../../schedulers/maximum-iteration.ts';
import { onMetric } from '../../schedulers/on-metric.ts';
import { patience } from '../../schedulers/patience.ts';
import { rungs } from '../../src/schedule/rungs.ts';
import type { Decision, Scheduler } from '../../src/schedule/scheduler.ts';
import { choice, uniform } from '../../src/space/domains.ts';
import type { SimulateOptions } from '../../src/testing/simulate.ts';
import { simulate } from '../../src/testing/simulate.ts';
import type { JournalLine } from '../../src/trial/events.ts';
import type { TrialId } from '../../src/trial/ids.ts';

const falling: SimulateOptions['curve'] = (config, step) => config.x + 1 / step;

/** Pauses every trial at the step, and lets it go on when a slot is free and all others have had their turn. */
function relay(at: number): Scheduler<TrialId[]> {
  return {
    name: 'relay',
    uses: ['pause', 'resume'],
    init: () => [],
    decide(paused, event) {
      if (event.kind === 'reported' && event.step === at) return { state: paused, decisions: [{ kind: 'pause', trial: event.trial, reason: 'its turn' }] };
      if (event.kind === 'paused') paused.push(event.trial);
      const trial = event.kind === 'exhausted' || event.kind === 'idle' ? paused.shift() : undefined;
      return { state: paused, decisions: trial === undefined ? [] : [{ kind: 'resume', trial, reason: 'a slot is free' }] };
    },
  };
}

/** Li et al. 2020, algorithm 2, as it stands there: the promotion form of ASHA. */
function promoting(maxT: number, eta: number): Scheduler<{ losses: Record<string, number>[]; promoted: number[][] }> {
  const milestones = rungs(1, maxT, eta);
  return {
    name: 'promoting',
    uses: ['pause', 'resume'],
    init: () => ({ losses: milestones.map(() => ({})), promoted: milestones.map(() => []) }),
    decide(state, event) {
      const rung = event.kind === 'reported' ? milestones.indexOf(event.step) : -1;
      if (event.kind === 'reported' && rung >= 0 && rung < milestones.length - 1) {
        (state.losses[rung] ?? {})[event.trial] = event.losses[0] ?? 0;
        return { state, decisions: [{ kind: 'pause', trial: event.trial, reason: `rung ${event.step}` }] };
      }
      if (event.kind !== 'idle') return { state, decisions: [] };
      for (let top = milestones.length - 2; top >= 0; top--) {
        const ranked = Object.entries(state.losses[top] ?? {}).sort(([, a], [, b]) => a - b);
        const best = ranked.slice(0, Math.floor(ranked.length / eta)).map(([trial]) => Number(trial) as TrialId);
        const trial = best.find((one) => !state.promoted[top]?.includes(one));
        if (trial === undefined) continue;
        state.promoted[top]?.push(trial);
        return { state, decisions: [{ kind: 'resume', trial, reason: 'promoted' }] };
      }
      return { state, decisions: [] };
    },
  };
}

const schedulers: readonly (() => Scheduler)[] = [
  fifo,
  () => asha({ maxT: 9, reductionFactor: 3 }),
  () => relay(2) as Scheduler,
  () => promoting(9, 3) as Scheduler,
];

/** Whole and half seconds: many things happen at one instant. */
const worlds = fc.record({
  trials: fc.integer({ min: 1, max: 12 }),
  workers: fc.integer({ min: 1, max: 6 }),
  maxT: fc.integer({ min: 1, max: 9 }),
  seed: fc.nat(1000),
  scheduler: fc.nat(schedulers.length - 1),
  failures: fc.constantFrom(0, 0, 0.1),
  maxFailures: fc.integer({ min: 0, max: 2 }),
  decisionCost: fc.constantFrom(0, 0, 0.25),
  frequency: fc.integer({ min: 0, max: 2 }),
});

type World = typeof worlds extends fc.Arbitrary<infer T> ? T : never;

const optionsOf = ({ scheduler, frequency, ...rest }: World): SimulateOptions => ({
  ...rest,
  scheduler: (schedulers[scheduler] as () => Scheduler)(),
  checkpointConfig: { frequency },
  curve: (config, step, rng) => (rng.int(8) === 0 ? Number.NaN : config.x + 1 / step),
  durations: (_config, _step, rng) => [0.5, 1, 1, 2][rng.int(4)] as number,
});

const ENDS = ['reported', 'checkpointed', 'paused', 'completed', 'stopped', 'failed', 'retried', 'exploited'];

describe('simulate', () => {
  test('with a curve and little else', async () => {
    const { summary, grid, journal, warnings } = await simulate({ scheduler: asha(), trials: 20, curve: falling });
    expect(grid).toHaveLength(20);
    expect(grid.getBestResult().metrics).toMatchObject({ training_iteration: 100, loss: summary.best?.value });
    expect(summary).toMatchObject({ trials: 20, stopped: 20, completed: 0, failed: 0, paused: 0 });
    expect(summary.trained.map(({ step }) => step)).toEqual([1, 4, 100]);
    expect(summary.seconds).toBe(summary.iterations); // one worker, a second each
    expect(journal[0]).toMatchObject({ kind: 'created' });
    expect(warnings).toEqual([]);
  });

  test('knows the configurations that its space gives', async () => {
    const space = { lr: uniform(0, 1), layers: choice([1, 2]) };
    const { grid } = await simulate({
      space,
      trials: 3,
      maxT: 2,
      curve(config) {
        expectTypeOf(config).toEqualTypeOf<{ lr: number; layers: 1 | 2 }>();
        return { loss: config.lr * config.layers, size: config.layers };
      },
    });
    expectTypeOf(grid.getBestConfig().lr).toEqualTypeOf<number>();
    expect(grid.at(0)?.metrics['size']).toBe(grid.at(0)?.config.layers);
  });

  test('a trial ends where the scheduler stops it, where its curve ends, or at maxT', async () => {
    const ends = async (more: Partial<SimulateOptions>) => (await simulate({ curve: falling, trials: 2, ...more })).summary;
    expect(await ends({})).toMatchObject({ completed: 2, iterations: 200 });
    expect(await ends({ maxT: 7 })).toMatchObject({ completed: 2, iterations: 14 });
    expect(await ends({ curve: (_config, step) => (step > 3 ? undefined : 1) })).toMatchObject({ completed: 2, iterations: 6 });
    expect(await ends({ stop: { training_iteration: 4 } })).toMatchObject({ stopped: 2, iterations: 8 });
    expect(await ends({ scheduler: maximumIteration({ maxIter: 5 }) })).toMatchObject({ stopped: 2, iterations: 10 });
    expect(await ends({ scheduler: asha({ maxT: 6, gracePeriod: 6 }) })).toMatchObject({ stopped: 2, iterations: 12 }); // its own maxT is the length
  });

  test('knows of the maxT of a scheduler within others', async () => {
    const longest = async (scheduler: Scheduler) => (await simulate({ curve: falling, trials: 1, scheduler })).summary.iterations;
    expect(await longest(firstOf(asha({ maxT: 300 }) as Scheduler, patience({ patience: 1000 }) as Scheduler) as Scheduler)).toBe(300);
    expect(await longest(onMetric('loss', firstOf(fifo(), asha({ maxT: 120 }) as Scheduler)) as Scheduler)).toBe(120);
  });

  test('tells what a run would, of a stop that ends trials early too, and leaves the process alone', async () => {
    const { warnings } = await simulate({ curve: falling, scheduler: asha({ maxT: 27, reductionFactor: 3 }), stop: { training_iteration: 2, acc: 1 } });
    expect(warnings).toEqual([
      'stop: trials end at training_iteration 2, but asha trains the best ones to maxT 27: it compares no trial beyond 2. Give both the same number.',
      expect.stringContaining('acc'),
    ]);
  });

  test('its grid is a real one, without a disk', async () => {
    const { grid } = await simulate({ curve: (_config, step) => (step === 2 ? Number.NaN : step), maxT: 3, trials: 2, checkpointConfig: { frequency: 1 } });
    expect(grid.at(1)?.metricsDataFrame().array('loss')).toEqual([1, null, 3]);
    expect(grid.getDataFrame({ filterMetric: 'loss', filterMode: 'min' }).array('training_iteration')).toEqual([1, 1]);
    expect(grid.getBestResult({ scope: 'all' }).status).toBe('TERMINATED');
    expect(grid.at(0)?.checkpoint).toBeUndefined();
    expect(grid.observations()).toHaveLength(2);
  });

  test('law: the same options give the same journal', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const [first, second] = [await simulate(optionsOf(world)), await simulate(optionsOf(world))];
        expect(second.journal).toEqual(first.journal);
        expect(second.summary).toEqual(first.summary);
      }),
      { numRuns: 60 },
    );
  });

  test('law: time never goes back, and all of one instant is handled before a slot is filled', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const { journal } = await simulate(optionsOf(world));
        let filled = -1;
        const started = new Map<TrialId, number>();
        for (const [i, line] of journal.entries()) {
          const { kind, at } = line;
          expect(at).toBeGreaterThanOrEqual(journal[i - 1]?.at ?? 0);
          if (line.kind === 'started') started.set(line.trial, at);
          if (line.kind === 'completed' && started.get(line.trial) === at) continue; // it had been paused at its last step
          if (kind === 'queued' || kind === 'started' || kind === 'idle') filled = at;
          if (ENDS.includes(kind)) expect(filled, `${kind} after a slot was filled at ${at}`).toBeLessThan(at);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('law: durations that are scaled scale the times of the journal, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, fc.constantFrom(0.25, 2, 1024), async (world, by) => {
        const { durations, ...options } = optionsOf({ ...world, decisionCost: 0 });
        const seconds = durations as Exclude<SimulateOptions['durations'], number | undefined>;
        const { journal } = await simulate({ ...options, durations: seconds });
        const scaled = await simulate({ ...options, durations: (...args) => by * seconds(...args) });
        const timed = (lines: readonly JournalLine[], factor: number) =>
          lines.map((line) => ({ ...line, at: line.at * factor, ...('seconds' in line ? { seconds: line.seconds * factor } : {}) }));
        expect(timed(scaled.journal, 1)).toEqual(timed(journal, by));
      }),
      { numRuns: 60 },
    );
  });

  test('law: its summary is what the journal says', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const { journal, summary, grid } = await simulate(optionsOf(world));
        const reports = journal.flatMap((line) => (line.kind === 'reported' ? [line] : []));
        expect(summary.iterations).toBe(reports.length);
        expect(summary.completed + summary.stopped + summary.failed + summary.paused).toBe(world.trials);
        expect([grid.length, grid.numErrors]).toEqual([world.trials, summary.failed]);
        expect(summary.busySeconds).toBeLessThanOrEqual(world.workers * summary.seconds + 1e-6);
        const furthest = Array.from({ length: world.trials }, (_, trial) =>
          Math.max(0, ...reports.filter((line) => line.trial === trial).map(({ step }) => step)),
        );
        for (const { step, reached, ended } of summary.trained) {
          expect(reached).toBe(furthest.filter((most) => most >= step).length);
          expect(ended).toBe(furthest.filter((most) => most === step).length);
        }
        expect(summary.trained.reduce((sum, { ended }) => sum + ended, 0)).toBe(world.trials);
        const values = reports.map(({ metrics }) => metrics['loss'] as number).filter(Number.isFinite);
        expect(summary.best?.value).toBe(values.length === 0 ? undefined : Math.min(...values));
      }),
      { numRuns: 100 },
    );
  });
});

describe('time', () => {
  const three = { curve: falling, trials: 4, maxT: 3 } as const;

  test('trials run side by side on the workers that there are', async () => {
    for (const [workers, seconds] of [
      [1, 12],
      [2, 6],
      [3, 6],
      [4, 3],
      [9, 3],
    ] as const)
      expect((await simulate({ ...three, workers })).summary).toMatchObject({ seconds, busySeconds: 12 }); // prettier-ignore
  });

  test('durations and the time before the first step', async () => {
    const { summary } = await simulate({ ...three, durations: (_config, step) => step, startup: 10 });
    expect(summary.seconds).toBe(4 * (10 + 1 + 2 + 3));
  });

  test('a resumed trial may have to train again what it had', async () => {
    const scheduler = relay(2) as Scheduler;
    expect((await simulate({ ...three, scheduler })).summary.seconds).toBe(12);
    expect((await simulate({ ...three, scheduler: relay(2) as Scheduler, startup: (_config, step) => step })).summary.seconds).toBe(12 + 4 * 2);
  });

  test('stragglers take longer, each run by its own factor, and never less', async () => {
    const { journal, summary } = await simulate({ ...three, trials: 200, stragglers: 0.5 });
    expect(summary.seconds / 600).toBeGreaterThan(1.3);
    expect(summary.seconds / 600).toBeLessThan(1.5); // 1 + 0.5 * sqrt(2 / pi) is 1.4
    const steps = journal.flatMap((line) => (line.kind === 'reported' ? [line.seconds] : []));
    expect(Math.min(...steps)).toBeGreaterThanOrEqual(1);
    expect(new Set(steps).size).toBe(200);
  });

  test('whoever decides does one thing at a time', async () => {
    const cost = 0.25;
    const alone = await simulate({ ...three, trials: 1, decisionCost: cost });
    expect(alone.summary.seconds).toBe(3 + 4 * cost); // the start, and three answers
    const many = await simulate({ ...three, trials: 8, workers: 8, durations: 0, decisionCost: cost });
    expect(many.summary.seconds).toBe(8 * 4 * cost);
  });

  test.each([
    [9, 3, 13],
    [27, 3, 40],
    [64, 4, 85],
    [256, 4, 341],
  ])('the first of many trials that are trained from scratch comes to R = %i, eta = %i at %i', async (maxT, eta, seconds) => {
    const { journal } = await simulate({
      scheduler: promoting(maxT, eta) as Scheduler,
      workers: maxT,
      trials: 8 * maxT,
      maxT,
      curve: (config) => config.x,
      startup: (_config, step) => step,
    });
    const first = journal.find((line) => line.kind === 'reported' && line.step === maxT);
    expect(first?.at).toBe(1000 * seconds);
  });
});

describe('failures', () => {
  test('a probability, of each step', async () => {
    const { summary } = await simulate({ curve: falling, trials: 400, maxT: 2, failures: 0.5 });
    expect(summary.failed).toBeGreaterThan(270); // 300 +- 9
    expect(summary.failed).toBeLessThan(330);
    expect((await simulate({ curve: falling, trials: 5, failures: 1 })).grid.errors[0]?.message).toBe('simulated failure at step 1');
  });

  test('of steps that are named; tried again, a trial goes on from its checkpoint', async () => {
    const failures: SimulateOptions['failures'] = (config, step, rng) => step === 3 && rng.next() < 0.5 && config.x >= 0;
    const options = { curve: falling, trials: 50, maxT: 5, failures, maxFailures: -1, checkpointConfig: { frequency: 1 } } as const;
    const { summary, journal } = await simulate(options);
    expect(summary).toMatchObject({ completed: 50, failed: 0, iterations: 250 });
    const again = journal.filter((line) => line.kind === 'started' && line.step === 2);
    expect(again.length).toBeGreaterThan(25);
    expect(summary.seconds).toBe(250 + again.length);
  });
});

describe('a learner', () => {
  /** What it knows is how often it has learnt. */
  const counting = {
    init: () => ({ learnt: 0 }),
    step(state: { learnt: number }) {
      state.learnt += 1;
      return { state, metrics: -state.learnt };
    },
  };
  const losses = (journal: readonly JournalLine[], trial: number) =>
    journal.flatMap((line) => (line.kind === 'reported' && line.trial === trial ? [line.metrics['loss']] : []));

  test('goes on from what it has saved, after a pause and after a failure', async () => {
    const paused = await simulate({ curve: counting, trials: 3, maxT: 4, scheduler: relay(2) as Scheduler });
    expect(losses(paused.journal, 1)).toEqual([-1, -2, -3, -4]);
    const failed = await simulate({ curve: counting, trials: 1, maxT: 6, failures: 0.3, maxFailures: -1, checkpointConfig: { frequency: 2 } });
    expect(failed.journal.some(({ kind }) => kind === 'retried')).toBe(true);
    expect(losses(failed.journal, 0)).toEqual([-1, -2, -3, -4, -5, -6]);
  });

  test('takes over what another has saved', async () => {
    const copying: Scheduler<{ checkpoint: string; done: boolean }> = {
      name: 'copying',
      uses: ['checkpoint', 'exploit'],
      init: () => ({ checkpoint: '', done: false }),
      decide(state, event) {
        const decisions: Decision[] = [];
        if (event.kind === 'reported' && event.trial === 0 && event.step === 5) decisions.push({ kind: 'checkpoint', trial: event.trial, reason: 'to copy' });
        if (event.kind === 'checkpointed' && event.trial === 0) state.checkpoint = event.checkpoint;
        if (event.kind === 'reported' && event.trial === 1 && state.checkpoint !== '' && !state.done) {
          state.done = true;
          decisions.push({ kind: 'exploit', trial: event.trial, from: 0 as TrialId, checkpoint: state.checkpoint, config: { x: 0.5 }, reason: 'copy' });
        }
        return { state, decisions };
      },
    };
    const { journal } = await simulate({ curve: counting, trials: 2, workers: 2, maxT: 8, scheduler: copying as Scheduler, durations: ({ x }) => 1 + x });
    expect(losses(journal, 0)).toEqual([-1, -2, -3, -4, -5, -6, -7, -8]);
    const copied = losses(journal, 1);
    const exploited = journal.find((line) => line.kind === 'exploited');
    expect(exploited).toMatchObject({ trial: 1, from: 0, step: 5 });
    expect(copied.slice(-3)).toEqual([-6, -7, -8]); // after five steps of the other
  });
});

describe('bad input', () => {
  const refuses = (more: object): Promise<unknown> => simulate({ curve: falling, ...more } as never);

  test.each([
    [{ trails: 3 }, 'OPTION_UNKNOWN', 'Did you mean "trials"'],
    [{ curve: undefined }, 'OPTION_RANGE', 'expected curve to be a function (config, step, rng), or { init, step }, got undefined'],
    [{ trials: 0 }, 'OPTION_RANGE', 'expected trials to be an integer >= 1, got 0'],
    [{ workers: 1.5 }, 'OPTION_RANGE', 'expected workers'],
    [{ maxT: 0 }, 'OPTION_RANGE', 'expected maxT'],
    [{ seed: 0.5 }, 'OPTION_RANGE', 'expected seed'],
    [{ failures: 2 }, 'OPTION_RANGE', 'a function, or a probability, got 2'],
    [{ durations: -1 }, 'OPTION_RANGE', 'expected durations'],
    [{ startup: NaN }, 'OPTION_RANGE', 'expected startup'],
    [{ stragglers: -1 }, 'OPTION_RANGE', 'expected stragglers'],
    [{ decisionCost: Infinity }, 'OPTION_RANGE', 'expected decisionCost'],
    [{ mode: 'least' }, 'METRIC_INVALID', "expected mode to be 'min' or 'max'"],
    [{ scheduler: asha(), metric: ['a', 'b'] }, 'METRIC_INVALID', 'exactly one metric'],
    [{ scheduler: asha }, 'OPTION_RANGE', 'Call it'],
    [{ space: { x: 1, y: () => 1 } }, 'SPACE_INVALID', 'y'],
    [{ failures: () => 'yes' }, 'OPTION_RANGE', 'expected failures to give true or false, got "yes" for trial 0 at step 1'],
    [{ failures: async () => false }, 'OPTION_RANGE', 'expected failures to give true or false'],
    [{ curve: () => 'low' }, 'METRIC_NOT_JSON', 'expected an object of metrics, got "low"'],
  ])('%o is %s', async (more, code, message) => {
    await expect(refuses(more)).rejects.toMatchObject({ code, message: expect.stringContaining(message) as string });
  });

  const moments = [Number.NaN, undefined, Number.POSITIVE_INFINITY, -1, -Number.MIN_VALUE, '1', null, 1n];
  test.each((['durations', 'startup'] as const).flatMap((option) => moments.map((moment) => [option, moment] as const)))(
    '%s that give %s at some step are an error, and time neither stops nor goes back',
    async (option, moment) => {
      const seconds = ({ x }: { x: number }, step: number) => ((option === 'durations' ? step < 3 : x > 0.5) ? 1 : moment);
      await expect(refuses({ [option]: seconds, trials: 20 })).rejects.toMatchObject({
        code: 'OPTION_RANGE',
        message: expect.stringMatching(new RegExp(`^simulate: expected ${option} to give a finite number >= 0, got .* for trial \\d+ at step \\d`)) as string,
      });
    },
  );

  test('what a curve throws is thrown, and a scheduler that throws is named', async () => {
    await expect(
      refuses({
        curve: () => {
          throw new TypeError('no');
        },
      }),
    ).rejects.toThrow(new TypeError('no'));
    const broken = { ...fifo(), name: 'broken', decide: () => (undefined as unknown as { x: 1 }).x } as never;
    await expect(refuses({ scheduler: broken })).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
  });
});
