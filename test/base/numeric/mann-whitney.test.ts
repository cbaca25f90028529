import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mannWhitneyLess } from '../../../src/base/numeric/mann-whitney.ts';

describe('mannWhitneyLess', () => {
  test.each([
    ['shifted by a half', [1, 2, 3, 4, 5, 6, 7, 8], [5, 6, 7, 8, 9, 10, 11, 12], 0.0066565013819083274],
    ['with ties', [1, 1, 2, 2, 3, 3, 4, 4, 5], [2, 2, 3, 3, 4, 4, 5, 5], 0.15085946326948046],
    ['nearly all equal', Array(10).fill(0), [...Array(9).fill(0), 1], 0.18406012534675947],
    ['the other way round', [9, 8, 7, 6, 5, 4, 3, 2, 1.5], [1, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 0.5, 0.25], 0.8043663603586804],
  ])('%s: agrees with another implementation', (_case, a: readonly number[], b: readonly number[], p) => {
    expect(mannWhitneyLess(a, b)).toBeCloseTo(p, 12);
  });

  test('says nothing where there is nothing to tell', () => {
    expect(mannWhitneyLess([], [1, 2])).toBe(1);
    expect(mannWhitneyLess([3, 3], [3, 3, 3])).toBe(1);
  });

  const values = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 20 });
  test('only ranks count, and being lower is never less probable to be seen as such', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const p = mannWhitneyLess(a, b);
        expect(p).toBeGreaterThanOrEqual(0);
        expect(mannWhitneyLess(a.map(Math.exp), b.map(Math.exp))).toBe(p);
        expect(mannWhitneyLess([...a].reverse(), b)).toBe(p);
      }),
    );
  });
});
