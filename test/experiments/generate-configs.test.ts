import fc from 'fast-check';
import { expect, expectTypeOf, test } from 'vitest';
import { canonicalJson } from '../../src/base/json.ts';
import { generateConfigs } from '../../src/experiments/generate-configs.ts';
import { loguniform, variation } from '../../src/space/domains.ts';

const PAGE = { param_1: variation([1, 2, 3, 4]), param_2: variation([1e-1, 1e-2, 1e-3]) };
const product = [1, 2, 3, 4].flatMap((param_1) => [1e-1, 1e-2, 1e-3].map((param_2) => ({ param_1, param_2 })));
const asSet = (configs: readonly unknown[]): ReadonlySet<string> => new Set(configs.map(canonicalJson));

test('three distinct ones of the twelve', () => {
  const configs = generateConfigs(PAGE, 3);
  expectTypeOf(configs[0]).toEqualTypeOf<{ param_1: 1 | 2 | 3 | 4; param_2: 0.1 | 0.01 | 0.001 } | undefined>();
  expect(configs).toHaveLength(3);
  expect(asSet(configs).size).toBe(3);
  for (const config of configs) expect(product).toContainEqual(config);
});

test.each([12, 100])('asked for %i, it gives the twelve that there are', (n) => {
  const configs = generateConfigs(PAGE, n);
  expect(configs).toHaveLength(12);
  expect(asSet(configs)).toEqual(asSet(product));
});

test('equal options count once', () => {
  expect(generateConfigs({ a: variation([1, 1]) }, 2)).toEqual([{ a: 1 }]);
  expect(
    generateConfigs(
      {
        a: variation([
          { x: 1, y: 2 },
          { y: 2, x: 1 },
        ] as const),
      },
      2,
    ),
  ).toHaveLength(1);
});

test('without a variation there is one; with one of no options, none', () => {
  expect(generateConfigs({}, 5)).toEqual([{}]);
  expect(generateConfigs({ a: 3 }, 5)).toEqual([{ a: 3 }]);
  expect(generateConfigs({ a: variation([]), b: variation([1, 2]) }, 5)).toEqual([]);
  expect(generateConfigs(PAGE, 0)).toEqual([]);
});

test('an object inside itself is refused, not followed for ever', () => {
  const round: { a: object; me?: object } = { a: {} };
  round.me = round;
  expect(() => generateConfigs(round, 2)).toThrow(/^generateConfigs: cfg\.me: expected a tree, got an object that contains itself.*CONFIG_INVALID/);
});

test('objects are looked through; lists are not, nor anything else', () => {
  const nested = generateConfigs({ m: { x: variation([1, 2]) }, y: variation([3]) }, 9);
  expect(asSet(nested)).toEqual(
    asSet([
      { m: { x: 1 }, y: 3 },
      { m: { x: 2 }, y: 3 },
    ]),
  );
  const list = [variation([1, 2])];
  const day = new Date(0);
  const [only, ...others] = generateConfigs({ list, day }, 9);
  expect(others).toEqual([]);
  expect(only?.list).toBe(list);
  expect(only?.day).toBe(day);
});

test('options of mixed types stay what they are, and one may bring variations of its own', () => {
  expect(asSet(generateConfigs({ a: variation([1, 'a', true, null, [1, 2]]) }, 9))).toEqual(
    asSet([{ a: 1 }, { a: 'a' }, { a: true }, { a: null }, { a: [1, 2] }]),
  );
  const models = generateConfigs({ model: variation([{ kind: 'tree' }, { kind: 'svm', c: variation([1, 10]) }]) }, 9);
  expect(asSet(models)).toEqual(asSet([{ model: { kind: 'tree' } }, { model: { kind: 'svm', c: 1 } }, { model: { kind: 'svm', c: 10 } }]));
});

test('the same seed gives the same list, another one another', () => {
  expect(generateConfigs(PAGE, 12)).toEqual(generateConfigs(PAGE, 12, { seed: 0 }));
  expect(generateConfigs(PAGE, 12, { seed: 1 })).not.toEqual(generateConfigs(PAGE, 12, { seed: 2 }));
});

test('changes nothing that it is given', () => {
  const cfg = { a: variation([1, 2]), b: { c: [1] } };
  const before = structuredClone({ b: cfg.b });
  for (const config of generateConfigs(cfg, 2)) (config as { a: unknown }).a = 'changed';
  expect(cfg.a.options).toEqual([1, 2]);
  expect({ b: cfg.b }).toEqual(before);
});

test('a million million configurations cost no more than those that are asked for', () => {
  const wide = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`p${i}`, variation([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])]));
  expect(asSet(generateConfigs(wide, 100)).size).toBe(100);
});

test('says what it cannot count, and what it was not asked', () => {
  expect(() => generateConfigs({ m: { lr: loguniform(1e-4, 1) } }, 3)).toThrow(/cfg\.m\.lr: expected a value or a variation, got loguniform.*SPACE_INVALID/);
  expect(() => generateConfigs({ lr: variation([loguniform(1e-4, 1)]) }, 3)).toThrow(/that can be counted.*SPACE_INVALID/);
  expect(() => generateConfigs(PAGE, 1.5)).toThrow(/expected n to be an integer >= 0, got 1.5.*OPTION_RANGE/);
  expect(() => generateConfigs(PAGE, 1, { seed: Number.NaN })).toThrow(/OPTION_RANGE/);
  expect(() => generateConfigs(PAGE, 1, { sed: 1 } as never)).toThrow(/Did you mean "seed"/);
  expect(() => generateConfigs([] as never, 1)).toThrow(/expected an object first, got an array of 0/);
});

/** An object of values and lists of options, and every configuration that it stands for, by brute force. */
type Tree = { readonly [key: string]: number | readonly number[] | Tree };
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.dictionary(
    fc.constantFrom('a', 'b', 'c'),
    fc.oneof({ maxDepth: 2 }, fc.integer({ min: 0, max: 3 }), fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }), tie('tree')),
    { maxKeys: 3 },
  ) as fc.Arbitrary<Tree>,
}));

function all(node: Tree): readonly object[] {
  return Object.entries(node).reduce<readonly object[]>(
    (done, [key, value]) => {
      const values: readonly unknown[] = Array.isArray(value) ? value : typeof value === 'object' ? all(value as Tree) : [value];
      return done.flatMap((config) => values.map((one) => ({ ...config, [key]: one })));
    },
    [{}],
  );
}

const asCfg = (node: Tree): object =>
  Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, Array.isArray(value) ? variation(value) : typeof value === 'object' ? asCfg(value as Tree) : value]),
  );

test('law: all of them are the product, each once; fewer are distinct members of it', () => {
  fc.assert(
    fc.property(tree, fc.nat({ max: 9 }), fc.nat(), (node, n, seed) => {
      const expected = asSet(all(node));
      expect(asSet(generateConfigs(asCfg(node), 1e4, { seed }))).toEqual(expected);
      const some = generateConfigs(asCfg(node), n, { seed });
      expect(some).toHaveLength(Math.min(n, expected.size));
      expect(asSet(some).size).toBe(some.length);
      for (const config of some) expect(expected).toContain(canonicalJson(config));
    }),
    { numRuns: 100, seed: 8 },
  );
});
