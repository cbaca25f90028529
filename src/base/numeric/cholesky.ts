/**
 * Symmetric matrices as their lower triangle, row by row: entry (i, j), j <= i, stands at i (i + 1) / 2 + j. So the triangle of the
 * first m rows is the beginning of the whole, and so is its factor.
 */
export type Triangle = Float64Array;

/** Where row `i` begins. */
export const rowAt = (i: number): number => (i * (i + 1)) / 2;

/**
 * The Cholesky factor L of A = L Lᵀ, in place.
 *
 * @param a - becomes L; where it fails, the rows from the failing one on are undefined
 * @returns false unless A is positive definite; NaN in it is not
 * @remarks n³ / 6 multiplications.
 */
export function cholesky(a: Triangle, n: number): boolean {
  for (let i = 0; i < n; i++) {
    const row = rowAt(i);
    for (let j = 0; j <= i; j++) {
      const other = rowAt(j);
      let sum = a[row + j] as number;
      for (let k = 0; k < j; k++) sum -= (a[row + k] as number) * (a[other + k] as number);
      if (j < i) a[row + j] = sum / (a[other + j] as number);
      else if (!(sum > 0)) return false;
      else a[row + j] = Math.sqrt(sum);
    }
  }
  return true;
}

/** The x of L x = b, for the first `b.length` rows of L. O(n²). */
export function solveLower(l: Triangle, b: Float64Array): Float64Array {
  const x = b.slice();
  for (let i = 0; i < x.length; i++) {
    const row = rowAt(i);
    let sum = x[i] as number;
    for (let k = 0; k < i; k++) sum -= (l[row + k] as number) * (x[k] as number);
    x[i] = sum / (l[row + i] as number);
  }
  return x;
}

/** The x of Lᵀ x = b, for the first `b.length` rows of L. O(n²). */
export function solveUpper(l: Triangle, b: Float64Array): Float64Array {
  const x = b.slice();
  for (let i = x.length - 1; i >= 0; i--) {
    const row = rowAt(i);
    const value = (x[i] as number) / (l[row + i] as number);
    x[i] = value;
    for (let k = 0; k < i; k++) x[k] = (x[k] as number) - (l[row + k] as number) * value;
  }
  return x;
}
