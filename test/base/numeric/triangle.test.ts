import { describe, expect, test } from 'vitest';
import { cholesky, rowAt, solveLower, solveUpper, type Triangle } from '../../../src/base/numeric/cholesky.ts';
import { backward, factorRows, forward, forwardFour, invert } from '../../../src/base/numeric/triangle.ts';
import { rng } from '../../../src/base/rng.ts';

const draws = rng(7);
/** B Bᵀ + I, of every size up to 11: whatever is left over by four at a time. */
const matrices = Array.from({ length: 12 }, (_, n): readonly [number, Triangle] => {
  const b = Array.from({ length: n }, () => Array.from({ length: n }, () => draws.normal()));
  const rows = b.flatMap((row, i) => b.slice(0, i + 1).map((other, j) => row.reduce((sum, value, k) => sum + value * (other[k] ?? 0), i === j ? 1 : 0)));
  return [n, Float64Array.from(rows)];
});
const factorOf = (n: number, a: Triangle): Triangle => {
  const l = a.slice();
  cholesky(l, n);
  return l;
};
const close = (values: Float64Array, expected: Float64Array): void => {
  expect(values.length).toBe(expected.length);
  values.forEach((value, i) => void expect(value).toBeCloseTo(expected[i] as number, 9));
};

describe('of a positive definite matrix', () => {
  test.each(matrices)('with %i rows', (n, a) => {
    const l = factorOf(n, a);
    for (let from = 0; from <= n; from++) {
      const appended = a.slice();
      appended.set(l.subarray(0, rowAt(from)));
      expect(factorRows(appended, from, n)).toBe(true);
      close(appended, l); // rows that are appended give the factor of the whole
    }
    const b = Float64Array.from({ length: n }, () => draws.normal());
    const [x, y] = [b.slice(), b.slice()];
    forward(l, x, n);
    close(x, solveLower(l, b));
    backward(l, y, n);
    close(y, solveUpper(l, b));
    const four = Float64Array.from({ length: 4 * n }, (_, i) => (b[i >> 2] as number) * (1 + (i % 4)));
    forwardFour(l, four, n);
    close(
      four,
      Float64Array.from(four, (_, i) => (x[i >> 2] as number) * (1 + (i % 4))),
    );
  });

  test.each(matrices)('the inverse of one with %i rows, times it, is the identity', (n, a) => {
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

test('what is not positive definite has no factor', () => {
  expect(factorRows(Float64Array.of(1, 2, 1), 0, 2)).toBe(false);
  expect(factorRows(Float64Array.of(Number.NaN), 0, 1)).toBe(false);
});
