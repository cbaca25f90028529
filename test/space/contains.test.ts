import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rng } from '../../src/base/rng.ts';
import type { Config } from '../../src/space/config.ts';
import { clip, contains } from '../../src/space/contains.ts';
import { choice, expr, lograndint, quniform, randint, randn, sampleFrom, uniform } from '../../src/space/domains.ts';
import { sample } from '../../src/space/sample.ts';
import { compileSpace } from '../../src/space/space.ts';
import { anySpace } from './arbitrary-space.ts';

const space = compileSpace({
  lr: uniform(0, 1),
  n: randint(0, 4),
  q: quniform(0, 0.4, 0.1),
  opt: choice([{ kind: 'sgd', m: uniform(0, 1) }, 'none']),
  fixed: [1, null],
});
const good: Config = { lr: 0.5, n: 3, q: 0.3, opt: 'none', fixed: [1, null] };

describe('contains', () => {
  test('a configuration of the space', () => {
    expect(contains(space, good)).toBe(true);
    expect(contains(space, { ...good, opt: { kind: 'sgd', m: 1 }, q: 0.1 + 0.2 })).toBe(true);
  });
  test.each<[string, Config]>([
    ['a number out of bounds', { ...good, lr: 1.1 }],
    ['NaN', { ...good, lr: NaN }],
    ['the excluded upper bound of randint', { ...good, n: 4 }],
    ['a fraction for an integer', { ...good, n: 1.5 }],
    ['something between the multiples of q', { ...good, q: 0.25 }],
    ['no option', { ...good, opt: 'other' }],
    ['an option with a key too many', { ...good, opt: { kind: 'sgd', m: 0.5, beta: 1 } }],
    ['an option with a key missing', { ...good, opt: { kind: 'sgd' } }],
    ['another constant', { ...good, fixed: [2, null] }],
    ['a shorter array', { ...good, fixed: [1] }],
    ['a key too many', { ...good, extra: 1 }],
    ['a key missing', { lr: 0.5 }],
    ['text for a number', { ...good, lr: '0.5' }],
  ])('not %s', (_, config) => expect(contains(space, config)).toBe(false));

  test('an expr must have its value; what a sampleFrom gives is not checked', () => {
    const derived = compileSpace({ a: uniform(0, 1), b: expr('a * 3'), c: sampleFrom(() => 1) });
    expect(contains(derived, { a: 0.1, b: 0.3, c: 5 })).toBe(true);
    expect(contains(derived, { a: 0.1, b: 0.4, c: 1 })).toBe(false);
    expect(contains(derived, { a: 0.1, b: 0.3 })).toBe(false);
  });
});

describe('clip', () => {
  test('moves every value to the nearest of the space', () => {
    expect(clip(space, { lr: 7, n: -2, q: 0.26, opt: { kind: 'sgd', m: -1 }, fixed: [5, null] })).toEqual({
      lr: 1,
      n: 0,
      q: 0.3,
      opt: { kind: 'sgd', m: 0 },
      fixed: [1, null],
    });
    expect(clip(compileSpace({ b: choice([16, 32, 64]), n: lograndint(1, 9), z: randn() }), { b: 50, n: 0.2, z: 1e9 })).toEqual({ b: 64, n: 1, z: 1e9 });
    expect(clip(compileSpace({ a: choice(['x', 'y']), b: expr('c * 2'), c: uniform(0, 1) }), { a: 'z', b: 0, c: 3 })).toEqual({ a: 'x', b: 2, c: 1 });
  });
  test('does not make up what is missing', () => {
    expect(() => clip(space, { lr: 1 })).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('"n"') as string }));
    expect(() => clip(space, { ...good, lr: NaN })).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    expect(() => clip(space, { ...good, l: 1 })).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
  test('property: leaves what lies in the space as it is, and gives what does', () => {
    fc.assert(
      fc.property(anySpace, fc.integer(), fc.double({ min: 0.5, max: 2, noNaN: true }), (input, seed, factor) => {
        const compiled = compileSpace(input);
        const config = sample(compiled, rng(seed));
        expect(clip(compiled, config)).toEqual(config);
        expect(contains(compiled, clip(compiled, scale(config, factor) as Config))).toBe(true);
      }),
    );
  });
});

function scale(value: unknown, factor: number): unknown {
  if (typeof value === 'number') return value * factor;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((inner) => scale(inner, factor));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, scale(inner, factor)]));
}
