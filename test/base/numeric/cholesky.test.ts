import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backward, factorRows, forward, forwardFour, rowAt, type Triangle } from '../../../src/base/numeric/cholesky.ts';
import { invert } from '../../../src/base/numeric/invert.ts';
import { rng } from '../../../src/base/rng.ts';

/** B Bᵀ + I for a random B: positive definite. */
const matrices = fc
  .integer({ min: 1, max: 8 })
  .chain((n) => fc.array(fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: n, maxLength: n }), { minLength: n, maxLength: n }))
  .map((b) => b.map((row, i) => b.map((other, j) => row.reduce((sum, value, k) => sum + value * (other[k] as number), i === j ? 1 : 0))));

const triangle = (matrix: readonly (readonly number[])[]): Triangle => Float64Array.from(matrix.flatMap((row, i) => row.slice(0, i + 1)));
const at = (l: Triangle, i: number, j: number): number => (j <= i ? (l[rowAt(i) + j] as number) : 0);

describe('the Cholesky factor', () => {
  test('of [[4, 2], [2, 5]] is [[2, 0], [1, 2]]', () => {
    const a = Float64Array.of(4, 2, 5);
    expect(factorRows(a, 0, 2)).toBe(true);
    expect([...a]).toEqual([2, 1, 2]);
  });

  test('the factor times its transpose is the matrix', () => {
    fc.assert(
      fc.property(matrices, (matrix) => {
        const l = triangle(matrix);
        expect(factorRows(l, 0, matrix.length)).toBe(true);
        matrix.forEach((row, i) =>
          row.forEach((value, j) => {
            const product = row.reduce((sum, _, k) => sum + at(l, i, k) * at(l, j, k), 0);
            expect(product).toBeCloseTo(value, 8);
          }),
        );
      }),
    );
  });

  test('forwards and backwards it solves A x = b', () => {
    fc.assert(
      fc.property(matrices, (matrix) => {
        const b = Float64Array.from(matrix, (_, i) => i - 2);
        const l = triangle(matrix);
        factorRows(l, 0, matrix.length);
        const x = b.slice();
        forward(l, x, x.length);
        backward(l, x, x.length);
        matrix.forEach((row, i) => expect(row.reduce((sum, value, k) => sum + value * (x[k] as number), 0)).toBeCloseTo(b[i] as number, 8));
      }),
    );
  });

  test('a vector that is shorter than the factor is solved for its first rows', () => {
    const l = Float64Array.of(2, 1, 2);
    for (const solve of [forward, backward]) {
      const b = Float64Array.of(6);
      solve(l, b, 1);
      expect([...b]).toEqual([3]);
    }
  });

  test.each([[[0]], [[-1]], [[Number.NaN]], [[1, 2, 1]]])('refuses what is not positive definite: %j', (entries) => {
    expect(factorRows(Float64Array.from(entries), 0, entries.length === 1 ? 1 : 2)).toBe(false);
  });
});

const draws = rng(7);
/** B Bᵀ + I, of every size up to 11: whatever is left over by four at a time. */
const sizes = Array.from({ length: 12 }, (_, n): readonly [number, Triangle] => {
  const b = Array.from({ length: n }, () => Array.from({ length: n }, () => draws.normal()));
  const rows = b.flatMap((row, i) => b.slice(0, i + 1).map((other, j) => row.reduce((sum, value, k) => sum + value * (other[k] ?? 0), i === j ? 1 : 0)));
  return [n, Float64Array.from(rows)];
});
const factorOf = (n: number, a: Triangle): Triangle => {
  const l = a.slice();
  factorRows(l, 0, n);
  return l;
};
const close = (values: Float64Array, expected: Float64Array): void => {
  expect(values.length).toBe(expected.length);
  values.forEach((value, i) => void expect(value).toBeCloseTo(expected[i] as number, 9));
};

describe('of a positive definite matrix', () => {
  test.each(sizes)('with %i rows', (n, a) => {
    const l = factorOf(n, a);
    for (let from = 0; from <= n; from++) {
      const appended = a.slice();
      appended.set(l.subarray(0, rowAt(from)));
      expect(factorRows(appended, from, n)).toBe(true);
      close(appended, l); // rows that are appended give the factor of the whole
    }
    const b = Float64Array.from({ length: n }, () => draws.normal());
    const x = b.slice();
    forward(l, x, n);
    const four = Float64Array.from({ length: 4 * n }, (_, i) => (b[i >> 2] as number) * (1 + (i % 4)));
    forwardFour(l, four, n);
    close(
      four,
      Float64Array.from(four, (_, i) => (x[i >> 2] as number) * (1 + (i % 4))),
    );
  });

  test.each(sizes)('the inverse of one with %i rows, times it, is the identity', (n, a) => {
    const inverse = new Float64Array(rowAt(n)).fill(Number.NaN);
    invert(factorOf(n, a), inverse, n);
    const at = (m: Triangle, i: number, j: number): number => m[rowAt(Math.max(i, j)) + Math.min(i, j)] as number;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += at(inverse, i, k) * at(a, k, j);
        expect(sum).toBeCloseTo(i === j ? 1 : 0, 8);
      }
    }
  });
});
