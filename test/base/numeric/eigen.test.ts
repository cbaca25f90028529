import { describe, expect, test } from 'vitest';
import { eigen } from '../../../src/base/numeric/eigen.ts';
import { rng } from '../../../src/base/rng.ts';

type Matrix = readonly (readonly number[])[];

/** The greatest errors of A = V D Vᵀ and of VᵀV = 1. */
function errors(a: Matrix): { readonly whole: number; readonly orthonormal: number } {
  const n = a.length;
  const { values, vectors } = eigen(Float64Array.from(a.flat()), n);
  let [whole, orthonormal] = [0, 0];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const [at, product] = [a[i]?.[j] as number, i === j ? 1 : 0];
      let [sum, dot] = [0, 0];
      for (let k = 0; k < n; k++) {
        sum += (values[k] as number) * (vectors[k * n + i] as number) * (vectors[k * n + j] as number);
        dot += (vectors[i * n + k] as number) * (vectors[j * n + k] as number);
      }
      whole = Math.max(whole, Math.abs(sum - at));
      orthonormal = Math.max(orthonormal, Math.abs(dot - product));
    }
  }
  return { whole, orthonormal };
}

const at = (n: number, entry: (i: number, j: number) => number): Matrix =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (__, j) => entry(Math.max(i, j), Math.min(i, j))));

describe('a symmetric matrix is the sum of its eigenvalues times the squares of its eigenvectors', () => {
  test.each<readonly [string, Matrix]>([
    ['of one number', [[-3]]],
    ['diagonal', at(4, (i, j) => (i === j ? i : 0))],
    ['of zeros', at(3, () => 0)],
    ['of ones: one value alone is not 0', at(5, () => 1)],
    ['tridiagonal', at(6, (i, j) => (i === j ? 2 : i - j === 1 ? -1 : 0))],
    ['at random, 40 rows', at(40, (i, j) => rng(1).fork(i, j).normal())],
    ['far from round: 1 to 1e-12', at(7, (i, j) => 10 ** (-i - j))],
  ])('%s', (_name, a) => {
    const { whole, orthonormal } = errors(a);
    expect(whole).toBeLessThan(1e-13);
    expect(orthonormal).toBeLessThan(1e-13);
  });

  test('of the matrix of second differences they are 2 - 2 cos(kπ / (n + 1))', () => {
    const { values } = eigen(Float64Array.from(at(6, (i, j) => (i === j ? 2 : i - j === 1 ? -1 : 0)).flat()), 6);
    [...values].sort((a, b) => a - b).forEach((value, k) => void expect(value).toBeCloseTo(2 - 2 * Math.cos(((k + 1) * Math.PI) / 7), 13));
  });

  test('no rows: nothing', () => {
    expect(eigen(new Float64Array(0), 0)).toEqual({ values: new Float64Array(0), vectors: new Float64Array(0) });
  });
});
