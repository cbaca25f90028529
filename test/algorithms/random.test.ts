import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { random } from '../../algorithms/random.ts';
import { canonicalJson } from '../../src/base/json.ts';
import { choice, gridSearch, randint, uniform, variation } from '../../src/space/domains.ts';
import { compileSpace } from '../../src/space/space.ts';
import { askFor, configs, suggestions } from './asking.ts';

const distinct = (all: readonly unknown[]) => new Set(all.map(canonicalJson)).size;

describe('random', () => {
  test('gives as many trials as samples, whatever the space', async () => {
    expect(await configs(random(), {}, { samples: 10 })).toHaveLength(10);
    expect(await configs(random(), { a: choice([1, 2, 3]) }, { samples: 10 })).toHaveLength(10);
    expect(await configs(random(), { lr: uniform(0, 1) }, { samples: 10 })).toHaveLength(10);
  });

  test('takes a grid for a choice', async () => {
    const drawn = await configs(random(), { a: gridSearch([1, 2, 3]) }, { samples: 50 });
    expect([drawn.length, distinct(drawn)]).toEqual([50, 3]);
  });

  describe('without repeats', () => {
    const a = variation([1, 2, 3, 4]);
    const b = variation([0.1, 0.01, 0.001]);

    test('draws 3 of 12 that differ', async () => {
      const drawn = await configs(random(), { a, b }, { samples: 3 });
      expect([drawn.length, distinct(drawn)]).toEqual([3, 3]);
    });

    test.each([12, 100])('draws all 12 when %d are asked for', async (samples) => {
      const drawn = await configs(random(), { a, b }, { samples });
      const all = [1, 2, 3, 4].flatMap((x) => [0.1, 0.01, 0.001].map((y) => canonicalJson({ a: x, b: y })));
      expect(drawn.map(canonicalJson).toSorted()).toEqual(all.toSorted());
    });

    test('says how many there are when it ends early, and nothing when it does not', async () => {
      expect((await suggestions(random(), { a, b }, { samples: 100 })).at(-1)).toEqual({
        kind: 'done',
        message: 'random: the space has 12 distinct configurations, 100 were asked for.',
      });
      expect((await suggestions(random(), { a, b }, { samples: 12 })).at(-1)).toMatchObject({ kind: 'config', last: true });
    });

    test.each([
      ['equal options count once', { a: variation([1, 1]) }, 2, 1],
      ['a space without parameters has one configuration', {}, 5, 1],
      ['a variation without options has none', { a: variation([]) }, 5, 0],
      ['nested parameters count', { m: { x: variation([1, 2]) }, y: variation([3]) }, 5, 2],
      ['an array is a value', { a: variation([[1, 2], [3]]) }, 5, 2],
    ])('%s', async (_name, space, samples, count) => {
      const drawn = await configs(random({ unique: true }), space, { samples });
      expect([drawn.length, distinct(drawn)]).toEqual([count, count]);
    });

    test('works on any finite space when it is asked to', async () => {
      const drawn = await configs(random({ unique: true }), { a: choice(['x', 'y']), n: randint(0, 3) }, { samples: Infinity });
      expect([drawn.length, distinct(drawn)]).toEqual([6, 6]);
    });

    test('may repeat with a variation when it is asked to', async () => {
      expect(await configs(random({ unique: false }), { a: variation([1, 2]) }, { samples: 10 })).toHaveLength(10);
    });

    test('stays cheap in a space of 10^15 configurations', async () => {
      const drawn = await configs(random({ unique: true }), { a: randint(0, 1e15) }, { samples: 500 });
      expect([drawn.length, distinct(drawn)]).toEqual([500, 500]);
    });
  });

  test('gives the same list for the same seed, another for another', async () => {
    const space = { lr: uniform(0, 1), v: variation([1, 2]) };
    const draw = (seed: number) => configs(random(), space, { samples: 5, seed });
    expect(await draw(1)).toEqual(await draw(1));
    expect(await draw(1)).not.toEqual(await draw(2));
  });

  test('property: the answer depends on the ask alone', async () => {
    const option = fc.constantFrom<unknown>(variation(['x', 'y', 'z']), uniform(0, 1), choice([{ g: gridSearch([1, 2]) }, 0]), randint(0, 3), 5);
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.constantFrom('a', 'b'), option),
        fc.option(fc.boolean(), { nil: undefined }),
        fc.array(fc.nat(20)),
        async (input, unique, indices) => {
          const space = compileSpace(input);
          const make = () => random(unique === undefined ? {} : { unique });
          const searcher = make();
          const { history } = askFor(space, 0, { samples: 20 });
          for (const index of indices) {
            expect(await searcher.suggest(askFor(space, index, { samples: 20, history }))).toEqual(await make().suggest(askFor(space, index, { samples: 20 })));
            await searcher.suggest(askFor(space, index, { samples: 20, history, seed: 7 }));
          }
        },
      ),
    );
  });

  test('refuses an unknown option, and an unique that is no boolean', () => {
    expect(() => random({ uniqe: true } as never)).toThrow('Did you mean "unique"?');
    expect(() => random({ unique: 1 } as never)).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }));
  });
});
