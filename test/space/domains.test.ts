import { describe, expect, test } from 'vitest';
import * as space from '../../src/space/domains.ts';

const {
  uniform,
  quniform,
  loguniform,
  qloguniform,
  randn,
  qrandn,
  randint,
  qrandint,
  lograndint,
  qlograndint,
  choice,
  gridSearch,
  variation,
  sampleFrom,
  expr,
} = space;

const refused = (code: string, text: RegExp) => expect.objectContaining({ code, message: expect.stringMatching(text) as string });

test('a domain is a frozen, tagged object', () => {
  const domain = uniform(0, 1);
  expect(domain).toMatchObject({ kind: 'uniform', lower: 0, upper: 1, [Symbol.for('attune.domain')]: true });
  expect(Object.isFrozen(domain)).toBe(true);
  expect(randn()).toMatchObject({ mean: 0, sd: 1 });
  expect(qrandint(1, 5)).toMatchObject({ q: 1 });
});

describe('bounds', () => {
  const bounded = {
    uniform,
    loguniform,
    randint,
    lograndint,
    quniform: (a: number, b: number) => quniform(a, b, 1),
    qrandint,
    qlograndint,
    qloguniform: (a: number, b: number) => qloguniform(a, b, 1),
  };
  test.each(Object.entries(bounded))('%s refuses reversed, equal and non-finite bounds', (name, make) => {
    expect(() => make(3, 2)).toThrow(refused('SPACE_BOUNDS', new RegExp(`^${name}: expected lower < upper, got 3 and 2`)));
    expect(() => make(3, 3)).toThrow(refused('SPACE_BOUNDS', /lower < upper, got 3 and 3/));
    for (const bad of [NaN, Infinity, '5', undefined, null]) {
      expect(() => make(1, bad as number)).toThrow(refused('SPACE_BOUNDS', /got/));
      expect(() => make(bad as number, 9)).toThrow(refused('SPACE_BOUNDS', /got/));
    }
  });

  test('a logarithmic domain does not touch 0', () => {
    for (const make of [loguniform, lograndint, qlograndint, (a: number, b: number) => qloguniform(a, b, 1)]) {
      expect(() => make(0, 8)).toThrow(refused('SPACE_BOUNDS', /expected lower > 0, got 0.*cannot touch 0/));
      expect(() => make(-2, 8)).toThrow(refused('SPACE_BOUNDS', /expected lower > 0, got -2/));
    }
  });

  test('integer domains take whole numbers', () => {
    expect(() => randint(0.5, 3)).toThrow(refused('SPACE_BOUNDS', /randint: expected a whole number as lower, got 0.5.*uniform/));
    expect(() => lograndint(1, 3.5)).toThrow(refused('SPACE_BOUNDS', /as upper, got 3.5/));
    expect(() => qrandint(0, 10, 2.5)).toThrow(refused('SPACE_QUANTUM', /as q, got 2.5.*quniform/));
  });

  test('a distance that is no number is refused', () => expect(() => uniform(-1.5e308, 1.5e308)).toThrow(refused('SPACE_BOUNDS', /finite distance/)));

  test('a normal domain has a finite mean and a positive sd', () => {
    for (const sd of [0, -1, NaN, Infinity]) expect(() => randn(0, sd)).toThrow(refused('SPACE_BOUNDS', /expected sd > 0/));
    expect(() => qrandn(NaN, 1, 1)).toThrow(refused('SPACE_BOUNDS', /finite mean, got NaN/));
    expect(() => qrandn(0, 1, 0)).toThrow(refused('SPACE_QUANTUM', /expected q > 0, got 0/));
  });
});

describe('q', () => {
  test('a bound that is no multiple of q is refused with the nearest ones', () => {
    expect(() => quniform(0, 1, 0.3)).toThrow(refused('SPACE_QUANTUM', /expected upper to be a multiple of q = 0.3, got 1.*are 0.9 and 1.2/));
    expect(() => quniform(0.05, 1, 0.1)).toThrow(refused('SPACE_QUANTUM', /expected lower .*got 0.05.*are 0 and 0.1/));
    expect(() => qrandint(1, 10, 4)).toThrow(refused('SPACE_QUANTUM', /lower .*are 0 and 4/));
    expect(() => qloguniform(1e-3, 1, 2e-3)).toThrow(refused('SPACE_QUANTUM', /are 0 and 0.002/));
  });

  test('up to a relative error of 1e-9', () => {
    expect(quniform(0.1 + 0.2, 0.7, 0.1).kind).toBe('quniform'); // 0.30000000000000004
    expect(quniform(0, 1 / 3, 1 / 9).kind).toBe('quniform');
    expect(() => quniform(0, 1 + 1e-8, 0.1)).toThrow(refused('SPACE_QUANTUM', /upper/));
    expect(() => quniform(1e-12, 1, 0.1)).toThrow(refused('SPACE_QUANTUM', /lower/));
  });

  test.each([0, -1, NaN, Infinity, undefined])('q = %s is refused', (q) =>
    expect(() => quniform(0, 1, q as number)).toThrow(refused('SPACE_QUANTUM', /expected q > 0/)),
  );
  test('a q too fine to count is refused', () => expect(() => quniform(0, 1e300, 1)).toThrow(refused('SPACE_QUANTUM', /2\^53/)));
});

describe('options', () => {
  test('an empty choice or grid is refused; an empty variation is a space without configurations', () => {
    expect(() => choice([])).toThrow(refused('SPACE_INVALID', /choice: expected at least one option/));
    expect(() => gridSearch([])).toThrow(refused('SPACE_INVALID', /gridSearch/));
    expect(variation([]).options).toEqual([]);
  });
  test('options are an array', () =>
    expect(() => choice('abc' as never)).toThrow(refused('SPACE_INVALID', /expected an array of options, got "abc".*choice\(\[a, b, c\]\)/)));

  test('equal options of a variation count once, those of a choice keep their weight', () => {
    expect(variation([1, 1, '1', [1], [1], { a: 1, b: 2 }, { b: 2, a: 1 }]).options).toEqual([1, '1', [1], { a: 1, b: 2 }]);
    expect(
      variation([uniform(0, 1), uniform(0, 1), { x: uniform(0, 1) }, { x: uniform(0, 2) }, { $domain: 'uniform', lower: 0, upper: 1 }]).options,
    ).toHaveLength(3);
    expect(variation([expr('a'), expr('a'), expr('b'), sampleFrom(() => 1), sampleFrom(() => 1)]).options).toHaveLength(4);
    expect(choice([1, 1, 2]).options).toEqual([1, 1, 2]);
  });

  test('later changes of the array do not reach the domain', () => {
    const options = [1, 2];
    const domain = choice(options);
    options.push(3);
    expect(domain.options).toEqual([1, 2]);
  });
});

test('sampleFrom takes a function, expr a formula', () => {
  expect(() => sampleFrom('lr * 2' as never)).toThrow(refused('SPACE_INVALID', /sampleFrom: expected a function.*got "lr \* 2"/));
  expect(() => expr('lr *')).toThrow(refused('EXPRESSION_INVALID', /lr \*/));
  expect(() => expr('random()')).toThrow(refused('EXPRESSION_INVALID', /the function random\(\)/));
});
