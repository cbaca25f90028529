import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { explore, multiplied } from '../../../schedulers/pbt/explore.ts';
import { checkMutations, type Mutation, mutationsToJson, readMutations } from '../../../schedulers/pbt/mutations.ts';
import { rng } from '../../../src/base/rng.ts';
import type { Config } from '../../../src/space/config.ts';
import { contains } from '../../../src/space/contains.ts';
import type { NumericDomain } from '../../../src/space/domains.ts';
import { choice, expr, lograndint, loguniform, qrandint, quniform, randint, randn, sampleFrom, uniform, variation } from '../../../src/space/domains.ts';
import { sample } from '../../../src/space/sample.ts';
import { compileSpace, type Space } from '../../../src/space/space.ts';
import { anySpace, derivedSpace } from '../../space/arbitrary-space.ts';

const FACTORS = [1.2, 0.8];
const run = (space: Space, config: Config, mutations: unknown, { seed = 1, resampleProbability = 0 } = {}): Config =>
  explore(space, config, { mutations: readMutations('here', mutations), resampleProbability, perturbationFactors: FACTORS }, rng(seed));
const values = (space: Space, config: Config, mutations: unknown, key: string, resampleProbability = 0): readonly unknown[] => [
  ...new Set(Array.from({ length: 60 }, (_, seed) => run(space, config, mutations, { seed, resampleProbability })[key])),
];

describe('a number', () => {
  test('is multiplied by one of the factors', () => {
    const space = compileSpace({ lr: uniform(0, 1) });
    expect([...values(space, { lr: 0.5 }, { lr: uniform(0, 1) }, 'lr')].sort()).toEqual([0.4, 0.6]);
  });

  test('stays in its domain', () => {
    const space = compileSpace({ lr: uniform(0, 1) });
    expect([...values(space, { lr: 0.9 }, { lr: uniform(0, 1) }, 'lr')].sort()).toEqual([0.7200000000000001, 1]);
  });

  test('that is whole moves by at least 1, and is never cut down to 0', () => {
    const both = (value: number, domain: NumericDomain) => FACTORS.map((factor) => multiplied(value, factor, [domain]));
    expect(both(10, randint(0, 100))).toEqual([12, 8]);
    expect(both(3, randint(0, 100))).toEqual([4, 2]);
    expect(both(1, randint(1, 100))).toEqual([2, 1]);
    expect(both(2, randint(0, 100))).toEqual([3, 1]);
    expect(both(-3, randint(-100, 100))).toEqual([-4, -2]);
    expect(both(0, randint(-9, 9))).toEqual([1, -1]);
    expect(both(8, randint(1, 9))).toEqual([8, 6]);
    expect(both(64, qrandint(32, 512, 32))).toEqual([96, 32]);
    expect(both(0.5, quniform(0, 1, 0.25))).toEqual([0.75, 0.25]);
    expect(both(4, lograndint(1, 1000))).toEqual([5, 3]);
  });

  test('moves in the domain that is explored, and in that of the space', () => {
    expect([...values(compileSpace({ n: randint(0, 9) }), { n: 7 }, { n: randint(4, 100) }, 'n')].sort()).toEqual([6, 8]);
    expect([...values(compileSpace({ n: randint(0, 9) }), { n: 4 }, { n: randint(4, 100) }, 'n')].sort()).toEqual([4, 5]);
  });

  test('without an end does not become infinite', () => {
    expect(multiplied(1.7e308, 1.2, [randn()])).toBe(1.7e308);
  });

  test('is drawn anew with resampleProbability', () => {
    const space = compileSpace({ lr: loguniform(1e-4, 1) });
    expect(values(space, { lr: 0.01 }, { lr: loguniform(1e-4, 1) }, 'lr', 1)).toHaveLength(60);
    expect(values(space, { lr: 0.01 }, { lr: loguniform(1e-4, 1) }, 'lr', 0.5).length).toBeLessThan(50);
  });
});

describe('a value of a list, a choice or a variation', () => {
  const space = compileSpace({ batch: choice([16, 32, 64, 128]), act: variation(['relu', 'tanh', 'gelu']) });
  const config = { batch: 32, act: 'relu' };

  test('moves to a neighbour, and is never multiplied', () => {
    for (const mutation of [[16, 32, 64, 128], choice([16, 32, 64, 128]), variation([16, 32, 64, 128])]) {
      expect([...values(space, config, { batch: mutation }, 'batch')].sort()).toEqual([16, 64]);
    }
  });

  test('stays at the end of the list', () => {
    expect([...values(space, config, { act: ['relu', 'tanh', 'gelu'] }, 'act')].sort()).toEqual(['relu', 'tanh']);
  });

  test('that is not in the list is drawn from it', () => {
    expect([...values(space, { ...config, batch: 128 }, { batch: [16, 32] }, 'batch')].sort()).toEqual([16, 32]);
  });

  test('may be a number of a domain, too', () => {
    expect([...values(compileSpace({ lr: uniform(0, 1) }), { lr: 0.1 }, { lr: [0.01, 0.1, 0.5] }, 'lr')].sort()).toEqual([0.01, 0.5]);
  });
});

describe('the rest of the configuration', () => {
  test('is kept, and what follows from others is computed anew', () => {
    const space = compileSpace({
      model: { lr: uniform(0, 1), layers: [randint(1, 9), randint(1, 9)] },
      twice: expr('model.lr * 2'),
      also: sampleFrom((c: { model: { lr: number } }) => c.model.lr + 1),
      kept: 'x',
    });
    const before = sample(space, rng(3)) as { model: { lr: number; layers: number[] }; twice: number; also: number };
    const after = run(space, before, { model: { lr: uniform(0, 1), layers: { 1: randint(1, 9) } } }) as typeof before;
    expect(after.model.lr).not.toBe(before.model.lr);
    expect(after.model.layers[0]).toBe(before.model.layers[0]);
    expect(after.model.layers[1]).not.toBe(before.model.layers[1]);
    expect([after.twice, after.also]).toEqual([after.model.lr * 2, after.model.lr + 1]);
  });

  test('a parameter that the chosen option does not have stays away', () => {
    const space = compileSpace({
      optimizer: choice([{ name: 'sgd', momentum: uniform(0, 1) }, { name: 'adam' }]),
      lr: uniform(0, 1),
    });
    const mutations = { optimizer: { momentum: uniform(0, 1) }, lr: uniform(0, 1) };
    expect(run(space, { optimizer: { name: 'adam' }, lr: 0.5 }, mutations)['optimizer']).toEqual({ name: 'adam' });
    const sgd = run(space, { optimizer: { name: 'sgd', momentum: 0.5 }, lr: 0.5 }, mutations)['optimizer'] as { momentum: number };
    expect([0.4, 0.6]).toContain(sgd.momentum);
  });

  test('a parameter that is explored more does not change how the others are', () => {
    const space = compileSpace({ a: uniform(0, 1), b: uniform(0, 1) });
    for (let seed = 0; seed < 9; seed++) {
      const alone = run(space, { a: 0.5, b: 0.5 }, { a: uniform(0, 1) }, { seed, resampleProbability: 0.5 });
      expect(run(space, { a: 0.5, b: 0.5 }, { b: uniform(0, 1), a: uniform(0, 1) }, { seed, resampleProbability: 0.5 })['a']).toBe(alone['a']);
    }
  });
});

/** The mutations that a space itself suggests: every number over its domain, every choice of plain values over these. */
function mutationsOf(space: Space): readonly Mutation[] {
  return space.parameters.flatMap(({ path, domain }): readonly Mutation[] => {
    const place = { path: path.split('/'), name: path };
    if (!('options' in domain)) return [{ ...place, domain }];
    const plain = domain.options.filter((option) => typeof option !== 'object' || option === null);
    return plain.length > 0 ? [{ ...place, values: plain as readonly string[] }] : [];
  });
}

/** Those that the space accepts. */
const accepted = (space: Space): readonly Mutation[] =>
  mutationsOf(space).filter((mutation) => {
    try {
      checkMutations('here', [mutation], space);
      return true;
    } catch {
      return false;
    }
  });

describe('in every space', () => {
  test('what is explored lies in the space, time after time', () => {
    let explored = 0;
    fc.assert(
      fc.property(fc.oneof(anySpace, derivedSpace), fc.nat(), fc.constantFrom(0, 0.3, 1), (input, seed, resampleProbability) => {
        const space = compileSpace(input);
        const mutations = accepted(space);
        let config = sample(space, rng(seed));
        for (let i = 0; i < 5; i++) {
          const next = explore(space, config, { mutations, resampleProbability, perturbationFactors: [0.5, 3] }, rng(seed).fork(i));
          expect(contains(space, next)).toBe(true);
          if (JSON.stringify(next) !== JSON.stringify(config)) explored += 1;
          config = next;
        }
      }),
      { numRuns: 1000 },
    );
    expect(explored).toBeGreaterThan(500);
  });

  test('the mutations survive JSON', () => {
    fc.assert(
      fc.property(anySpace, (input) => {
        const mutations = mutationsOf(compileSpace(input)).filter(({ path }) => !path.some((key) => key.includes('$') || key === 'grid_search'));
        const names = mutations.map(({ name }) => name);
        const separate = mutations.filter(
          ({ name }) => names.every((other) => name === other || !other.startsWith(`${name}/`)) && names.filter((other) => other === name).length === 1,
        );
        const recorded: unknown = JSON.parse(JSON.stringify(mutationsToJson(separate)));
        expect(mutationsToJson(readMutations('here', recorded))).toEqual(recorded);
      }),
    );
  });
});
