import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cholesky, rowAt, solveLower, solveUpper, type Triangle } from '../../../src/base/numeric/cholesky.ts';

/** B Bᵀ + I for a random B: positive definite. */
const matrices = fc
  .integer({ min: 1, max: 8 })
  .chain((n) => fc.array(fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: n, maxLength: n }), { minLength: n, maxLength: n }))
  .map((b) => b.map((row, i) => b.map((other, j) => row.reduce((sum, value, k) => sum + value * (other[k] as number), i === j ? 1 : 0))));

const triangle = (matrix: readonly (readonly number[])[]): Triangle => Float64Array.from(matrix.flatMap((row, i) => row.slice(0, i + 1)));
const at = (l: Triangle, i: number, j: number): number => (j <= i ? (l[rowAt(i) + j] as number) : 0);

describe('cholesky', () => {
  test('of [[4, 2], [2, 5]] is [[2, 0], [1, 2]]', () => {
    const a = Float64Array.of(4, 2, 5);
    expect(cholesky(a, 2)).toBe(true);
    expect([...a]).toEqual([2, 1, 2]);
  });

  test('the factor times its transpose is the matrix', () => {
    fc.assert(
      fc.property(matrices, (matrix) => {
        const l = triangle(matrix);
        expect(cholesky(l, matrix.length)).toBe(true);
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
        cholesky(l, matrix.length);
        const x = solveUpper(l, solveLower(l, b));
        matrix.forEach((row, i) => expect(row.reduce((sum, value, k) => sum + value * (x[k] as number), 0)).toBeCloseTo(b[i] as number, 8));
      }),
    );
  });

  test('a vector that is shorter than the factor is solved for its first rows', () => {
    const l = Float64Array.of(2, 1, 2);
    expect([...solveLower(l, Float64Array.of(6))]).toEqual([3]);
    expect([...solveUpper(l, Float64Array.of(6))]).toEqual([3]);
  });

  test.each([[[0]], [[-1]], [[Number.NaN]], [[1, 2, 1]]])('refuses what is not positive definite: %j', (entries) => {
    expect(cholesky(Float64Array.from(entries), entries.length === 1 ? 1 : 2)).toBe(false);
  });
});
