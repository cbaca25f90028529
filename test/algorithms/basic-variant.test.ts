import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { basicVariant } from '../../algorithms/basic-variant.ts';
import { canonicalJson } from '../../src/base/json.ts';
import { choice, gridSearch, randint, sampleFrom, uniform, variation } from '../../src/space/domains.ts';
import { compileSpace } from '../../src/space/space.ts';
import { askFor, configs, suggestions } from './asking.ts';

describe('basicVariant', () => {
  test('runs the whole grid once for each sample, the first path fastest', async () => {
    const space = { foo: gridSearch([1, 2, 3]), bar: gridSearch([true, false]) };
    const once = [1, 2, 3].flatMap((foo) => [true, false].map((bar) => ({ foo, bar })));
    expect(await configs(basicVariant(), space, { samples: 1 })).toEqual(once);
    expect(await configs(basicVariant(), space, { samples: 3 })).toEqual([...once, ...once, ...once]);
  });

  test('draws what is not in the grid anew for each grid point', async () => {
    const drawn = await configs(basicVariant(), { lr: uniform(0, 1), batch: gridSearch([16, 32, 64]) }, { samples: 3 });
    expect(drawn.map(({ batch }) => batch)).toEqual([16, 32, 64, 16, 32, 64, 16, 32, 64]);
    expect(new Set(drawn.map(({ lr }) => lr)).size).toBe(9);
  });

  test('is random search without a grid: one trial for each sample, repeats included', async () => {
    expect(await configs(basicVariant(), {}, { samples: 4 })).toEqual([{}, {}, {}, {}]);
    expect(await configs(basicVariant(), { a: choice([1, 2]) }, { samples: 10 })).toHaveLength(10);
  });

  test('multiplies only the option that a nested grid stands in', async () => {
    const space = { net: gridSearch([{ kind: 'dense', units: gridSearch([8, 16]) }, { kind: 'linear' }]) };
    expect(await configs(basicVariant(), space, { samples: 1 })).toEqual([
      { net: { kind: 'dense', units: 8 } },
      { net: { kind: 'dense', units: 16 } },
      { net: { kind: 'linear' } },
    ]);
  });

  test('runs a grid inside a choice in full when its option is drawn', async () => {
    const space = { net: choice([{ units: gridSearch([8, 16]) }, 'linear']) };
    const drawn = await configs(basicVariant(), space, { samples: 40 });
    const [linear, units] = [drawn.filter(({ net }) => net === 'linear'), drawn.flatMap(({ net }) => (net === 'linear' ? [] : [net]))];
    expect(linear.length + units.length / 2).toBe(40);
    expect(units).toEqual(Array.from({ length: units.length }, (_, i) => ({ units: i % 2 === 0 ? 8 : 16 })));
  });

  test('derives values from the grid point', async () => {
    const space = { a: gridSearch([1, 2]), b: sampleFrom(({ a }) => (a as number) * 10) };
    expect(await configs(basicVariant(), space, { samples: 1 })).toEqual([
      { a: 1, b: 10 },
      { a: 2, b: 20 },
    ]);
  });

  test('says which is the last, and is done after it', async () => {
    const given = await suggestions(basicVariant(), { a: gridSearch([1, 2]) }, { samples: 2 });
    expect(given.map((suggestion) => suggestion.kind === 'config' && suggestion.last === true)).toEqual([false, false, false, true]);
    const space = compileSpace({ a: gridSearch([1, 2]) });
    expect(basicVariant().suggest(askFor(space, 4, { samples: 2 }))).toEqual({ kind: 'done' });
  });

  test('never ends with unlimited samples', async () => {
    expect(await configs(basicVariant(), { a: gridSearch([1, 2]), b: uniform(0, 1) }, { samples: Infinity }, 100)).toHaveLength(100);
  });

  describe('with a variation', () => {
    test('proposes distinct configurations for each grid point, and leaves out one that has no more', async () => {
      const space = {
        grid: gridSearch([
          { kind: 'a', v: variation([1, 2, 3]) },
          { kind: 'b', v: variation([1]) },
        ]),
      };
      const given = await suggestions(basicVariant(), space, { samples: 5 });
      const drawn = given.flatMap((suggestion) => (suggestion.kind === 'config' ? [suggestion.config] : []));
      expect(drawn.map((config) => (config.grid as { kind: string }).kind)).toEqual(['a', 'b', 'a', 'a']);
      expect(new Set(drawn.map(canonicalJson)).size).toBe(4);
      expect(given.at(-1)).toEqual({ kind: 'done', message: 'basicVariant: the space has 4 distinct configurations, 10 were asked for.' });
    });

    test('ends without a message when it has just enough', async () => {
      const given = await suggestions(basicVariant(), { v: variation([1, 2, 3]) }, { samples: 3 });
      expect(given.map(({ kind }) => kind)).toEqual(['config', 'config', 'config']);
      expect(given.at(-1)).toMatchObject({ last: true });
    });

    test('ends when the space is exhausted, also with unlimited samples or a grid that is drawn', async () => {
      expect((await suggestions(basicVariant(), { v: variation([1, 2, 3]) }, { samples: Infinity })).at(-1)).toEqual({
        kind: 'done',
        message: 'basicVariant: the space has 3 distinct configurations, and all have been proposed.',
      });
      const space = { v: variation([1, 2, 3]), net: choice([{ units: gridSearch([8, 16]) }, 'linear']) };
      const drawn = await configs(basicVariant(), space, { samples: Infinity });
      expect(new Set(drawn.map(canonicalJson)).size).toBe(9);
      expect(drawn).toHaveLength(9);
    });
  });

  test('property: the answer depends on the ask alone, not on what was asked before', async () => {
    const option = fc.constantFrom<unknown>(
      gridSearch([1, 2, 3]),
      variation(['x', 'y']),
      uniform(0, 1),
      choice([{ g: gridSearch([1, 2]) }, 0]),
      randint(0, 3),
      5,
    );
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.constantFrom('a', 'b', 'c'), option, { minKeys: 1 }),
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.nat(30), { maxLength: 12 }),
        async (input, samples, indices) => {
          const space = compileSpace(input);
          const searcher = basicVariant();
          const { history } = askFor(space, 0, { samples });
          for (const index of indices) {
            const afresh = await basicVariant().suggest(askFor(space, index, { samples }));
            expect(await searcher.suggest(askFor(space, index, { samples, history }))).toEqual(afresh);
            await searcher.suggest(askFor(space, index, { samples, history, seed: 7 })); // another seed, the same history: nothing leaks
          }
        },
      ),
    );
  });

  test('keeps its place over 20,000 trials', async () => {
    const space = compileSpace({ lr: uniform(0, 1), batch: gridSearch([16, 32]) });
    const searcher = basicVariant();
    const { history } = askFor(space, 0, { samples: 10_000 });
    for (let index = 0; index < 20_000; index++) await searcher.suggest(askFor(space, index, { samples: 10_000, history }));
    expect(await searcher.suggest(askFor(space, 20_000, { samples: 10_000, history }))).toEqual({ kind: 'done' });
  });
});
