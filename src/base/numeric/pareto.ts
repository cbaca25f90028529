/**
 * The rows that no other row dominates: nobody is at least as good in every column and better in one.
 * Lower is better. Rows that are equal stand or fall together.
 *
 * @param losses - shape [n, m], each row of the same length; a row with a NaN is never on the front and dominates nobody
 * @returns indices into `losses`, ascending; with m = 0 every row
 * @remarks O(n² m) time, O(n) memory.
 * @example
 * import { paretoFront } from 'attune/analysis';
 *
 * paretoFront([[1, 2], [2, 1], [2, 2]]); // => [0, 1]
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
 * import { dominates } from 'attune/analysis';
 *
 * dominates([1, 2], [1, 3]); // => true
 * dominates([1, 2], [1, 2]); // => false
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

/**
 * The number of the front of each row: 0 for those that no other dominates, 1 for those that only rows of front 0 dominate, and so on.
 * Lower is better; equal rows have equal numbers.
 *
 * @param losses - shape [n, m], each row of the same length, without NaN
 * @returns one number per row
 * @remarks O(n log n) time for m <= 2; for more O(n² m) at worst, when few rows dominate others.
 * @see Zhang et al. 2015, "An efficient approach to nondominated sorting for evolutionary multiobjective optimization", IEEE TEVC 19 (2)
 * @example
 * paretoRanks([[1, 2], [2, 2], [2, 1], [3, 3]]) // => Int32Array [0, 1, 0, 2]
 */
export function paretoRanks(losses: readonly (readonly number[])[]): Int32Array {
  const order = losses.map((_, index) => index).sort((a, b) => compareLists(losses[a] ?? [], losses[b] ?? []));
  const ranks = new Int32Array(losses.length);
  const fronts: (readonly number[])[][] = [];
  let before: number | undefined;
  for (const index of order) {
    const row = losses[index] ?? [];
    const isSame = before !== undefined && compareLists(losses[before] ?? [], row) === 0;
    ranks[index] = isSame ? (ranks[before as number] as number) : frontOf(fronts, row);
    before = index;
    if (isSame) continue;
    const front = fronts[ranks[index] as number];
    if (front === undefined) fronts.push([row]);
    else front.push(row);
  }
  return ranks;
}

/** The first front of which nobody dominates the row: who is dominated in one front is dominated in all before it. */
function frontOf(fronts: readonly (readonly (readonly number[])[])[], row: readonly number[]): number {
  let [low, high] = [0, fronts.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBehind(fronts[middle] ?? [], row)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether one of the front, which came in ascending order before the row, dominates it: of two columns the last one, or none. */
function isBehind(front: readonly (readonly number[])[], row: readonly number[]): boolean {
  const least = row.length <= 2 ? front.length - 1 : 0;
  for (let i = front.length - 1; i >= least; i--) if (dominates(front[i] ?? [], row)) return true;
  return false;
}

function compareLists(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return (a[i] as number) < (b[i] as number) ? -1 : 1;
  return 0;
}
