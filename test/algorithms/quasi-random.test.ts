import { describe, expect, test } from 'vitest';
import { halton, random, sobol } from '../../algorithms/index.ts';
import { canonicalJson } from '../../src/base/json.ts';
import {
  choice,
  expr,
  lograndint,
  loguniform,
  qlograndint,
  qloguniform,
  qrandint,
  qrandn,
  quniform,
  randint,
  randn,
  sampleFrom,
  uniform,
} from '../../src/space/domains.ts';
import { sixHumpCamel } from '../../src/testing/problems.ts';
import { rebuildSearcher } from '../../src/tuner/builtins.ts';
import { configs, suggestions } from './asking.ts';
import { discrepancy, points } from './points.ts';

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] as number;
const SEEDS = [1, 2, 3, 4, 5, 6, 7];

/** The share of the draws of a log-uniform domain between two numbers. */
const logShare = (lower: number, upper: number, from: number, to: number): number =>
  (Math.log(Math.min(upper, to)) - Math.log(Math.max(lower, from))) / Math.log(upper / lower);

describe.each([
  ['sobol', sobol],
  ['halton', halton],
] as const)('%s', (name, make) => {
  describe('fills the space', () => {
    test.each([
      [2, 1 / 3],
      [5, 1 / 2],
      [10, 3 / 4],
    ])('in %i dimensions 128 points are more even than random ones by far', async (dimensions, share) => {
      const of = async (searcher: typeof make | typeof random): Promise<number> =>
        median(await Promise.all(SEEDS.map(async (seed) => discrepancy(await points(searcher(), dimensions, 128, seed)))));
      expect(await of(make)).toBeLessThan(share * (await of(random)));
    });

    test('the mean of a smooth function over 256 points is five times as exact as over random ones', async () => {
      const error = async (searcher: typeof make | typeof random): Promise<number> => {
        const squares = SEEDS.map(async (seed) => {
          const values = (await points(searcher(), 3, 256, seed)).map((point) => point.reduce((product, x) => product * (0.5 + x), 1));
          return (values.reduce((sum, value) => sum + value, 0) / 256 - 1) ** 2;
        });
        return Math.sqrt((await Promise.all(squares)).reduce((sum, square) => sum + square, 0) / SEEDS.length);
      };
      expect(await error(make)).toBeLessThan((await error(random)) / 5);
    });

    test('where two of six parameters matter, the unlucky tenth of searches of 100 trials finds more than that of random ones', async () => {
      const [[left, right], [low, high]] = sixHumpCamel.bounds as readonly [readonly [number, number], readonly [number, number]];
      const bests = async (searcher: typeof make | typeof random): Promise<readonly number[]> => {
        const lowest: number[] = [];
        for (let seed = 0; seed < 60; seed++) {
          const losses = (await points(searcher(), 6, 100, seed)).map(([, x = 0, , , y = 0]) =>
            sixHumpCamel.evaluate([left + x * (right - left), low + y * (high - low)]),
          );
          lowest.push(Math.min(...losses));
        }
        return lowest.sort((a, b) => a - b);
      };
      const [ours, chance] = [await bests(make), await bests(random)];
      expect(ours[54]).toBeLessThan(chance[54] as number);
    });

    test('4,096 points are distinct, none of them a corner, and all within', async () => {
      for (const scramble of [true, false]) {
        const all = await points(make({ scramble }), 2, 4096);
        expect(new Set(all.map(String)).size).toBe(4096);
        for (const coordinate of all.flat()) expect(coordinate > 0 && coordinate < 1).toBe(true);
      }
    });
  });

  describe('gives every value the probability that random search gives it', () => {
    const N = 1024;
    test.each<readonly [string, unknown, (value: number) => number]>([
      ['randint', randint(-3, 4), () => 1 / 7],
      ['quniform', quniform(0, 1, 0.25), () => 1 / 5],
      ['qrandint', qrandint(10, 50, 10), () => 1 / 5],
      ['lograndint', lograndint(1, 9), (value) => logShare(1, 9, value, value + 1)],
      ['qloguniform', qloguniform(8, 64, 8), (value) => logShare(8, 64, value - 4, value + 4)],
      ['qlograndint', qlograndint(1, 10), (value) => logShare(1, 10, value - 0.5, value + 0.5)],
      ['choice', choice([1, 2, 3]), () => 1 / 3],
    ])('%s', async (_name, domain, probability) => {
      const drawn = (await configs(make(), { other: uniform(0, 1), x: domain }, { samples: N }, N)).map(({ x }) => x as number);
      for (const value of new Set(drawn)) expect(Math.abs(drawn.filter((x) => x === value).length - N * probability(value))).toBeLessThan(8);
      const shares = [...new Set(drawn)].map(probability);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
    });

    test('loguniform, evenly in the logarithm', async () => {
      const drawn = (await configs(make(), { x: loguniform(1e-6, 1) }, { samples: N }, N)).map(({ x }) => Math.log10(x as number));
      for (let decade = -6; decade < 0; decade++) {
        expect(Math.abs(drawn.filter((x) => x >= decade && x < decade + 1).length - N / 6)).toBeLessThan(4);
      }
    });
  });

  test('each parameter of an option has a dimension, and is there with its option only; what follows is computed', async () => {
    const space = {
      net: choice([{ units: randint(1, 9), twice: expr('2 * net.units') }, 'linear']),
      x: uniform(0, 1),
      y: sampleFrom(({ x }) => -(x as number)),
    };
    const drawn = await configs(make(), space, { samples: 64 });
    expect(drawn.filter(({ net }) => net === 'linear')).toHaveLength(32);
    for (const { net, x, y } of drawn) {
      expect(y).toBe(-(x as number));
      if (net !== 'linear') expect(net).toEqual({ units: expect.any(Number), twice: 2 * (net as { units: number }).units });
    }
  });

  test('a constant, or a parameter with one value, changes nothing else', async () => {
    const plain = await configs(make(), { x: uniform(0, 1), y: uniform(0, 1) }, { samples: 20 });
    const more = await configs(make(), { a: 1, one: choice(['only']), x: uniform(0, 1), three: randint(3, 4), y: uniform(0, 1) }, { samples: 20 });
    expect(more).toEqual(plain.map((config) => ({ a: 1, one: 'only', three: 3, ...config })));
  });

  test('seeds differ, unless it is not scrambled', async () => {
    expect(await points(make(), 3, 8, 1)).not.toEqual(await points(make(), 3, 8, 2));
    expect(await points(make({ scramble: false }), 3, 8, 1)).toEqual(await points(make({ scramble: false }), 3, 8, 2));
  });

  test('one object serves several seeds and spaces', async () => {
    const shared = make();
    for (const seed of [1, 2]) {
      for (const dimensions of [2, 3]) expect(await points(shared, dimensions, 5, seed)).toEqual(await points(make(), dimensions, 5, seed));
    }
  });

  test('ends at the number of samples, and says which is the last', async () => {
    const given = await suggestions(make(), { x: uniform(0, 1) }, { samples: 3 });
    expect(given.map((suggestion) => suggestion.kind === 'config' && suggestion.last === true)).toEqual([false, false, true]);
    expect(await suggestions(make(), { x: uniform(0, 1) }, { samples: 0 })).toEqual([{ kind: 'done' }]);
    expect((await configs(make(), {}, { samples: 3 })).map(canonicalJson)).toEqual(['{}', '{}', '{}']);
  });

  test('a domain without ends is refused by name, with what to use', async () => {
    for (const domain of [randn(0, 1), qrandn(0, 1, 0.5)]) {
      await expect(configs(make(), { net: { noise: domain } }, { samples: 1 })).rejects.toThrow(
        `${name}: expected a domain with two ends at "net/noise", got ${domain.kind}. Hint: Give it bounds, as uniform(lower, upper) has them, or use random() or tpe().`,
      );
    }
  });

  test('options are checked, recorded, and enough to rebuild it', () => {
    expect(() => make({ scramble: 'owen' as never })).toThrow(`${name}: expected scramble to be true or false, got "owen".`);
    expect(() => make({ scrambled: true } as never)).toThrow('Did you mean "scramble"?');
    expect([make().options, make({ scramble: false }).options]).toEqual([{}, { scramble: false }]);
    expect(rebuildSearcher({ name, options: { scramble: false } })).toMatchObject({ name, options: { scramble: false } });
  });
});
