/**
 * The rows that no other row dominates: nobody is at least as good in every column and better in one.
 * Lower is better. Rows that are equal stand or fall together.
 *
 * @param losses - shape [n, m], each row of the same length; a row with a NaN is never on the front and dominates nobody
 * @returns indices into `losses`, ascending; with m = 0 every row
 * @remarks O(n² m) time, O(n) memory.
 * @example
 * paretoFront([[1, 2], [2, 1], [2, 2]]) // => [0, 1]
 */
export function paretoFront(losses: readonly (readonly number[])[]): number[] {
  const candidates = losses.flatMap((row, index) => (row.some(Number.isNaN) ? [] : [index]));
  return candidates.filter((index) => {
    const row = losses[index] ?? [];
    return !candidates.some((other) => dominates(losses[other] ?? [], row));
  });
}

/**
 * True when `a` is at least as good as `b` in every column and better in one. Lower is better.
 *
 * @example
 * dominates([1, 2], [1, 3]) // => true
 * dominates([1, 2], [1, 2]) // => false
 */
export function dominates(a: readonly number[], b: readonly number[]): boolean {
  let better = false;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    if (!(x <= y)) return false;
    if (x < y) better = true;
  }
  return better;
}
