import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AttuneError } from '../../src/base/errors.ts';
import { rng } from '../../src/base/rng.ts';
import { contains } from '../../src/space/contains.ts';
import {
  choice,
  expr,
  gridSearch,
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
  variation,
} from '../../src/space/domains.ts';
import { sample } from '../../src/space/sample.ts';
import { compileSpace } from '../../src/space/space.ts';
import { anySpace, derivedSpace } from './arbitrary-space.ts';

const DRAWS = 20_000;
const refused = (code: string, text: RegExp) => expect.objectContaining({ code, message: expect.stringMatching(text) as string });

function draws(domain: unknown, count = DRAWS): unknown[] {
  const space = compileSpace({ x: domain });
  return Array.from({ length: count }, (_, i) => sample(space, rng(1).fork(i))['x']);
}

/** The share of each value, in order of first appearance in `values`. */
function shares(domain: unknown, values: readonly unknown[]): number[] {
  const drawn = draws(domain);
  expect(new Set(drawn)).toEqual(new Set(values));
  return values.map((value) => drawn.filter((x) => x === value).length / DRAWS);
}

const near = (expected: readonly number[]) => expected.map((share) => expect.closeTo(share, 1.6) as number); // within 0.0126: 3.5 standard errors

describe('each domain', () => {
  test('quniform and qrandint: every multiple equally likely, both ends included', () => {
    expect(shares(quniform(0, 10, 5), [0, 5, 10])).toEqual(near([1 / 3, 1 / 3, 1 / 3]));
    expect(shares(quniform(0, 0.4, 0.1), [0, 0.1, 0.2, 0.3, 0.4])).toEqual(near([0.2, 0.2, 0.2, 0.2, 0.2])); // 0.3, not 0.30000000000000004
    expect(shares(qrandint(1, 5), [1, 2, 3, 4, 5])).toEqual(near([0.2, 0.2, 0.2, 0.2, 0.2]));
    expect(shares(qrandint(-4, 4, 4), [-4, 0, 4])).toEqual(near([1 / 3, 1 / 3, 1 / 3]));
  });

  test('randint and lograndint exclude the upper bound', () => {
    expect(shares(randint(-1, 3), [-1, 0, 1, 2])).toEqual(near([0.25, 0.25, 0.25, 0.25]));
    const cell = (k: number) => Math.log((k + 1) / k) / Math.log(5);
    expect(shares(lograndint(1, 5), [1, 2, 3, 4])).toEqual(near([cell(1), cell(2), cell(3), cell(4)]));
  });

  test('qloguniform and qlograndint: the probability of each cell', () => {
    const between = (a: number, b: number) => Math.log(b / a) / Math.log(4);
    const expected = near([between(1, 1.5), between(1.5, 2.5), between(2.5, 3.5), between(3.5, 4)]);
    expect(shares(qlograndint(1, 4), [1, 2, 3, 4])).toEqual(expected);
    expect(shares(qloguniform(0.1, 0.4, 0.1), [0.1, 0.2, 0.3, 0.4])).toEqual(expected);
  });

  test('qrandn: the probability of each cell', () => {
    const drawn = draws(qrandn(0, 1, 1));
    expect([-2, -1, 0, 1, 2].map((value) => drawn.filter((x) => x === value).length / DRAWS)).toEqual(near([0.0606, 0.2417, 0.3829, 0.2417, 0.0606]));
    expect(drawn.some((x) => Object.is(x, -0))).toBe(false);
  });

  test('uniform, loguniform, randn', () => {
    const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
    expect(mean(draws(uniform(-1, 3)) as number[])).toBeCloseTo(1, 1);
    expect(mean((draws(loguniform(0.01, 1)) as number[]).map(Math.log10))).toBeCloseTo(-1, 1);
    const normal = draws(randn(5, 2)) as number[];
    expect(mean(normal)).toBeCloseTo(5, 1);
    expect(Math.sqrt(mean(normal.map((x) => (x - 5) ** 2)))).toBeCloseTo(2, 1);
  });

  test('choice, gridSearch and variation: every option equally likely; a choice counts equal ones twice', () => {
    expect(shares(choice(['a', 1, null, 1]), ['a', 1, null])).toEqual(near([0.25, 0.5, 0.25]));
    expect(shares(gridSearch([true, 'b']), [true, 'b'])).toEqual(near([0.5, 0.5]));
    expect(shares(variation([1, 1, 2]), [1, 2])).toEqual(near([0.5, 0.5]));
  });
});

describe('structure', () => {
  test('constants pass through; domains nest in objects and arrays; an option brings its own parameters', () => {
    const space = compileSpace({ on: true, model: { units: [randint(7, 8), 3] }, opt: choice([{ kind: 'sgd', lr: qrandint(5, 5 + 1, 1) }]) });
    expect(sample(space, rng(3))).toEqual({ on: true, model: { units: [7, 3] }, opt: { kind: 'sgd', lr: expect.any(Number) as number } });
    expect(sample(compileSpace({}), rng(3))).toEqual({});
  });

  test('each configuration is a fresh copy, and the space keeps none of the input', () => {
    const shared = { deep: [1, 2] };
    const space = compileSpace({ a: choice([shared]), b: shared });
    shared.deep.push(3);
    const first = sample(space, rng(0)) as { a: { deep: number[] } };
    first.a.deep.push(9);
    expect(sample(space, rng(0))).toEqual({ a: { deep: [1, 2] }, b: { deep: [1, 2] } });
  });

  test('property: every sample lies in the space, and the same stream gives the same one', () => {
    fc.assert(
      fc.property(fc.oneof(anySpace, derivedSpace), fc.integer(), (input, seed) => {
        const space = compileSpace(input);
        const config = sample(space, rng(seed));
        expect(contains(space, config)).toBe(true);
        expect(sample(space, rng(seed))).toEqual(config);
        expect(sample(space, rng(seed), config)).toEqual(config);
      }),
    );
  });

  test('property: another parameter does not change the draws of the others', () => {
    fc.assert(
      fc.property(anySpace, fc.integer(), (input, seed) => {
        const alone = sample(compileSpace(input), rng(seed));
        const { extra: _, ...rest } = sample(compileSpace({ extra: choice([uniform(0, 1), 'x']), ...input }), rng(seed));
        expect(rest).toEqual(alone);
      }),
    );
  });

  test('an empty variation cannot be sampled', () => {
    expect(() => sample(compileSpace({ v: variation([]) }), rng(0))).toThrow(refused('SPACE_INVALID', /paramSpace\/v: .*empty variation/));
  });
});

describe('fixed values', () => {
  const space = compileSpace({ lr: uniform(0, 1), opt: choice([{ kind: 'sgd', m: uniform(0, 1) }, { kind: 'adam', beta: uniform(0, 1) }, 'none']), n: 3 });

  test('stand as they are, and the rest is drawn as without them', () => {
    const free = sample(space, rng(5));
    expect(sample(space, rng(5), { lr: 0.25 })).toEqual({ ...free, lr: 0.25 });
    expect(sample(space, rng(5), { lr: 7 })['lr']).toBe(7); // outside its domain: contains() tells
  });

  test('a partial option is completed', () => {
    expect(sample(space, rng(5), { opt: { kind: 'adam' } })['opt']).toEqual({ kind: 'adam', beta: expect.any(Number) as number });
    expect(sample(space, rng(5), { opt: { m: 0.5 } })['opt']).toEqual({ kind: 'sgd', m: 0.5 });
    expect(sample(space, rng(5), { opt: { beta: 12 } })['opt']).toEqual({ kind: 'adam', beta: 12 });
    expect(sample(space, rng(5), { opt: 'none' })['opt']).toBe('none');
  });

  test('an unknown key is refused by name', () => {
    expect(() => sample(space, rng(5), { l: 0.5 })).toThrow(refused('CONFIG_INVALID', /got "l".*"lr"/));
    expect(() => sample(space, rng(5), { opt: { kind: 'sgd', beta2: 1 } })).toThrow(refused('CONFIG_INVALID', /got "opt\/beta2".*"beta"/));
    expect(() => sample(space, rng(5), { lr: (() => 1) as never })).toThrow(refused('CONFIG_INVALID', /"lr"/));
  });

  test.each([
    [{ lr: 'x' }, /configuration\/lr: expected a finite number, got "x"/],
    [{ whole: 1.5 }, /configuration\/whole: expected an integer, got 1\.5/],
    [{ lr: NaN }, /configuration\/lr: .*got NaN/],
    [{ opt: 'other' }, /configuration\/opt: expected one of the 3 options of this choice, got "other"/],
    [{ opt: { kind: 'sgd', m: 'x' } }, /configuration\/opt: .*kind, m/],
    [{ n: 'three' }, /configuration\/n: expected a finite number, got "three"/],
    [{ deep: [1] }, /configuration\/deep: expected an array of 2, got an array of 1/],
    [{ deep: [1, { e: true }] }, /configuration\/deep\/1\/e: .*got true/],
    [{ deep: { 0: 1 } }, /configuration\/deep: expected an array of 2/],
  ])('a value that its domain cannot give is refused: %o', (fixed, text) => {
    const deeper = compileSpace({
      lr: uniform(0, 1),
      whole: randint(0, 9),
      opt: choice([{ kind: 'sgd', m: uniform(0, 1) }, 'none', 3]),
      n: 3,
      deep: [1, { e: expr('lr') }],
    });
    expect(() => sample(deeper, rng(5), fixed as never)).toThrow(refused('CONFIG_INVALID', text));
  });

  test('a key that every object inherits is missing too', () => {
    const inherited = compileSpace({ constructor: uniform(0, 1), m: choice([{ toString: 1 }]) });
    expect(sample(inherited, rng(5), { m: {} })).toEqual(sample(inherited, rng(5)));
    expect(contains(inherited, { m: { toString: 1 } })).toBe(false);
  });

  test('what they hold is copied', () => {
    const fixed = { opt: { kind: 'sgd', m: 0.5 } };
    const config = sample(space, rng(5), fixed) as { opt: { m: number } };
    config.opt.m = 9;
    expect(fixed.opt.m).toBe(0.5);
  });
});

describe('values that follow from others', () => {
  test('in whatever order they stand', () => {
    const space = compileSpace({
      last: sampleFrom((config: { middle: { x: number }; b: number }) => config.middle.x + config.b),
      middle: { x: expr('lr * 10'), list: [sampleFrom((config: { last: number }) => [config.last])] },
      b: expr('middle.x + 1'),
      lr: quniform(0.5, 0.75, 0.25),
    });
    expect(sample(space, rng(1), { lr: 0.5 })).toEqual({ last: 11, middle: { x: 5, list: [[11]] }, b: 6, lr: 0.5 });
  });

  test('a fixed value takes the place of the rule', () => {
    const space = compileSpace({ lr: uniform(0, 1), wd: expr('lr / 10'), twice: sampleFrom((config: { wd: number }) => config.wd * 2) });
    expect(sample(space, rng(1), { lr: 1, wd: 5 })).toEqual({ lr: 1, wd: 5, twice: 10 });
  });

  test('the function sees plain values: it can destructure, iterate and spread what it needs', () => {
    const space = compileSpace({
      units: [1, 2, randint(3, 4)],
      opt: { lr: 0.5 },
      sum: sampleFrom(({ units }: { units: number[] }) => units.reduce((a, b) => a + b, 0)),
      copy: sampleFrom(({ opt }: { opt: object }) => ({ ...opt, on: Array.isArray(opt) })),
    });
    expect(sample(space, rng(1))).toEqual({ units: [1, 2, 3], opt: { lr: 0.5 }, sum: 6, copy: { lr: 0.5, on: false } });
  });

  test('returning a part of the configuration returns a copy', () => {
    const config = sample(compileSpace({ a: { b: [1] }, c: sampleFrom((all: { a: unknown }) => all.a) }), rng(1)) as { a: { b: number[] }; c: unknown };
    config.a.b.push(2);
    expect(config.c).toEqual({ b: [1] });
  });

  test('faults name the key', () => {
    const fails = (domain: unknown) => () => sample(compileSpace({ a: 'text', x: domain }), rng(1));
    expect(fails(sampleFrom((config: { y: unknown }) => config.y))).toThrow(refused('CONFIG_INVALID', /paramSpace\/x: .*got undefined/));
    expect(fails(sampleFrom(() => ({ f: () => 1 })))).toThrow(refused('CONFIG_INVALID', /at "f"/));
    expect(fails(sampleFrom(() => uniform(0, 1)))).toThrow(refused('SPACE_INVALID', /got a domain/));
    expect(
      fails(
        sampleFrom(() => {
          throw new TypeError('boom');
        }),
      ),
    ).toThrow(refused('SPACE_INVALID', /paramSpace\/x: .*"boom"/));
    expect(
      fails(
        sampleFrom((config: { a: number }) => {
          config.a = 2;
        }),
      ),
    ).toThrow(refused('SPACE_INVALID', /changes it/));
    expect(fails(sampleFrom((config: object) => JSON.stringify(config)))).toThrow(refused('SPACE_INVALID', /circle: x needs x/));
    expect(fails(expr('a * 2'))).toThrow(refused('EXPRESSION_INVALID', /paramSpace\/x: .*NaN with a = "text"/));
    expect(() => sample(compileSpace({ a: sampleFrom((c: { b: 1 }) => c.b), b: sampleFrom((c: { a: 1 }) => c.a) }), rng(1))).toThrow(AttuneError);
  });

  test('an expr gives a number: comparisons count as 1 and 0, and a name that another option holds as missing', () => {
    const space = compileSpace({ lr: 0.5, small: expr('lr < 1'), opt: choice([{ m: 2 }, 'none']), m: expr('opt.m >= 0 ? opt.m : -1') });
    expect(sample(space, rng(1), { opt: { m: 2 } })).toMatchObject({ small: 1, m: 2 });
    expect(sample(space, rng(1), { opt: 'none' })).toMatchObject({ m: -1 });
  });
});
