import { describe, expect, test } from 'vitest';
import { nsga2, random } from '../../algorithms/index.ts';
import { choice, loguniform, qloguniform, randint, randn, uniform } from '../../src/space/domains.ts';
import { compileSpace } from '../../src/space/space.ts';
import { zdt1, zdt2 } from '../../src/testing/multi-objective-problems.ts';
import { hartmann6 } from '../../src/testing/problems.ts';
import { askFor, configs } from './asking.ts';
import { lowest, median, reached, tried } from './trying.ts';

describe('nsga2 finds the front', () => {
  test.each([zdt1(5), zdt2(5)])('$name: 95 % of the hypervolume in 500 trials, seen from near and far', async (problem) => {
    for (const share of await reached(nsga2, problem, { trials: 500, seeds: 5 })) expect(share).toBeGreaterThan(0.95);
  });

  test('with eight workers nearly as much', async () => {
    const [far = 0, near = 0] = await reached(nsga2, zdt1(5), { trials: 500, seeds: 3, workers: 8 });
    expect(far).toBeGreaterThan(0.95);
    expect(near).toBeGreaterThan(0.9);
  });

  test('of one metric it finds more than chance does', async () => {
    const [ours, chance] = [await lowest(nsga2, hartmann6, { trials: 100, seeds: 9 }), await lowest(random, hartmann6, { trials: 100, seeds: 9 })];
    expect(ours).toBeLessThan(chance - 0.3);
  });

  test('of options, conditional numbers, logarithms and steps', async () => {
    const space = {
      optimizer: choice([
        { kind: 'sgd', momentum: uniform(0, 1) },
        { kind: 'adam', beta: uniform(0, 1) },
      ]),
      lr: loguniform(1e-6, 1),
      units: qloguniform(8, 1024, 8),
    };
    const find = (config: object) => {
      const { optimizer, lr, units } = config as { optimizer: { beta?: number; momentum?: number }; lr: number; units: number };
      const loss = Math.abs(Math.log10(lr) + 3) + (optimizer.beta === undefined ? 1 : Math.abs(optimizer.beta - 0.9));
      return { losses: [loss + 20 / units, units] };
    };
    const all = await tried(nsga2(), space, find, { trials: 200, objectives: 2 });
    expect(Math.min(...all.map(({ losses: [loss = 9, units = 0] }) => (units <= 256 ? loss : 9)))).toBeLessThan(0.4);
    expect(all.slice(100).filter(({ config }) => 'beta' in (config.optimizer as object)).length).toBeGreaterThan(70);
  });
});

test('infeasible trials are parents only while there are no others', async () => {
  const find = ({ x }: Record<string, unknown>) => ({ losses: [Number(x), 1 - Number(x)], violation: Math.max(0, 0.6 - Number(x)) });
  const all = await tried(nsga2(), { x: uniform(0, 1), y: uniform(0, 1) }, find, { trials: 100, objectives: 2 });
  expect(all.slice(50).filter(({ violation }) => violation === 0).length).toBeGreaterThan(35);
});

test('the first are drawn at random, until populationSize trials have said how good they are', async () => {
  const space = { x: uniform(0, 1), y: uniform(0, 1), z: uniform(0, 1) };
  const find = ({ x, y, z }: Record<string, unknown>) => ({ losses: [Number(x) + Number(y) + Number(z)] });
  const sums = (await tried(nsga2({ populationSize: 30 }), space, find, { trials: 90 })).map(({ losses }) => losses[0] as number);
  expect(median(sums.slice(0, 30))).toBeGreaterThan(1.1);
  expect(median(sums.slice(60))).toBeLessThan(0.8);
});

test('a configuration that was tried comes again only where there is hardly another', async () => {
  const all = await tried(nsga2({ populationSize: 4 }), { a: choice([1, 2, 3, 4]), n: randint(0, 10) }, ({ a }) => ({ losses: [Number(a)] }), { trials: 30 });
  expect(new Set(all.map(({ config }) => JSON.stringify(config))).size).toBeGreaterThan(22);
  expect((await tried(nsga2({ populationSize: 2 }), { a: choice([1, 2]) }, () => ({ losses: [0] }), { trials: 9 })).length).toBe(9);
});

describe('what might be in the way', () => {
  const many = { ...Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`x${i}`, uniform(0, 1)])), one: choice(['only']), only: randint(3, 4) };
  test.each<readonly [string, unknown, (index: number) => number]>([
    ['every loss the same', { x: uniform(0, 1), c: choice([1, 2]) }, () => 1],
    ['NaN, which is the worst loss', { x: uniform(0, 1), e: randn(0, 1) }, () => Number.MAX_VALUE],
    ['losses of any size', { x: uniform(0, 1) }, (index) => (index % 2 === 0 ? 1e308 : -1e308)],
    ['200 parameters, and some with one value', many, (index) => index],
    ['no parameter', {}, () => 1],
  ])('%s', async (_name, space, loss) => {
    let index = 0;
    expect((await tried(nsga2(), space, () => ({ losses: [loss(index++), 0] }), { trials: 40, objectives: 2 })).length).toBe(40);
  });

  test('it ends with the samples, and goes on without an end', async () => {
    expect((await configs(nsga2(), { x: uniform(0, 1) }, { samples: 3 })).length).toBe(3);
    expect((await configs(nsga2(), { x: uniform(0, 1) }, { samples: Infinity }, 30)).length).toBe(30);
  });
});

describe('options', () => {
  test.each<readonly [object, string]>([
    [{ populationSize: 1 }, 'nsga2: expected populationSize to be an integer >= 2, got 1.'],
    [{ crossoverProbability: 1.5 }, 'nsga2: expected crossoverProbability to be a probability, got 1.5.'],
    [{ mutationProbability: Number.NaN }, 'nsga2: expected mutationProbability to be a probability, got NaN.'],
  ])('%j is refused', (options, message) => {
    expect(() => nsga2(options)).toThrow(expect.objectContaining({ code: 'OPTION_RANGE', message: expect.stringContaining(message) }));
  });

  test('an unknown one, and an experiment without a metric, are refused', () => {
    expect(() => nsga2({ population: 3 } as never)).toThrow('Did you mean "populationSize"?');
    const setup = askFor(compileSpace({}), 0, { samples: 1 });
    expect(() => nsga2().check?.({ ...setup, objectives: 0 })).toThrow('nsga2: expected at least one metric, got none.');
  });

  test('they are recorded as they were given', () => {
    expect([nsga2().options, nsga2({ populationSize: 30 }).options]).toEqual([{}, { populationSize: 30 }]);
  });
});
