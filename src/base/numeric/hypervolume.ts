import { AttuneError } from '../errors.ts';
import { paretoFront } from './pareto.ts';

/**
 * Area dominated by `points` and bounded by `ref`, both objectives minimised.
 *
 * @param points - shape [n, 2]; column m in the units of metric m; order and duplicates do not matter, a point with a NaN adds nothing
 * @param ref - shape [2]; points that are not better than it in both columns add nothing
 * @returns (units of metric 0) × (units of metric 1); 0 when no point beats `ref`; infinite when a point is -Infinity in a column
 * @throws {AttuneError} `OPTION_RANGE` when `ref` is not finite
 * @remarks O(n log n) time, O(n) memory.
 * @see Fonseca, Paquete & López-Ibáñez 2006, "An improved dimension-sweep algorithm for the hypervolume indicator", CEC
 * @example
 * import { hypervolume2d } from 'attune/analysis';
 *
 * hypervolume2d([[1, 2], [2, 1]], [3, 3]); // => 3
 */
export function hypervolume2d(points: readonly (readonly [number, number])[], ref: readonly [number, number]): number {
  if (!ref.every(Number.isFinite)) throw new AttuneError('OPTION_RANGE', `hypervolume2d: expected a finite ref, got [${ref.join(', ')}].`);
  const sweep = points.filter(([x, y]) => x < ref[0] && y < ref[1]).sort((p, q) => p[0] - q[0] || p[1] - q[1]);
  let area = 0;
  let floor = ref[1]; // lowest y so far: what lies above it is already counted
  for (const [x, y] of sweep) {
    if (y >= floor) continue;
    area += (ref[0] - x) * (floor - y);
    floor = y;
  }
  return area;
}

/**
 * Volume dominated by `points` and bounded by `ref`, all objectives minimised.
 *
 * @param points - shape [n, m], m >= 1, without NaN; order and duplicates do not matter
 * @param ref - shape [m]; points that are not better than it in every column add nothing
 * @returns the product of the units of all columns; 0 when no point beats `ref`
 * @remarks O(n log n) time for m <= 2; exponential in m at worst beyond.
 * @see While, Bradstreet & Barone 2012, "A fast way of calculating exact hypervolumes", IEEE TEVC 16 (1): WFG
 * @example
 * hypervolume([[1, 2, 3], [3, 1, 2], [2, 3, 1], [2, 2, 2]], [4, 4, 4]) // => 14
 */
export function hypervolume(points: readonly (readonly number[])[], ref: readonly number[]): number {
  const inside = points.filter((point) => point.every((x, i) => x < (ref[i] as number)));
  if (inside.length <= 1 || ref.length === 1) return inside.reduce((most, point) => Math.max(most, volume(point, ref)), 0);
  if (ref.length === 2) return hypervolume2d(inside as unknown as readonly (readonly [number, number])[], ref as unknown as readonly [number, number]);
  const front = paretoFront(inside).map((index) => inside[index] ?? []);
  front.sort((a, b) => (b.at(-1) as number) - (a.at(-1) as number));
  return front.reduce((sum, point, i) => sum + exclusiveVolume(point, front.slice(i + 1), ref), 0);
}

/** The part of the volume between a point and `ref` that none of the others dominates. */
export function exclusiveVolume(point: readonly number[], others: readonly (readonly number[])[], ref: readonly number[]): number {
  const limited = others.map((other) => other.map((x, i) => Math.max(x, point[i] as number)));
  return volume(point, ref) - hypervolume(limited, ref);
}

const volume = (point: readonly number[], ref: readonly number[]): number => point.reduce((product, x, i) => product * ((ref[i] as number) - x), 1);
