import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rng } from '../../src/base/rng.ts';
import { contains } from '../../src/space/contains.ts';
import { choice, expr, lograndint, loguniform, quniform, randint, randn, uniform } from '../../src/space/domains.ts';
import { decode, encode } from '../../src/space/encode.ts';
import { sample } from '../../src/space/sample.ts';
import { compileSpace } from '../../src/space/space.ts';
import { anySpace, derivedSpace } from './arbitrary-space.ts';

const space = compileSpace({
  opt: choice([
    { kind: 'sgd', lr: loguniform(0.01, 1) },
    { kind: 'adam', beta: uniform(0, 1) },
  ]),
  n: lograndint(1, 100),
  q: quniform(0, 1, 0.1),
});

describe('encode', () => {
  test('one number per parameter, NaN for those that are not there', () => {
    expect(space.parameters.map(({ name }) => name)).toEqual(['opt', 'opt[0]/lr', 'opt[1]/beta', 'n', 'q']);
    expect([...encode(space, { opt: { kind: 'sgd', lr: 0.1 }, n: 7, q: 0.3 })]).toEqual([0, Math.log(0.1), NaN, Math.log(7), 0.3]);
    expect([...encode(space, { opt: { kind: 'adam', beta: 0.5 }, n: 1, q: 0 })]).toEqual([1, NaN, 0.5, 0, 0]);
  });
  test('takes the first option that contains the value', () => {
    const overlapping = compileSpace({ x: choice([uniform(0, 1), uniform(0, 5), 0.5]) });
    expect(encode(overlapping, { x: 0.5 })[0]).toBe(0);
    expect(encode(overlapping, { x: 4 })[0]).toBe(1);
  });
  test('values outside the space: numbers as they are, unknown options as NaN', () => {
    expect([...encode(space, { opt: { kind: 'adam', beta: 7 }, n: 1000, q: 0.33 })]).toEqual([1, NaN, 7, Math.log(1000), 0.33]);
    expect([...encode(space, { opt: 'none', n: 'many', q: null })]).toEqual([NaN, NaN, NaN, NaN, NaN]);
  });
});

describe('decode', () => {
  test('moves numbers to the nearest value of their domain', () => {
    expect(decode(space, [0.4, 3, NaN, Math.log(7.4), 0.26])).toEqual({ opt: { kind: 'sgd', lr: 1 }, n: 7, q: 0.3 });
    expect(decode(space, [9, NaN, -Infinity, Infinity, -1])).toEqual({ opt: { kind: 'adam', beta: 0 }, n: 99, q: 0 });
    expect(decode(compileSpace({ x: randint(0, 3), y: randn() }), [2.9, 41])).toEqual({ x: 2, y: 41 });
  });
  test('computes what follows anew', () => expect(decode(compileSpace({ a: uniform(0, 1), b: expr('a * 2') }), [0.25])).toEqual({ a: 0.25, b: 0.5 }));
  test('a number that is needed and missing is the fault of the searcher', () => {
    expect(() => decode(space, [1, 0, NaN, 0, 0])).toThrow(
      expect.objectContaining({ code: 'SUGGESTION_INVALID', message: expect.stringContaining('"opt[1]/beta"') as string }),
    );
  });
});

test('property: a configuration survives its encoding', () => {
  fc.assert(
    fc.property(fc.oneof(anySpace, derivedSpace), fc.integer(), (input, seed) => {
      const compiled = compileSpace(input);
      const config = sample(compiled, rng(seed));
      const values = encode(compiled, config);
      const back = decode(compiled, values);
      expect(round(back)).toEqual(round(config));
      expect(contains(compiled, back)).toBe(true);
      expect(values).toHaveLength(compiled.dimensions);
      compiled.parameters.forEach(({ range }, i) => {
        const value = values[i] as number;
        if (Number.isNaN(value)) return;
        expect(value).toBeGreaterThanOrEqual(range.lower - 1e-9 * Math.abs(range.lower));
        expect(value).toBeLessThanOrEqual(range.upper + 1e-9 * Math.abs(range.upper));
      });
    }),
  );
});

/** Floats to 12 digits: a logarithm and back moves the last ones. */
function round(value: unknown): unknown {
  if (typeof value === 'number') return Number(value.toPrecision(12));
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(round);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, round(inner)]));
}
