import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../src/base/json.ts';
import { rng } from '../../src/base/rng.ts';
import type { Config } from '../../src/space/config.ts';
import { contains } from '../../src/space/contains.ts';
import { choice, expr, gridSearch, lograndint, qrandint, qrandn, quniform, randint, sampleFrom, uniform, variation } from '../../src/space/domains.ts';
import type { SpaceNode } from '../../src/space/space.ts';
import { compileSpace } from '../../src/space/space.ts';
import { configAt, finiteSize, gridSize, sweep, variants, withoutRepeats } from '../../src/space/variants.ts';
import { anySpace, finiteSpace } from './arbitrary-space.ts';

const all = (input: unknown, fixed?: Config, seed = 1) => [...variants(compileSpace(input), rng(seed), fixed)];

describe('a grid sweep', () => {
  test('grids are ordered by path, and the first varies fastest', () => {
    expect(all({ z: gridSearch([1, 2]), a: gridSearch(['x', 'y']) }).map(({ a, z }) => [a, z])).toEqual([
      ['x', 1],
      ['y', 1],
      ['x', 2],
      ['y', 2],
    ]);
    expect(all({ bar: { grid_search: [true, false] }, foo: { grid_search: [1, 2, 3] } }).map(({ bar, foo }) => [bar, foo])).toEqual([
      [true, 1],
      [false, 1],
      [true, 2],
      [false, 2],
      [true, 3],
      [false, 3],
    ]);
    expect(all({ l: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, gridSearch([0, 1])], l0: gridSearch(['s', 't']) }).map((config) => config['l0'])).toEqual([
      's',
      's',
      't',
      't',
    ]);
  });

  test('3 samples of a grid of 3 are 9 trials with 9 different draws', () => {
    const space = compileSpace({ lr: uniform(0, 1), batch: gridSearch([16, 32, 64]) });
    const trials = [0, 1, 2].flatMap((s) => [...variants(space, rng(7).fork('sample', s))]);
    expect(trials.map(({ batch }) => batch)).toEqual([16, 32, 64, 16, 32, 64, 16, 32, 64]);
    expect(new Set(trials.map(({ lr }) => lr)).size).toBe(9);
    expect(gridSize(space)).toBe(3);
  });

  test('a space without a grid has one variant', () => expect(all({ lr: uniform(0, 1) })).toHaveLength(1));

  test('a preset settles its grid: 4 samples, 3 of them presets, are 6 trials', () => {
    const input = { a: gridSearch([1, 2]), b: randint(0, 3) };
    const presets: (Config | undefined)[] = [{ a: 2, b: 2 }, { a: 1 }, { b: 2 }, undefined];
    const trials = presets.map((preset, i) => all(input, preset, i));
    const any = expect.any(Number) as number;
    expect(trials).toEqual([
      [{ a: 2, b: 2 }],
      [{ a: 1, b: any }],
      [
        { a: 1, b: 2 },
        { a: 2, b: 2 },
      ],
      [
        { a: 1, b: any },
        { a: 2, b: any },
      ],
    ]);
  });

  test('a preset of one grid leaves the others: 3 + 5 * 12', () => {
    const input = { g: gridSearch([1, 2, 3, 4]), h: gridSearch(['a', 'b', 'c']) };
    expect(all(input, { g: 1 })).toHaveLength(3);
    expect(all(input, { h: 'a' })).toHaveLength(4);
    expect(all(input, { g: 1, h: 'b' })).toEqual([{ g: 1, h: 'b' }]);
    expect(all(input)).toHaveLength(12);
    expect(all(input, { g: 4 }).map(({ g }) => g)).toEqual([4, 4, 4]);
    expect(() => all(input, { g: 99 })).toThrow(/configuration\/g: .*got 99/);
    expect(gridSize(compileSpace(input), { g: 1 })).toBe(3);
  });

  test('a grid inside an option of a grid multiplies that option only', () => {
    const trials = all({ model: gridSearch([{ kind: 'mlp', layers: gridSearch([1, 2, 3]) }, 'linear']), seed: gridSearch([0, 1]) });
    expect(trials.map(({ model, seed }) => [(model as { layers?: number }).layers ?? model, seed])).toEqual([
      [1, 0],
      [2, 0],
      [3, 0],
      ['linear', 0],
      [1, 1],
      [2, 1],
      [3, 1],
      ['linear', 1],
    ]);
    expect(all({ model: gridSearch([{ kind: 'mlp', layers: gridSearch([1, 2, 3]) }, 'linear']) }, { model: { kind: 'mlp' } })).toHaveLength(3);
  });

  test('inside an option of a choice, the option is drawn once and its grid runs in full', () => {
    const input = {
      model: choice([
        { kind: 'mlp', layers: gridSearch([1, 2, 3]), lr: uniform(0, 1) },
        { kind: 'linear', lr: uniform(0, 1) },
      ]),
    };
    const sizes = new Set<number>();
    for (let seed = 0; seed < 20; seed++) {
      const trials = all(input, undefined, seed).map(({ model }) => model as { kind: string; layers?: number; lr: number });
      expect(new Set(trials.map(({ kind }) => kind)).size).toBe(1);
      expect(new Set(trials.map(({ lr }) => lr)).size).toBe(trials.length);
      expect(trials.map(({ layers }) => layers)).toEqual(trials[0]?.kind === 'mlp' ? [1, 2, 3] : [undefined]);
      sizes.add(trials.length);
    }
    expect([...sizes].sort()).toEqual([1, 3]);
    expect(gridSize(compileSpace(input))).toBe(3);
  });

  test('an option of a grid may be a domain: it is drawn for each point', () => {
    const trials = all({ x: gridSearch([uniform(0, 1), uniform(5, 6), 'off']), y: gridSearch([0, 1]) });
    expect(trials.map(({ x }) => (typeof x === 'number' ? Math.floor(x) : x))).toEqual([0, 5, 'off', 0, 5, 'off']);
    expect(trials[0]?.['x']).not.toBe(trials[3]?.['x']);
  });

  test('what follows from a grid follows it', () => {
    expect(all({ x: gridSearch([1, 2]), y: sampleFrom((config: { x: number }) => config.x + 1), z: expr('y + 1') })).toEqual([
      { x: 1, y: 2, z: 3 },
      { x: 2, y: 3, z: 4 },
    ]);
  });

  test('property: a sweep lies in the space, gives each point by itself, and repeats', () => {
    fc.assert(
      fc.property(anySpace, fc.integer(), (input, seed) => {
        const space = compileSpace(input);
        const { size, at } = sweep(space, rng(seed));
        expect(size).toBeLessThanOrEqual(gridSize(space));
        const configs: Config[] = [];
        for (const config of variants(space, rng(seed))) if (configs.push(config) === 50) break;
        expect(configs).toHaveLength(Math.min(50, size));
        configs.forEach((config, j) => {
          expect(contains(space, config)).toBe(true);
          expect(at(j)).toEqual(config);
        });
      }),
    );
  });
});

const countOf = (input: unknown) => finiteSize(compileSpace(input));
const list = (input: unknown) => {
  const space = compileSpace(input);
  return Array.from({ length: finiteSize(space) }, (_, i) => configAt(space, i));
};

describe('counting configurations', () => {
  test('the product of the parameters', () => {
    expect(countOf({ a: variation([1, 2, 3, 4]), b: variation([0.1, 0.01, 0.001]) })).toBe(12);
    expect(countOf({ m: { x: variation([1, 2]) }, y: variation([3]) })).toBe(2);
    expect(countOf({ list: [variation([1, 2]), choice([1, 2])] })).toBe(4);
    expect(countOf({ a: randint(0, 5), b: lograndint(1, 4), c: quniform(0, 1, 0.25), d: qrandint(2, 6, 2), e: gridSearch([1, 2]) })).toBe(5 * 3 * 5 * 3 * 2);
    expect(countOf({})).toBe(1);
    expect(countOf({ a: 1, b: sampleFrom(() => 1), c: expr('a + 1') })).toBe(1);
  });
  test('no options, no configuration; a continuous parameter, no end', () => {
    expect(countOf({ v: variation([]) })).toBe(0);
    expect(countOf({ v: variation([]), u: uniform(0, 1) })).toBe(0);
    expect(countOf({ v: variation([1]), u: uniform(0, 1) })).toBe(Infinity);
    expect(countOf({ q: qrandn(0, 1, 1) })).toBe(Infinity);
    expect(countOf({ x: choice(['off', uniform(0, 1)]) })).toBe(Infinity);
  });
  test('equal options count once, also when they are spaces or overlap', () => {
    expect(countOf({ a: variation([1, 1]) })).toBe(1);
    expect(countOf({ a: choice([1, 1, '1', true, { x: 1, y: 2 }, { y: 2, x: 1 }]) })).toBe(4);
    expect(countOf({ a: choice([randint(0, 3), randint(1, 5), 4, 'x']) })).toBe(6);
    expect(
      countOf({
        a: choice([
          { k: 1, n: randint(0, 3) },
          { k: choice([1, 2]), n: randint(2, 4) },
        ]),
      }),
    ).toBe(6);
    expect(countOf({ a: choice([{ k: 'a', n: randint(0, 1e6) }, { k: 'b', n: randint(0, 1e6) }, 'c']) })).toBe(2e6 + 1);
  });
  test('the first parameter varies fastest, options run through their own', () => {
    expect(list({ a: choice(['x', 'y']), b: randint(0, 2) })).toEqual([
      { a: 'x', b: 0 },
      { a: 'y', b: 0 },
      { a: 'x', b: 1 },
      { a: 'y', b: 1 },
    ]);
    expect(list({ a: choice([{ n: randint(0, 2) }, 'y']), b: expr('1 + 1') })).toEqual([
      { a: { n: 0 }, b: 2 },
      { a: { n: 1 }, b: 2 },
      { a: 'y', b: 2 },
    ]);
  });
  test('an index outside is refused', () => {
    const space = compileSpace({ a: randint(0, 3) });
    for (const bad of [-1, 3, 0.5, NaN]) expect(() => configAt(space, bad)).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }));
    expect(() => configAt(compileSpace({ a: uniform(0, 1) }), 0)).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }));
  });
  test('property: as many as listing them gives, all distinct, all in the space', () => {
    fc.assert(
      fc.property(finiteSpace, (input) => {
        const space = compileSpace(input);
        const size = finiteSize(space);
        fc.pre(size <= 2000);
        const configs = Array.from({ length: size }, (_, i) => configAt(space, i));
        expect(new Set(configs.map(canonicalJson)).size).toBe(size);
        expect(configs.every((config) => contains(space, config))).toBe(true);
        expect(new Set(configs.map(canonicalJson))).toEqual(new Set(listed(space.root).map(canonicalJson)));
      }),
    );
  });
});

/** Every value of a part of a space, with repetitions, the simple way. */
function listed(node: SpaceNode): unknown[] {
  switch (node.kind) {
    case 'constant':
      return [node.value];
    case 'numeric':
      return list({ x: node.domain }).map((config) => config['x']);
    case 'options':
      return node.options.flatMap(listed);
    case 'array':
      return node.items.reduce<unknown[][]>((rows, item) => rows.flatMap((row) => listed(item).map((value) => [...row, value])), [[]]);
    case 'object':
      return [...node.entries].reduce<object[]>((rows, [key, child]) => rows.flatMap((row) => listed(child).map((value) => ({ ...row, [key]: value }))), [{}]);
    case 'derived':
      return [];
  }
}

describe('sampling without replacement', () => {
  const draw = (input: unknown, n: number, seed = 1) => {
    const { size, at } = withoutRepeats(compileSpace(input), rng(seed));
    return Array.from({ length: Math.min(n, size) }, (_, k) => at(k));
  };

  test('n distinct configurations, all of them when n is large, and it ends', () => {
    const input = { a: variation([1, 2, 3, 4]), b: variation([0.1, 0.01, 0.001]) };
    expect(new Set(draw(input, 3).map(canonicalJson)).size).toBe(3);
    for (const n of [12, 100]) expect(new Set(draw(input, n).map(canonicalJson))).toEqual(new Set(list(input).map(canonicalJson)));
    expect(draw(input, 12)).not.toEqual(list(input));
    expect(draw(input, 12)).toEqual(draw(input, 12));
    expect(draw(input, 12)).not.toEqual(draw(input, 12, 2));
    expect(draw({ a: variation([1, 1]) }, 2)).toEqual([{ a: 1 }]);
    expect(draw({}, 5)).toEqual([{}]);
    expect(draw({ v: variation([]) }, 5)).toEqual([]);
  });

  test('from a space too large to hold', () => {
    const input = { a: randint(0, 2 ** 50), b: randint(0, 2 ** 50), c: randint(0, 2 ** 50) };
    const configs = draw(input, 2000);
    expect(new Set(configs.map(canonicalJson)).size).toBe(2000);
    expect(configs.every((config) => contains(compileSpace(input), config))).toBe(true);
    expect(withoutRepeats(compileSpace(input), rng(1)).at(1_999)).toEqual(configs[1_999]);
    const firstHalf = configs.filter(({ a }) => (a as number) < 2 ** 49).length;
    expect(firstHalf / 2000).toBeCloseTo(0.5, 1);
  });

  test('from an infinite space the draws are independent', () =>
    expect(new Set(draw({ v: variation([1, 2]), u: uniform(0, 1) }, 10).map(({ u }) => u)).size).toBe(10));

  test('around a point of a sweep', () => {
    const space = compileSpace({ g: gridSearch([1, { n: gridSearch([5, 6]) }]), v: variation(['a', 'b', 'c']) });
    const grid = sweep(space, rng(1));
    for (let j = 0; j < grid.size; j++) {
      const { size, at } = withoutRepeats(space, rng(1).fork(j), grid.point(j));
      expect(size).toBe(3);
      const configs = [0, 1, 2].map(at);
      expect(new Set(configs.map(({ v }) => v))).toEqual(new Set(['a', 'b', 'c']));
      expect(configs.map(({ g }) => g)).toEqual([grid.at(j)['g'], grid.at(j)['g'], grid.at(j)['g']]);
    }
  });

  test('an index outside is refused', () => {
    const { at } = withoutRepeats(compileSpace({ a: randint(0, 3) }), rng(1));
    for (const bad of [-1, 3, 0.5]) expect(() => at(bad)).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }));
  });
});
