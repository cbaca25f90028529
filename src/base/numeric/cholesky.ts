/**
 * Symmetric matrices as their lower triangle, row by row: entry (i, j), j <= i, stands at i (i + 1) / 2 + j. So the triangle of the
 * first m rows is the beginning of the whole, and so is its factor.
 */
export type Triangle = Float64Array;

/** Where row `i` begins. */
export const rowAt = (i: number): number => (i * (i + 1)) / 2;

/**
 * The inner product of two runs of numbers. Four sums at a time: one alone would wait for itself.
 */
export function dotAt(a: Float64Array, from: number, b: Float64Array, other: number, length: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let k = 0;
  for (; k + 3 < length; k += 4) {
    s0 += (a[from + k] as number) * (b[other + k] as number);
    s1 += (a[from + k + 1] as number) * (b[other + k + 1] as number);
    s2 += (a[from + k + 2] as number) * (b[other + k + 2] as number);
    s3 += (a[from + k + 3] as number) * (b[other + k + 3] as number);
  }
  for (; k < length; k++) s0 += (a[from + k] as number) * (b[other + k] as number);
  return s0 + s1 + (s2 + s3);
}

/**
 * Rows `from` to `to` of the Cholesky factor L of A = L Lᵀ, in place; those before `from` are factored already.
 *
 * @param a - of the rows from `from` on A, becomes L; where it fails, they are undefined
 * @returns false unless A is positive definite
 * @remarks (to³ - from³) / 6 multiplications.
 */
export function factorRows(a: Triangle, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const row = rowAt(i);
    for (let j = 0; j < i; j++) {
      const other = rowAt(j);
      a[row + j] = ((a[row + j] as number) - dotAt(a, row, a, other, j)) / (a[other + j] as number);
    }
    const square = (a[row + i] as number) - dotAt(a, row, a, row, i);
    if (!(square > 0)) return false;
    a[row + i] = Math.sqrt(square);
  }
  return true;
}

/** The x of L x = b, for the first `n` rows of L, in place. O(n²). */
export function forward(l: Triangle, b: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    const row = rowAt(i);
    b[i] = ((b[i] as number) - dotAt(l, row, b, 0, i)) / (l[row + i] as number);
  }
}

/** The x of Lᵀ x = b, for the first `n` rows of L, in place. O(n²). */
export function backward(l: Triangle, b: Float64Array, n: number): void {
  for (let i = n - 1; i >= 0; i--) {
    const row = rowAt(i);
    const value = (b[i] as number) / (l[row + i] as number);
    b[i] = value;
    for (let k = 0; k < i; k++) b[k] = (b[k] as number) - (l[row + k] as number) * value;
  }
}

/** `forward` for four right-hand sides at once, number k of each at 4 k to 4 k + 3. */
export function forwardFour(l: Triangle, b: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    const row = rowAt(i);
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let k = 0, at = 0; k < i; k++, at += 4) {
      const factor = l[row + k] as number;
      s0 += factor * (b[at] as number);
      s1 += factor * (b[at + 1] as number);
      s2 += factor * (b[at + 2] as number);
      s3 += factor * (b[at + 3] as number);
    }
    const at = 4 * i;
    const scale = 1 / (l[row + i] as number);
    b[at] = ((b[at] as number) - s0) * scale;
    b[at + 1] = ((b[at + 1] as number) - s1) * scale;
    b[at + 2] = ((b[at + 2] as number) - s2) * scale;
    b[at + 3] = ((b[at + 3] as number) - s3) * scale;
  }
}
