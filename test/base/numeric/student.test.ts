import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fisherTail, incompleteBeta, studentTail, studentTailAt } from '../../../src/base/numeric/student.ts';

const isNear = (value: number, expected: number, digits = 11): void => expect(value / expected).toBeCloseTo(1, digits);

describe('numbers of another implementation', () => {
  test.each([
    [0.5, 1, 0.35241638234956674],
    [2, 3, 0.06966298427942152],
    [12, 4, 0.0001382142742514865],
    [1.3, 29.5, 0.10183361559561328],
    [40, 200, 1.1243698267601098e-97],
    [-1, 7, 0.8246916685898963],
  ])('Student: above %d with %d degrees of freedom', (t, df, p) => isNear(studentTail(t, df), p));

  test.each([
    [0.025, 1, 12.706204736174705],
    [0.025, 10, 2.228138851964939],
    [0.005, 3, 5.840909309733357],
    [1e-9, 50, 7.305270603258703],
    [0.025, 1e6, 1.9599663568141072],
  ])('Student: probability %d with %d degrees of freedom', (p, df, t) => isNear(studentTailAt(p, df), t, 9));

  test.each([
    [1, 1, 1, 0.5],
    [4, 3, 20, 0.022076999662362404],
    [0.2, 5, 7, 0.9524164502214273],
    [30, 2, 97, 7.19939446898651e-11],
  ])('Fisher: above %d with %d and %d degrees of freedom', (f, d1, d2, p) => isNear(fisherTail(f, d1, d2), p));

  test.each([
    [0.5, 2, 3, 0.6875],
    [0.1, 0.5, 0.5, 0.20483276469913345],
    [0.99, 30, 0.5, 0.43933436890525074],
    [0.3, 100, 200, 0.10884306564490986],
  ])('incomplete beta at %d of %d and %d', (x, a, b, value) => isNear(incompleteBeta(x, a, b), value));
});

test('a square of Student is Fisher with one degree of freedom, and the quantile is the inverse of the tail', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 20, noNaN: true }), fc.integer({ min: 1, max: 300 }), (t, df) => {
      isNear(fisherTail(t * t, 1, df), 2 * studentTail(t, df), 9);
      isNear(studentTailAt(studentTail(t, df), df), t, 8);
    }),
  );
});

test('ends, and what is no number', () => {
  expect(studentTail(0, 3)).toBe(0.5);
  expect(studentTail(Infinity, 3)).toBe(0);
  expect(studentTail(Number.NaN, 3)).toBeNaN();
  expect(studentTail(1, 0)).toBeNaN();
  expect(studentTailAt(0.5, 3)).toBeLessThan(1e-9);
  expect(fisherTail(0, 1, 1)).toBe(1);
  expect(fisherTail(Infinity, 1, 1)).toBe(0);
  expect([incompleteBeta(0, 1, 1), incompleteBeta(1, 1, 1)]).toEqual([0, 1]);
  expect(() => studentTailAt(0.7, 3)).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }));
});
