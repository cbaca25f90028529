import type { Triangle } from '../../src/base/numeric/cholesky.ts';
import { forward } from '../../src/base/numeric/triangle.ts';

/** How fast large losses are drawn together: a loss of the bend, and beyond, counts by its logarithm. Infinity leaves them as they are. */
export type Bend = number;
export const BENDS: readonly Bend[] = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, Infinity];

/** Losses from 0 on, bent, with mean 0 and variance 1. Of constant ones all are 0. */
export function warped(levels: Float64Array, bend: Bend): Float64Array {
  const bent = bend === Infinity ? levels.slice() : levels.map((level) => bend * Math.log1p(level / bend));
  const mean = bent.reduce((sum, value) => sum + value, 0) / bent.length;
  const spread = Math.sqrt(bent.reduce((sum, value) => sum + (value - mean) ** 2, 0) / bent.length);
  return bent.map((value) => (spread > 0 ? (value - mean) / spread : 0));
}

/**
 * How probable the losses are under a factored covariance, when they are bent so and scaled as fits best, but for a constant:
 * the likelihood of the bent ones and the derivative of the bend.
 */
export function plausibility(levels: Float64Array, bend: Bend, factor: Triangle): number {
  const n = levels.length;
  const targets = warped(levels, bend);
  const bent = bend === Infinity ? levels : levels.map((level) => bend * Math.log1p(level / bend));
  const mean = bent.reduce((sum, value) => sum + value, 0) / n;
  const spread = Math.sqrt(bent.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n);
  forward(factor, targets, n);
  const square = targets.reduce((sum, value) => sum + value * value, 0);
  let stretch = 0;
  if (bend !== Infinity) for (const level of levels) stretch += Math.log1p(level / bend);
  return (-n / 2) * Math.log(square) - n * Math.log(spread) - stretch;
}
