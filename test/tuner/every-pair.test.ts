import { describe, expect, test } from 'vitest';
import { avoidDuplicates, grid, random, repeat, tpe } from '../../algorithms/index.ts';
import { asha, fifo, firstOf, hyperband, onMetric, patience, pbt, percentileStopping } from '../../schedulers/index.ts';
import type { Rng } from '../../src/base/rng.ts';
import type { Scheduler } from '../../src/schedule/scheduler.ts';
import type { Searcher } from '../../src/search/searcher.ts';
import type { Config } from '../../src/space/config.ts';
import { contains } from '../../src/space/contains.ts';
import { choice, loguniform, uniform, variation } from '../../src/space/domains.ts';
import { compileSpace } from '../../src/space/space.ts';
import { curveWorld } from '../../src/testing/curve-world.ts';
import { LAW_SPACE } from '../../src/testing/laws/scheduler-laws.ts';
import { simulate } from '../../src/testing/simulate.ts';
import type { Lineage } from '../../src/trial/lineage.ts';
import { bohb } from '../../src/tuner/bohb.ts';
import type { TunerOptions } from '../../src/tuner/options.ts';
import { makePlan } from '../../src/tuner/plan.ts';
import { SIMULATED } from '../../src/tuner/preview.ts';
import { simulate as run, simulationOf } from '../../src/tuner/simulate.ts';
import { OWN as OWN_SCHEDULERS } from '../laws/own-schedulers.ts';
import { OWN as OWN_SEARCHERS, type OwnSearcher } from '../laws/own-searchers.ts';

interface OwnScheduler {
  readonly name: string;
  make(): Scheduler;
  readonly leavesPaused?: boolean | undefined;
}

const nine = { maxT: 9, reductionFactor: 3 };
const moving = () =>
  pbt({ perturbationInterval: 2, quantileFraction: 0.4, hyperparamMutations: { lr: loguniform(1e-4, 1), nested: { momentum: uniform(0, 1) } } });

const SEARCHERS: readonly OwnSearcher[] = [
  ...OWN_SEARCHERS.filter((own) => !('space' in own && own.space === undefined)),
  { name: 'bohb', make: () => bohb(nine).searchAlg, metrics: 'one' },
];

const SCHEDULERS: readonly OwnScheduler[] = [
  ...OWN_SCHEDULERS.map(({ name, make, options }) => ({ name, make: () => make({ metric: 'loss', mode: 'min' }), leavesPaused: options.leavesPaused })),
  { name: 'bohb', make: () => bohb(nine).scheduler },
  { name: 'pbt, of numbers', make: moving },
  { name: 'firstOf, one of which pauses', make: () => firstOf(hyperband(nine), patience({ patience: 2 })) },
  { name: 'firstOf, one of which copies', make: () => firstOf(moving(), patience({ patience: 3 })) },
];

/** Those for experiments of several metrics: they are told which one to go by, go by all of them, or by none. */
const OF_SEVERAL: readonly OwnScheduler[] = [
  ...SCHEDULERS.filter(({ name }) => /^(fifo|pbtReplay|threshold|onMetric|moAsha|maximumIteration)/.test(name)),
  { name: 'onMetric, one that pauses', make: () => onMetric('cost', hyperband(nine)) },
  { name: 'onMetric, one that copies', make: () => onMetric('loss', moving()) },
  {
    name: 'firstOf, each for a metric',
    make: () => firstOf(onMetric('loss', asha(nine)), onMetric('cost', percentileStopping({ percentile: 25, gracePeriod: 2, minSamplesRequired: 3 }))),
  },
];

/** The pairs that are refused although the metrics suit both, and how the message begins. */
const REFUSED: Readonly<Record<string, string>> = Object.fromEntries(
  // The space of cmaes has numbers only, and this pbt moves "kind" too. "pbt, of numbers" runs.
  ['cmaes', 'cmaes, that restarts'].flatMap((searcher) =>
    ['pbt', 'pbt, synch'].map((scheduler) => [`${searcher} × ${scheduler}`, 'pbt: hyperparamMutations/kind: expected values that lie in the space']),
  ),
);

interface Params {
  readonly lr: number;
  readonly width: number;
  readonly layers: number;
  readonly nested: { readonly momentum: number };
}

/** Trials that improve at different speeds; some complete before the others, diverge for a while, or are hopeless. */
function curve({ lr, width, layers, nested: { momentum } }: Params, step: number, rng: Rng) {
  if (layers === 4 && step > 5) return undefined;
  const fallen = Math.abs(Math.log10(lr) + 2) + step ** -(0.1 + momentum) + 0.01 * rng.normal();
  const loss = layers === 1 && step === 3 ? Number.NaN : width > 200 ? 400 : fallen;
  return { loss, cost: width * (1 + momentum), epoch: 2 * step };
}

const MAX_T = 12;
/** Trials that are wanted of the searcher, or a few more. */
const WANTED = 18;
const SEVERAL = { metric: ['loss', 'cost'], mode: 'min' } as const;

/** What they take, and an end for those that would go on for ever. */
function durations(): (config: Params) => number {
  let steps = 0;
  return ({ width }) => {
    steps += 1;
    if (steps > 5000) throw new Error('expected it to end, got 5,000 steps');
    return 0.5 + width / 100;
  };
}

/** One that replays a lineage wants trials that begin as that does: six of them, which `repeat` takes too. */
const pointsFor = ({ options }: Scheduler): readonly Config[] =>
  Array.isArray(options) ? Array.from({ length: 6 }, () => (options as unknown as Lineage)[0]?.config ?? {}) : [];

async function pair({ make, space = LAW_SPACE, sweep = 1 }: OwnSearcher, other: OwnScheduler, workers: number, metrics: object = {}) {
  const scheduler = other.make();
  const points = pointsFor(scheduler);
  const samples = Math.ceil(WANTED / sweep);
  const trials = { trials: points.length + samples, pointsToEvaluate: points as never };
  const world = { space: space as typeof LAW_SPACE, curve, maxT: MAX_T, durations: durations(), failures: 0.02, seed: 3, workers };
  const result = await simulate({ ...world, ...trials, ...metrics, searcher: make(), scheduler });
  return { ...result, wanted: points.length + samples * sweep };
}

async function runsToTheEnd(searcher: OwnSearcher, scheduler: OwnScheduler, workers: number, metrics?: object): Promise<void> {
  const { grid, journal, wanted } = await pair(searcher, scheduler, workers, metrics);
  const rows = [...grid];
  const isOver = (status: string): boolean => status === 'TERMINATED' || status === 'ERROR' || (scheduler.leavesPaused === true && status === 'PAUSED');
  expect(rows.filter(({ status }) => !isOver(status)).map(({ status }) => status)).toEqual([]);
  const last = journal.at(-1);
  const why = last?.kind === 'closed' ? last.why : 'nothing';
  if (!scheduler.make().uses.includes('end')) expect([why, rows.length]).toEqual([expect.stringMatching(/^all (other )?trials have ended/), wanted]);
  const space = compileSpace(searcher.space ?? LAW_SPACE);
  expect(rows.filter(({ config }) => !contains(space, config as Config)).map(({ config }) => config)).toEqual([]);
}

const refusedBy = (text: string) => expect.objectContaining({ name: 'AttuneError', message: expect.stringContaining(text) as string });

describe('one metric: every searcher runs to the end with every scheduler, on one worker and on five', () => {
  for (const searcher of SEARCHERS.filter(({ metrics }) => metrics !== 'several')) {
    test.each(SCHEDULERS)(`${searcher.name} × $name`, async (scheduler) => {
      const refusal = REFUSED[`${searcher.name} × ${scheduler.name}`];
      for (const workers of [1, 5]) {
        if (refusal === undefined) await runsToTheEnd(searcher, scheduler, workers);
        else await expect(pair(searcher, scheduler, workers)).rejects.toThrow(refusedBy(refusal));
      }
    });
  }

  test('whatever befalls trials befalls some of these', async () => {
    const [searcher, scheduler] = [SEARCHERS.find(({ name }) => name === 'random') as OwnSearcher, SCHEDULERS[0] as OwnScheduler];
    const { journal, summary } = await pair(searcher, scheduler, 1);
    const losses = journal.flatMap((line) => (line.kind === 'reported' ? [line.metrics['loss']] : []));
    const ends = [summary.failed > 0, summary.completed > 0, summary.trained.some(({ step, ended }) => step === 5 && ended > 0)];
    expect([...ends, losses.includes(Number.NaN), losses.includes(400)]).toEqual([true, true, true, true, true]);
  });
});

describe('two metrics: it runs to the end, or the one that goes by one metric says so and what to do', () => {
  for (const searcher of SEARCHERS.filter(({ metrics }) => metrics !== 'one')) {
    test.each(OF_SEVERAL)(`${searcher.name} × $name`, (scheduler) => runsToTheEnd(searcher, scheduler, 3, SEVERAL));

    test.each(SCHEDULERS.filter((scheduler) => !OF_SEVERAL.includes(scheduler)))(`${searcher.name} × $name is refused`, async (scheduler) => {
      const hint = /onMetric\(metric, \w+\(|Name the metric that is to be watched/;
      const named = scheduler.name
        .split(/[, ]/)[0]
        ?.replace('bohb', 'hyperband')
        .replace(/firstOf|allOf/, '') as string;
      const refusal: unknown = await pair(searcher, scheduler, 1, SEVERAL).catch((error: unknown) => error);
      expect(refusal).toMatchObject({ code: 'METRIC_INVALID', message: expect.stringContaining(named) as string, hint: expect.stringMatching(hint) as string });
    });
  }

  test.each(SEARCHERS.filter(({ metrics }) => metrics === 'one'))('$name is refused', async (searcher) => {
    for (const scheduler of OF_SEVERAL) {
      const named = /^(tpe|cmaes|gp|evolution|fromAskTell): expected one metric/;
      await expect(pair(searcher, scheduler, 1, SEVERAL)).rejects.toThrow(named);
    }
  });
});

describe('presets', () => {
  test.each(SEARCHERS)('$name is asked after them, and for what remains', async ({ make, space = LAW_SPACE, metrics, sweep = 1 }) => {
    const preset = { lr: 0.02, width: 32, layers: 2, kind: 'a', nested: { momentum: 0.7 } };
    const world = { space: space as typeof LAW_SPACE, curve, maxT: 2, seed: 3, workers: 2, ...(metrics === 'several' ? SEVERAL : {}) };
    const { grid } = await simulate({ ...world, trials: 1 + Math.ceil(6 / sweep), pointsToEvaluate: [preset as never], searcher: make() });
    const configs = [...grid].map(({ config }) => config as unknown as Config);
    expect(configs[0]).toEqual(preset);
    expect(configs.length).toBe(1 + sweep * Math.ceil(6 / sweep));
  });
});

describe('as many as there is time for', () => {
  const options = ({ make, space = LAW_SPACE, metrics }: OwnSearcher, scheduler: Scheduler, more: object): TunerOptions => ({
    paramSpace: space as object,
    tuneConfig: { ...(metrics === 'several' ? SEVERAL : { metric: 'loss', mode: 'min' }), searchAlg: make(), scheduler, numSamples: -1, ...more },
    runConfig: { verbose: 0, checkpointConfig: { frequency: 0, atEnd: false } },
  });

  test.each(SEARCHERS)('$name ends when the time is up, whoever ends its trials', async (searcher) => {
    const parts = searcher.metrics === 'several' ? [fifo()] : [fifo(), asha({ ...nine, variant: 'promote' }), hyperband(nine), moving()];
    for (const scheduler of parts) {
      const plan = makePlan(SIMULATED, options(searcher, scheduler, { timeBudgetS: 60, seed: 3 }), () => 3);
      const world = curveWorld({ curve, seed: 3, metric: 'loss', maxT: MAX_T, durations: durations(), startup: 0, stragglers: 0, failures: 0.02 });
      const { experiment, why } = await run({ ...simulationOf(plan, world), workers: 3, timeBudgetS: 60 });
      expect(why).toBe('the time budget of 60 s is used up');
      expect(experiment.rows.length).toBeGreaterThan(3);
      expect(experiment.rows.filter(({ status }) => status === 'RUNNING' || status === 'PENDING')).toEqual([]);
    }
  });

  test.each(SEARCHERS.filter(({ name }) => name !== 'fromAskTell'))('$name is refused when nothing ends the run', (searcher) => {
    expect(() => makePlan(SIMULATED, options(searcher, fifo(), {}), () => 3)).toThrow('expected something that ends a run of numSamples -1, got none');
  });

  test('a searcher that draws without replacement from a finite space ends by itself, and whatever stands around it', () => {
    const plan = (searchAlg: Searcher, x: unknown) => () =>
      makePlan(SIMULATED, { paramSpace: { x }, tuneConfig: { metric: 'loss', mode: 'min', searchAlg, numSamples: -1 } } as TunerOptions, () => 3);
    for (const searcher of [avoidDuplicates(tpe()), random({ unique: true }), repeat(random({ unique: true }), 2)]) {
      expect(plan(searcher, choice([1, 2]))).not.toThrow();
      expect(plan(searcher, uniform(0, 1))).toThrow('expected something that ends');
    }
    expect(plan(random(), variation([1, 2]))).not.toThrow();
    for (const searcher of [random({ unique: false }), grid(), tpe()]) expect(plan(searcher, variation([1, 2]))).toThrow('expected something that ends');
  });
});
