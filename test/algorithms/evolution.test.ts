import { describe, expect, test } from 'vitest';
import { evolution, random } from '../../algorithms/index.ts';
import type { Config } from '../../src/space/config.ts';
import { choice, lograndint, loguniform, quniform, randint, randn, uniform } from '../../src/space/domains.ts';
import { compileSpace } from '../../src/space/space.ts';
import { hartmann6, rastrigin } from '../../src/testing/problems.ts';
import { askFor, configs } from './asking.ts';
import { lowest, median, tried } from './trying.ts';

test.each([hartmann6, rastrigin(4)])('$name: it finds more in 100 trials than chance does', async (problem) => {
  const [ours, chance] = [await lowest(evolution, problem, { trials: 100, seeds: 11 }), await lowest(random, problem, { trials: 100, seeds: 11 })];
  expect(ours - problem.optimum.value).toBeLessThan(0.7 * (chance - problem.optimum.value));
});

test('of an architecture, twelve layers of four kinds, it finds more than chance does', async () => {
  const space = { layers: Array.from({ length: 12 }, () => choice(['conv', 'pool', 'skip', 'dense'])) };
  const find = ({ layers }: Config) => ({ losses: [(layers as string[]).filter((layer, i) => layer !== ['conv', 'pool'][i % 2]).length] });
  const lowestOf = async (make: typeof evolution | typeof random): Promise<number> =>
    median(
      await Promise.all(
        Array.from({ length: 9 }, async (_, seed) =>
          Math.min(...(await tried(make(), space, find, { trials: 100, seed })).map(({ losses }) => losses[0] as number)),
        ),
      ),
    );
  expect(await lowestOf(evolution)).toBeLessThan((await lowestOf(random)) / 2);
});

describe('a child', () => {
  const space = {
    a: choice([{ deep: uniform(0, 1), log: loguniform(1e-3, 1) }, 'none', { other: randint(0, 9) }]),
    n: randint(0, 5),
    q: quniform(0, 1, 0.1),
    l: lograndint(1, 100),
    e: randn(0, 1),
  };
  test('differs from its parent in one parameter, and in what an option brings with it', async () => {
    const all = await tried(evolution({ populationSize: 1, sampleSize: 1 }), space, () => ({ losses: [0] }), { trials: 60 });
    for (const [i, { config }] of all.entries()) {
      const parent = all[i - 1]?.config;
      if (parent === undefined) continue;
      const changed = Object.keys(config).filter((key) => JSON.stringify(config[key]) !== JSON.stringify(parent[key]));
      expect(changed.length).toBe(1);
    }
    expect(new Set(all.map(({ config }) => (typeof config.a === 'string' ? config.a : Object.keys(config.a as object).join()))).size).toBe(3);
  });

  test('is the best of a sample: with a large one the best of the living, and who was born before them is dead', async () => {
    const find = ({ x }: Config) => ({ losses: [Number(x)] });
    const options = { populationSize: 5, sampleSize: 200 };
    const all = await tried(evolution(options), { x: uniform(0, 1), c: choice([1, 2, 3, 4, 5, 6, 7, 8, 9]) }, find, { trials: 40 });
    for (let i = 5; i < all.length; i++) {
      const living = all.slice(i - 5, i);
      const least = Math.min(...living.map(({ losses }) => losses[0] as number));
      const best = living.filter(({ losses }) => losses[0] === least).map(({ config }) => config);
      expect(best.some(({ x, c }) => all[i]?.config.x === x || all[i]?.config.c === c)).toBe(true);
    }
  });
});

test('infeasible trials are worse than feasible ones', async () => {
  const find = ({ x }: Config) => ({ losses: [Number(x)], violation: Math.max(0, 0.6 - Number(x)) });
  const all = await tried(evolution(), { x: uniform(0, 1), y: uniform(0, 1) }, find, { trials: 80 });
  const feasible = all.filter(({ violation }) => violation === 0);
  expect(Math.min(...feasible.map(({ losses }) => losses[0] as number))).toBeLessThan(0.63);
});

describe('what might be in the way', () => {
  const many = { ...Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`x${i}`, uniform(0, 1)])), one: choice(['only']), only: randint(3, 4) };
  test.each<readonly [string, unknown, number]>([
    ['every loss the same', { x: uniform(0, 1), c: choice([1, 2]) }, 1],
    ['NaN, which is the worst loss', { x: uniform(0, 1), e: randn(0, 1) }, Number.MAX_VALUE],
    ['two configurations in all', { c: choice([1, 2]) }, 1],
    ['200 parameters, and some with one value', many, 1],
    ['one value only', { one: choice(['only']) }, 1],
    ['no parameter', {}, 1],
  ])('%s', async (_name, space, loss) => {
    expect((await tried(evolution(), space, () => ({ losses: [loss] }), { trials: 30 })).length).toBe(30);
  });

  test('it ends with the samples, and goes on without an end', async () => {
    expect((await configs(evolution(), { x: uniform(0, 1) }, { samples: 3 })).length).toBe(3);
    expect((await configs(evolution(), { x: uniform(0, 1) }, { samples: Infinity }, 30)).length).toBe(30);
  });
});

describe('options', () => {
  test.each<readonly [object, string]>([
    [{ populationSize: 0 }, 'evolution: expected populationSize to be an integer >= 1, got 0.'],
    [{ sampleSize: 1.5 }, 'evolution: expected sampleSize to be an integer >= 1, got 1.5.'],
  ])('%j is refused', (options, message) => {
    expect(() => evolution(options)).toThrow(expect.objectContaining({ code: 'OPTION_RANGE', message: expect.stringContaining(message) }));
  });

  test('an unknown one is refused, and so is another number of metrics than one', () => {
    expect(() => evolution({ population: 3 } as never)).toThrow('Did you mean "populationSize"?');
    const setup = askFor(compileSpace({}), 0, { samples: 1 });
    expect(() => evolution().check?.({ ...setup, objectives: 0 })).toThrow('evolution: expected one metric, got none.');
    expect(() => evolution().check?.({ ...setup, objectives: 2 })).toThrow('For several metrics there are tpe(), nsga2() and auto()');
  });
});
