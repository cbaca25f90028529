import { AttuneError } from '../errors.ts';

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
 * hypervolume2d([[1, 2], [2, 1]], [3, 3]) // => 3
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
