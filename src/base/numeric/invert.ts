import { rowAt, type Triangle } from './cholesky.ts';

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
