import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { grid } from '../../algorithms/grid.ts';
import { canonicalJson } from '../../src/base/json.ts';
import { contains } from '../../src/space/contains.ts';
import { choice, expr, gridSearch, lograndint, loguniform, qrandint, quniform, randint, randn, uniform, variation } from '../../src/space/domains.ts';
import { compileSpace } from '../../src/space/space.ts';
import { configs, suggestions } from './asking.ts';

const values = async (searcher: ReturnType<typeof grid>, domain: unknown) => (await configs(searcher, { x: domain }, { samples: 1 })).map(({ x }) => x);

describe('grid', () => {
  test('sweeps every domain, the first path fastest, once for each sample', async () => {
    const space = { b: gridSearch([1, 2]), a: choice(['x', 'y']), c: { d: variation([true]) }, e: 5 };
    const once = [1, 2].flatMap((b) => ['x', 'y'].map((a) => ({ b, a, c: { d: true }, e: 5 })));
    expect(await configs(grid(), space, { samples: 1 })).toEqual(once);
    expect(await configs(grid(), space, { samples: 2 })).toEqual([...once, ...once]);
  });

  test('sweeps the sub-space of an option', async () => {
    const space = { net: choice([{ units: randint(1, 3), twice: expr('2 * net.units') }, 'linear']) };
    expect(await configs(grid(), space, { samples: 1 })).toEqual([{ net: { units: 1, twice: 2 } }, { net: { units: 2, twice: 4 } }, { net: 'linear' }]);
  });

  test('sweeps ranges of few values whole', async () => {
    expect(await values(grid(), randint(0, 4))).toEqual([0, 1, 2, 3]);
    expect(await values(grid(), quniform(0, 0.5, 0.1))).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5]);
  });

  test('takes bins as points, both ends included', async () => {
    expect(await values(grid({ bins: 4 }), uniform(1, 10))).toEqual([1, 4, 7, 10]);
    for (const [oneToFive, oneToTen] of [
      [qrandint(1, 5), qrandint(1, 10)],
      [randint(1, 6), randint(1, 11)],
    ]) {
      expect(await values(grid({ bins: 1000 }), oneToFive)).toEqual([1, 2, 3, 4, 5]);
      expect(await values(grid({ bins: 4 }), oneToTen)).toEqual([1, 4, 7, 10]);
    }
    expect(await values(grid({ bins: 4 }), lograndint(1, 1001))).toEqual([1, 10, 100, 1000]);
    expect(await values(grid({ bins: 10 }), lograndint(1, 11))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(await values(grid({ bins: 4 }), loguniform(1e-4, 1e-1))).toEqual([1e-4, 1e-3, 1e-2, 1e-1]);
    expect(await values(grid({ bins: { x: 2 } }), uniform(0.1, 0.7))).toEqual([0.1, 0.7]);
  });

  test('has tidy points, and as many as it was asked for in a range that is narrow and far from 0', async () => {
    expect(await values(grid({ bins: 11 }), uniform(-1, 1))).toEqual([-1, -0.8, -0.6, -0.4, -0.2, 0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(await values(grid({ bins: 5 }), uniform(1e12, 1e12 + 2))).toEqual([0, 0.5, 1, 1.5, 2].map((x) => 1e12 + x));
    expect(await values(grid({ bins: 3 }), randint(1e14, 1e14 + 101))).toEqual([0, 50, 100].map((x) => 1e14 + x));
    expect(await values(grid({ bins: 5 }), loguniform(1, 1 + 1e-10))).toHaveLength(5);
  });

  test('does not sweep an option twice that a choice repeats', async () => {
    expect(await values(grid(), choice([1, 1, 2]))).toEqual([1, 2]);
    expect(await values(grid(), gridSearch([1, 1, 2]))).toEqual([1, 1, 2]);
  });

  test('says which is the last', async () => {
    const given = await suggestions(grid(), { a: choice([1, 2]) }, { samples: 1 });
    expect(given.map((suggestion) => suggestion.kind === 'config' && suggestion.last === true)).toEqual([false, true]);
  });

  test('refuses ranges without bins, and says what to do', async () => {
    await expect(values(grid(), uniform(0, 1))).rejects.toThrow(
      'grid: expected at most 10000 values at "x", got uniform. Hint: Say at how many points it is swept: grid({ bins: { "x": 5 } })',
    );
    await expect(values(grid(), randint(0, 1e6))).rejects.toThrow('got randint with 1000000 values');
    await expect(values(grid({ bins: 5 }), randn(0, 1))).rejects.toThrow('grid: expected a domain with two ends at "x", got randn.');
  });

  test.each([{ bins: 1 }, { bins: 2.5 }, { bins: { x: 0 } }, { bins: '3' }])('refuses %j', (options) => {
    expect(() => grid(options as never)).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }));
  });

  test('refuses bins for a path that the space lacks', async () => {
    await expect(values(grid({ bins: { y: 3 } }), uniform(0, 1))).rejects.toThrow('Did you mean "x"?');
  });

  test('property: gives every combination once, all in the space', async () => {
    const domain = fc.constantFrom<unknown>(
      gridSearch([1, 2, 3]),
      choice(['x', { u: uniform(0, 1) }]),
      quniform(0, 1, 0.25),
      loguniform(1, 9),
      randint(-2, 2),
      7,
    );
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.constantFrom('a', 'b', 'c'), domain), async (input) => {
        const drawn = await configs(grid({ bins: 3 }), input, { samples: 1 });
        expect(new Set(drawn.map(canonicalJson)).size).toBe(drawn.length);
        const space = compileSpace(input);
        for (const config of drawn) expect(contains(space, config)).toBe(true);
      }),
    );
  });
});
