import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { allOf } from '../../schedulers/all-of.ts';
import { asha } from '../../schedulers/asha.ts';
import { fifo } from '../../schedulers/fifo.ts';
import { firstOf } from '../../schedulers/first-of.ts';
import { hyperband } from '../../schedulers/hyperband.ts';
import { maximumIteration } from '../../schedulers/maximum-iteration.ts';
import { moAsha } from '../../schedulers/mo-asha.ts';
import { onMetric } from '../../schedulers/on-metric.ts';
import { patience } from '../../schedulers/patience.ts';
import { rng } from '../../src/base/rng.ts';
import { inline } from '../../src/execute/inline.ts';
import type { Scheduler } from '../../src/schedule/scheduler.ts';
import type { StopRule } from '../../src/schedule/stop-rules.ts';
import type { Searcher } from '../../src/search/searcher.ts';
import { gridSearch, uniform } from '../../src/space/domains.ts';
import { recorded } from '../../src/testing/curves/recorded.ts';
import { simulate } from '../../src/testing/simulate.ts';
import type { TrialContext } from '../../src/trainable/trial-context.ts';
import { type Preview, preview } from '../../src/tuner/preview.ts';
import { Tuner } from '../../src/tuner/tuner.ts';
import { temporaryDirectory } from '../watch/story.ts';

/** How good trial number `trial` is in a preview of this seed: what a run has to have in common with it. */
const rank = (seed: number, trial: number): number => rng(seed).fork('preview', trial, 'loss').next();

const options = fc.record({
  trials: fc.integer({ min: 1, max: 40 }),
  workers: fc.integer({ min: 1, max: 8 }),
  seed: fc.nat(1000),
  maxT: fc.integer({ min: 1, max: 81 }),
});

describe('preview', () => {
  test('of a scheduler', async () => {
    const { table, ...numbers } = await preview(asha({ maxT: 27, reductionFactor: 3 }), { trials: 30, workers: 3 });
    expect(numbers).toMatchInlineSnapshot(`
      {
        "ignored": [],
        "iterations": 194,
        "rounds": 74,
        "trained": [
          {
            "ended": 20,
            "reached": 30,
            "step": 1,
          },
          {
            "ended": 4,
            "reached": 10,
            "step": 3,
          },
          {
            "ended": 6,
            "reached": 6,
            "step": 27,
          },
        ],
        "trials": 30,
        "warnings": [],
      }
    `);
    expect(`\n${table}\n`).toMatchInlineSnapshot(`
      "
          step  trials that get there  of these no further
             1                     30                   20
             3                     10                    4
            27                      6                    6
      30 trials, 194 iterations in all
      "
    `);
  });

  test('of one that runs everything', async () => {
    expect(await preview(fifo(), { trials: 7, maxT: 13, workers: 2 })).toMatchObject({
      trials: 7,
      trained: [{ step: 13, reached: 7, ended: 7 }],
      iterations: 91,
      rounds: 52,
    });
  });

  test('the length of a trial: what is asked for, else what the scheduler says, else 100', async () => {
    const longest = async (scheduler: Scheduler, more: { maxT?: number } = {}) => (await preview(scheduler, { trials: 2, ...more })).trained.at(-1)?.step;
    expect([await longest(fifo()), await longest(asha({ maxT: 9 })), await longest(asha({ maxT: 9 }), { maxT: 5 })]).toEqual([100, 9, 5]);
    expect(await longest(asha({ maxT: 20, timeAttr: 'epoch' }), { maxT: 50 })).toBe(20); // the metric that says how far a trial is, is its step
  });

  test('of a scheduler within others: as if it were alone, with its maxT and its timeAttr', async () => {
    const still = patience({ patience: 1000 }) as Scheduler;
    for (const part of [asha({ maxT: 300 }), asha({ maxT: 27, reductionFactor: 3, timeAttr: 'epoch' }), moAsha({ maxT: 27, timeAttr: 'step/of' })]) {
      const alone = await preview(part as Scheduler, { trials: 20, workers: 3 });
      expect(alone.trained.length).toBeGreaterThan(1);
      for (const whole of [
        firstOf(part as Scheduler, still),
        onMetric('loss', part as Scheduler),
        firstOf(still, onMetric('loss', firstOf(part as Scheduler)) as Scheduler),
      ])
        expect(await preview(whole as Scheduler, { trials: 20, workers: 3 })).toEqual(alone);
    }
    const both = firstOf(asha({ maxT: 9, timeAttr: 'epoch' }) as Scheduler, asha({ maxT: 30, timeAttr: 'round' }) as Scheduler);
    expect((await preview(both as Scheduler, { trials: 5 })).trained.at(-1)?.step).toBe(9); // each by its own, and the world knows both
  });

  test('tells what its trials do not report', async () => {
    const lost: Scheduler = {
      ...fifo(),
      decide: (state, event) => ({ state, decisions: [], warnings: event.kind === 'reported' && !('acc' in event.metrics) ? ['lost: no acc'] : [] }),
    };
    expect((await preview(lost, { trials: 3, maxT: 4 })).warnings).toContain('lost: no acc');
  });

  test('law: of fifo and of rules that count, whatever trials report, it is what runs', async () => {
    await fc.assert(
      fc.asyncProperty(options, fc.boolean(), async (given, counts) => {
        const scheduler = (): Scheduler => (counts ? (maximumIteration({ maxIter: 1 + (given.seed % 20) }) as Scheduler) : fifo());
        const { trained, iterations, rounds } = await preview(scheduler(), given);
        const { summary } = await simulate({ ...given, scheduler: scheduler(), curve: (_config, _step, draw) => draw.normal() });
        expect({ trained, iterations, rounds }).toEqual({ trained: summary.trained, iterations: summary.iterations, rounds: summary.seconds });
      }),
      { numRuns: 50 },
    );
  });

  test('law: of asha, with trials in the same order and curves that keep their ranks, it is what runs', async () => {
    await fc.assert(
      fc.asyncProperty(options, fc.integer({ min: 2, max: 5 }), async (given, reductionFactor) => {
        const scheduler = (): Scheduler => asha({ maxT: given.maxT, reductionFactor }) as Scheduler;
        const curves = Array.from({ length: given.trials }, (_, trial) =>
          Array.from({ length: given.maxT }, (_step, i) => Math.exp(rank(given.seed, trial)) / (i + 1)),
        );
        const { trained, iterations, rounds } = await preview(scheduler(), given);
        const { summary } = await simulate({ ...recorded(curves), scheduler: scheduler(), workers: given.workers });
        expect({ trained, iterations, rounds }).toEqual({ trained: summary.trained, iterations: summary.iterations, rounds: summary.seconds });
      }),
      { numRuns: 50 },
    );
  });

  test('refuses what it cannot know', async () => {
    await expect(preview(fifo(), { trials: 0 })).rejects.toMatchObject({ code: 'OPTION_RANGE' });
    await expect(preview(fifo(), { trials: 1, maxT: 0 })).rejects.toMatchObject({ code: 'OPTION_RANGE' });
    await expect(preview(fifo(), { trials: 1, worker: 2 } as never)).rejects.toMatchObject({ code: 'OPTION_UNKNOWN' });
    await expect(preview(undefined as never, { trials: 1 })).rejects.toThrow('preview: expected a scheduler, got undefined');
    await expect(preview(asha as never, { trials: 1 })).rejects.toThrow('Call it: asha(…).');
    await expect(preview(asha(), { trials: 1, metric: ['a', 'b'] })).rejects.toMatchObject({ code: 'METRIC_INVALID' });
  });
});

describe('tuner.preview', () => {
  const steps = (n: number) => async (config: { i: number }, trial: TrialContext) => {
    for (let step = 1; step <= n; step++) await trial.report({ loss: rank(3, config.i) + 1 / step });
  };
  const quiet = { executor: inline({ workers: 1 }), verbose: 0, loggers: [] } as const;

  test('is what the run then does, and writes nothing before', async () => {
    const storagePath = temporaryDirectory(onTestFinished);
    const inOrder: Searcher = {
      name: 'in-order',
      suggest: ({ index, samples }) => (index < samples ? { kind: 'config', config: { i: index } } : { kind: 'done' }),
    };
    const tuner = new Tuner(steps(30), {
      paramSpace: { i: uniform(0, 20) },
      tuneConfig: { metric: 'loss', mode: 'min', numSamples: 20, seed: 3, searchAlg: inOrder, scheduler: asha({ maxT: 30, reductionFactor: 3 }) },
      runConfig: { ...quiet, storagePath },
    });
    const { trained, iterations } = await tuner.preview();
    expect(readdirSync(storagePath)).toEqual([]);
    const grid = await tuner.fit();
    const ended = [...grid].map(({ metrics }) => metrics.training_iteration);
    expect(trained).toEqual(
      [...new Set(ended)]
        .sort((a, b) => a - b)
        .map((step) => ({ step, reached: ended.filter((one) => one >= step).length, ended: ended.filter((one) => one === step).length })),
    );
    expect(iterations).toBe(ended.reduce((sum, one) => sum + one, 0));
    expect(trained.length).toBeGreaterThan(1);
  });

  test('knows how many trials a grid is, presets, and stop rules that count', async () => {
    const tuner = new Tuner(steps(1), {
      paramSpace: { i: gridSearch([1, 2, 3]) },
      tuneConfig: { metric: 'loss', mode: 'min', numSamples: 2, pointsToEvaluate: [{ i: 2 }], maxConcurrentTrials: 2 },
      runConfig: { ...quiet, executor: inline({ workers: 9 }), stop: [{ training_iteration: 8, loss: 0 }, maximumIteration({ maxIter: 6 })] },
    });
    expect(await tuner.preview()).toMatchObject({ trained: [{ step: 6, ended: expect.any(Number) as number }], ignored: ['loss >= 0'] });
    expect((await tuner.preview({ maxT: 4 })).trained[0]?.step).toBe(4);
    const one = await tuner.preview({ workers: 1 });
    expect(one.rounds).toBe(one.iterations);
    expect(one.rounds).toBeGreaterThan((await tuner.preview()).rounds);
  });

  const planned = (stop: StopRule | readonly StopRule[] | undefined, scheduler: Scheduler = fifo(), more = {}): Promise<Preview> =>
    new Tuner(steps(1), {
      paramSpace: { i: uniform(0, 1) },
      tuneConfig: { metric: 'loss', mode: 'min', numSamples: 4, seed: 1, scheduler, ...more },
      runConfig: { ...quiet, ...(stop === undefined ? {} : { stop }) },
    }).preview();

  test('without a maxT it is the stop rules that say how long a trial is, also beyond 100', async () => {
    const longest = async (stop: StopRule | readonly StopRule[]) => (await planned(stop)).trained.at(-1)?.step;
    expect(await longest({ training_iteration: 150 })).toBe(150);
    expect(await longest([{ metric: 'training_iteration', mode: 'max', value: 170.5 }, maximumIteration({ maxIter: 300 }) as Scheduler])).toBe(171);
    expect(await longest(allOf(maximumIteration({ maxIter: 120 }) as Scheduler, maximumIteration({ maxIter: 130 }) as Scheduler) as Scheduler)).toBe(130);
    expect(await longest('training_iteration > 40')).toBe(41);
    expect((await planned({ training_iteration: 150 }, asha({ maxT: 27 }) as Scheduler)).trained.at(-1)?.step).toBe(27);
  });

  test('a rule about what the scheduler counts maxT by is one that counts', async () => {
    const scheduler = asha({ maxT: 27, gracePeriod: 27, timeAttr: 'epoch' }) as Scheduler;
    expect(await planned('epoch >= 12 and training_iteration > 3', scheduler)).toMatchObject({ trained: [{ step: 12 }], ignored: [] });
    expect(await planned({ epoch: 12 })).toMatchObject({ trained: [{ step: 100 }], ignored: ['epoch >= 12'] });
  });

  test('names the rules that it cannot know, under the table too; a function is not asked', async () => {
    const stop: readonly StopRule[] = [
      { training_iteration: 9, loss: 3 },
      { metric: 'acc', mode: 'max', value: 0.9 },
      { metric: 'loss', mode: 'min', value: 0.1 },
      'eval.loss < 0.1 or training_iteration >= 2',
      function lateAtNight(): never {
        throw new Error('asked');
      },
      patience({ patience: 2 }) as Scheduler,
      firstOf(maximumIteration({ maxIter: 8 }) as Scheduler, patience({ patience: 2 }) as Scheduler) as Scheduler,
    ];
    const { table, trained, ignored } = await planned(stop, fifo(), { timeBudgetS: 60 });
    expect(trained).toEqual([{ step: 8, reached: 4, ended: 4 }]); // the last rule says where trials end at the latest
    expect(ignored).toEqual([
      'loss >= 3',
      'acc >= 0.9',
      'loss <= 0.1',
      'eval.loss < 0.1 or training_iteration >= 2',
      'the function lateAtNight',
      'patience',
      'firstOf',
      'timeBudgetS 60',
    ]);
    expect(table.split('\n').at(-1)).toBe(`not looked at: ${ignored.join('; ')}`);
    const { trained: halved } = await planned(stop, hyperband({ maxT: 81 }) as Scheduler);
    expect(halved.at(-1)?.step).toBe(8);
    expect((await planned(undefined)).ignored).toEqual([]);
  });

  test('without an end there is nothing to say', async () => {
    const endless = { tuneConfig: { numSamples: -1, timeBudgetS: 1 }, runConfig: quiet, paramSpace: { i: uniform(0, 1) } };
    await expect(new Tuner(steps(1), endless).preview()).rejects.toMatchObject({ code: 'OPTION_RANGE' });
    await expect(new Tuner(steps(1), { ...endless, tuneConfig: {} }).preview({ trials: 3 } as never)).rejects.toMatchObject({ code: 'OPTION_UNKNOWN' });
  });
});
