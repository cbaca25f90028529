import { describe, expect, test } from 'vitest';
import { random, tpe } from '../../algorithms/index.ts';
import { hyperband } from '../../schedulers/hyperband.ts';
import type { ResultGrid } from '../../src/results/result-grid.ts';
import type { Searcher } from '../../src/search/searcher.ts';
import { uniform } from '../../src/space/domains.ts';
import { countingOnes } from '../../src/testing/curves/counting-ones.ts';
import { mfHartmann } from '../../src/testing/curves/mf-hartmann.ts';
import { branin, hartmann6 } from '../../src/testing/problems.ts';
import { type SimulateOptions, simulate } from '../../src/testing/simulate.ts';
import { bohb } from '../../src/tuner/bohb.ts';
import { rebuildScheduler, rebuildSearcher } from '../../src/tuner/builtins.ts';

const recordOf = ({ name, options }: { name: string; options?: unknown }) => ({ name, options: JSON.parse(JSON.stringify(options)) });

test('is hyperband, and a tpe that learns at its milestones', () => {
  const { searchAlg, scheduler } = bohb();
  expect(recordOf(scheduler)).toEqual(recordOf(hyperband()));
  expect(recordOf(searchAlg)).toEqual({ name: 'tpe', options: { milestones: [1, 3, 9, 27, 81], randomFraction: 1 / 3, candidates: 64 } });
  const other = bohb({ maxT: 100, reductionFactor: 4, table: 'ceil', randomFraction: 0, startupTrials: 7, candidates: 24 });
  expect(recordOf(other.searchAlg).options).toEqual({ milestones: [1.5625, 6.25, 25, 100], randomFraction: 0, startupTrials: 7, candidates: 24 });
  expect(recordOf(other.scheduler)).toEqual(recordOf(hyperband({ maxT: 100, reductionFactor: 4, table: 'ceil' })));
});

test('a restore rebuilds both from what is recorded', () => {
  const { searchAlg, scheduler } = bohb({ maxT: 9 });
  expect(recordOf(rebuildSearcher(recordOf(searchAlg)) as never)).toEqual(recordOf(searchAlg));
  expect(recordOf(rebuildScheduler(recordOf(scheduler)) as never)).toEqual(recordOf(scheduler));
});

test('a run under it is the same again', async () => {
  const run = async () => (await simulate({ ...countingOnes({ maxT: 27 }), ...parts(27), trials: 120, workers: 4, seed: 3 })).journal;
  expect(await run()).toEqual(await run());
});

const parts = (maxT: number) => {
  const { searchAlg, scheduler } = bohb({ maxT });
  return { searcher: searchAlg, scheduler };
};

describe('on counting ones, with 8 bits and 8 probabilities, for the cost of 98 whole trials', () => {
  /** How many ones the best of the trials that were trained to the end has in expectation: 16 at most. */
  const best = (grid: ResultGrid<Readonly<Record<string, number>>>): number => {
    const whole = [...grid].filter(({ metrics }) => metrics?.training_iteration === 81);
    return Math.max(...whole.map(({ config }) => Object.values(config).reduce((sum, value) => sum + value, 0)));
  };

  test('bohb comes closer than hyperband, and hyperband than random search', async () => {
    const found: Record<'bohb' | 'hyperband' | 'random', number[]> = { bohb: [], hyperband: [], random: [] };
    for (let seed = 0; seed < 8; seed++) {
      const world = { ...countingOnes(), workers: 4, seed };
      found.bohb.push(best((await simulate({ ...world, ...parts(81), trials: 715 })).grid));
      found.hyperband.push(best((await simulate({ ...world, scheduler: hyperband(), trials: 715 })).grid));
      found.random.push(best((await simulate({ ...world, trials: 98 })).grid));
    }
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(found.bohb)).toBeGreaterThan(mean(found.hyperband) + 0.5);
    expect(mean(found.hyperband)).toBeGreaterThan(mean(found.random) + 0.5);
    expect(found.bohb.filter((value, seed) => value > (found.hyperband[seed] as number)).length).toBeGreaterThanOrEqual(6);
  });
});

describe('where it proposes, and what is found', () => {
  type Numbers = Readonly<Record<string, number>>;
  interface Found {
    /** The mean true loss of the late half of the proposals. */
    readonly late: number;
    /** The least true loss of a trial that was trained to the end. */
    readonly best: number;
  }

  /** Over 6 seeds, on average. */
  async function found(world: Omit<SimulateOptions, 'searcher'>, loss: (config: Numbers) => number, searcher: Searcher): Promise<Found> {
    let [late, best] = [0, 0];
    for (let seed = 0; seed < 6; seed++) {
      const { grid } = await simulate({ ...world, scheduler: hyperband({ maxT: world.maxT as number }), searcher, workers: 4, seed });
      const results = [...grid].map(({ config, metrics }) => ({ loss: loss(config), whole: metrics?.training_iteration === world.maxT }));
      const second = results.slice(results.length / 2);
      late += second.reduce((sum, result) => sum + result.loss, 0) / second.length / 6;
      best += Math.min(...results.flatMap((result) => (result.whole ? [result.loss] : []))) / 6;
    }
    return { late, best };
  }

  const parabola = { space: { x: uniform(0, 1) }, loss: ({ x }: Numbers) => ((x as number) - 0.3) ** 2 };
  const valley = { space: { x: uniform(-5, 10), y: uniform(0, 15) }, loss: ({ x, y }: Numbers) => branin.evaluate([x as number, y as number]) };

  test.each([
    ['parabola', 60, 27, parabola],
    ['parabola', 143, 27, parabola],
    ['parabola', 300, 27, parabola],
    ['parabola', 143, 81, parabola],
    ['branin', 60, 27, valley],
    ['branin', 143, 27, valley],
    ['branin', 300, 27, valley],
    ['branin', 143, 81, valley],
  ] as const)('%s, %i trials of %i reports: the late half is better than random draws, and so is the best', async (_name, trials, maxT, { space, loss }) => {
    const world = { space, curve: (config: Numbers, step: number) => loss(config) + 1 / step, maxT, trials } as unknown as SimulateOptions;
    const [ours, chance] = [await found(world, loss, bohb({ maxT }).searchAlg), await found(world, loss, random())];
    expect(ours.late).toBeLessThan(0.8 * chance.late);
    expect(ours.best).toBeLessThan(0.9 * chance.best);
  });

  test('where few reports tell little, it finds more than random search, and than a tpe that goes by last reports', async () => {
    const { curve, space } = mfHartmann({ dimensions: 6, quality: 'moderate', maxT: 27 });
    const world = { curve, space, maxT: 27, trials: 300 } as unknown as SimulateOptions;
    const loss = (config: Numbers): number => hartmann6.evaluate(Object.values(config));
    const [ours, chance, last] = [await found(world, loss, bohb({ maxT: 27 }).searchAlg), await found(world, loss, random()), await found(world, loss, tpe())];
    expect(ours.best).toBeLessThan(chance.best - 0.3);
    expect(ours.best).toBeLessThan(last.best - 0.3);
    expect(ours.late).toBeLessThan(last.late - 0.3);
  });
});

test.each<readonly [object, string, string]>([
  [{ maxT: 0 }, 'OPTION_RANGE', 'expected maxT to be a finite number >= 1, got 0.'],
  [{ reductionFactor: 1 }, 'OPTION_RANGE', 'expected reductionFactor to be a finite number > 1, got 1.'],
  [{ table: 'paper-2' }, 'OPTION_RANGE', 'expected table to be one of'],
  [{ randomFraction: -1 }, 'OPTION_RANGE', 'expected randomFraction to be a probability, got -1.'],
  [{ startupTrials: 0 }, 'OPTION_RANGE', 'expected startupTrials to be an integer >= 1, got 0.'],
  [{ candidates: 0 }, 'OPTION_RANGE', 'expected candidates to be an integer >= 1, got 0.'],
  [{ max: 81 }, 'OPTION_UNKNOWN', 'bohb: expected options among maxT'],
])('%j is refused', (options, code, message) => {
  expect(() => bohb(options)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
});
