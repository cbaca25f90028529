/** A column counts as dependent when less of its length than this is new. */
const NEW = 1e-8;

/**
 * Unit vectors, at right angles to each other and to those of `basis`, that span what the columns add to it: by modified Gram–Schmidt, columns in order.
 * What depends on the columns before it adds none.
 *
 * @param columns - each of n numbers
 * @remarks O(n p²) time for p columns.
 * @see Björck 1996, "Numerical Methods for Least Squares Problems", algorithm 2.4.1
 * @example
 * orthonormal([[3, 0], [1, 0]]) // => [Float64Array [1, 0]]
 */
export function orthonormal(columns: readonly (readonly number[])[], basis: readonly Float64Array[] = []): readonly Float64Array[] {
  const more: Float64Array[] = [];
  for (const column of columns) {
    const direction = Float64Array.from(column);
    const length = Math.sqrt(dot(direction, direction));
    for (let again = 0; again < 2; again++) for (const known of [...basis, ...more]) subtract(direction, dot(direction, known), known);
    const left = Math.sqrt(dot(direction, direction));
    if (!(left > NEW * length)) continue;
    more.push(direction.map((value) => value / left));
  }
  return more;
}

/** What is left of `y` without its part along the basis: the residuals of least squares. */
export function residuals(basis: readonly Float64Array[], y: ArrayLike<number>): Float64Array {
  const rest = Float64Array.from(y);
  for (const known of basis) subtract(rest, dot(rest, known), known);
  return rest;
}

export function dot(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += (a[i] as number) * (b[i] as number);
  return total;
}

function subtract(from: Float64Array, times: number, vector: Float64Array): void {
  for (let i = 0; i < from.length; i++) from[i] = (from[i] as number) - times * (vector[i] as number);
}
