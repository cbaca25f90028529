import { rowAt, type Triangle } from './cholesky.ts';

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

/**
 * The inverse of A = L Lᵀ.
 *
 * @param l - becomes the inverse of L
 * @param into - becomes the lower triangle of the inverse of A
 * @remarks n³ / 3 multiplications.
 */
export function invert(l: Triangle, into: Triangle, n: number): void {
  for (let i = 0; i < n; i++) {
    const row = rowAt(i);
    const scale = 1 / (l[row + i] as number);
    for (let j = 0; j < i; j++) into[j] = -(l[row + j] as number) * scale;
    l.fill(0, row, row + i);
    l[row + i] = scale;
    combine(into, 0, i, l, row, l);
  }
  into.fill(0, 0, rowAt(n));
  let i = 0;
  for (; i + 3 < n; i += 4) addSquares(l, i, into);
  for (; i < n; i++) addSquare(l, i, 0, into);
}

/** Adds row `i` of L, as a column times itself, to the rows from `from` on. */
function addSquare(l: Triangle, i: number, from: number, into: Triangle): void {
  const row = rowAt(i);
  for (let a = from; a <= i; a++) {
    const factor = l[row + a] as number;
    const other = rowAt(a);
    for (let b = 0; b <= a; b++) into[other + b] = (into[other + b] as number) + factor * (l[row + b] as number);
  }
}

/** The same of four rows from `i` on, which is one pass over what it adds to instead of four. */
function addSquares(l: Triangle, i: number, into: Triangle): void {
  const r0 = rowAt(i);
  const r1 = rowAt(i + 1);
  const r2 = rowAt(i + 2);
  const r3 = rowAt(i + 3);
  for (let a = 0; a <= i; a++) {
    const other = rowAt(a);
    const f0 = l[r0 + a] as number;
    const f1 = l[r1 + a] as number;
    const f2 = l[r2 + a] as number;
    const f3 = l[r3 + a] as number;
    for (let b = 0; b <= a; b++)
      into[other + b] =
        (into[other + b] as number) + f0 * (l[r0 + b] as number) + f1 * (l[r1 + b] as number) + (f2 * (l[r2 + b] as number) + f3 * (l[r3 + b] as number));
  }
  for (let k = 1; k < 4; k++) addSquare(l, i + k, i + 1, into);
}

/** Adds to a row the first `count` rows of a triangle, each times its share. */
function combine(shares: Float64Array, from: number, count: number, rows: Triangle, row: number, into: Triangle): void {
  let k = 0;
  for (; k + 3 < count; k += 4) {
    const r0 = rowAt(k);
    const r1 = rowAt(k + 1);
    const r2 = rowAt(k + 2);
    const r3 = rowAt(k + 3);
    const f0 = shares[from + k] as number;
    const f1 = shares[from + k + 1] as number;
    const f2 = shares[from + k + 2] as number;
    const f3 = shares[from + k + 3] as number;
    for (let j = 0; j <= k; j++)
      into[row + j] =
        (into[row + j] as number) +
        f0 * (rows[r0 + j] as number) +
        f1 * (rows[r1 + j] as number) +
        (f2 * (rows[r2 + j] as number) + f3 * (rows[r3 + j] as number));
    into[row + k + 1] =
      (into[row + k + 1] as number) + f1 * (rows[r1 + k + 1] as number) + f2 * (rows[r2 + k + 1] as number) + f3 * (rows[r3 + k + 1] as number);
    into[row + k + 2] = (into[row + k + 2] as number) + f2 * (rows[r2 + k + 2] as number) + f3 * (rows[r3 + k + 2] as number);
    into[row + k + 3] = (into[row + k + 3] as number) + f3 * (rows[r3 + k + 3] as number);
  }
  for (; k < count; k++) {
    const other = rowAt(k);
    const factor = shares[from + k] as number;
    for (let j = 0; j <= k; j++) into[row + j] = (into[row + j] as number) + factor * (rows[other + j] as number);
  }
}
