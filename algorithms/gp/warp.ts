import { forward } from '../../src/base/numeric/cholesky.ts';
import type { Posterior } from './posterior.ts';

/** How fast large losses are drawn together: one of the bend, and beyond, counts by its logarithm. Infinity leaves them as they are. */
export type Bend = number;
const BENDS: readonly Bend[] = [Infinity, 10, 3, 1, 0.3, 0.1, 0.03, 0.01];

/** Losses bent, with mean 0 and variance 1: of constant ones all are 0. */
interface Bent {
  readonly targets: Float64Array;
  /** Of those that were bent, before that. */
  readonly spread: number;
}

function bent(levels: Float64Array, bend: Bend): Bent {
  const values = bend === Infinity ? levels : levels.map((level) => bend * Math.log1p(level / bend));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return { targets: values.map((value) => (spread > 0 ? (value - mean) / spread : 0)), spread };
}

/** @param levels - losses from 0 on, 1 being usual */
export const warped = (levels: Float64Array, bend: Bend): Float64Array => bent(levels, bend).targets;

/**
 * The bend under which the losses are the most probable, with the scale that fits each best: the likelihood of the bent ones, times the
 * derivative of the bend.
 *
 * @see Snelson, Rasmussen & Ghahramani 2004, "Warped Gaussian processes", NIPS 16, equation 6
 * @remarks O(count²) for each of 8 bends.
 */
export function bestBend(levels: Float64Array, posterior: Posterior): Bend {
  let [best, highest] = [Infinity, -Infinity];
  for (const bend of BENDS) {
    const { targets, spread } = bent(levels, bend);
    forward(posterior.factor, targets, targets.length);
    const square = targets.reduce((sum, value) => sum + value * value, 0);
    const stretch = bend === Infinity ? 0 : levels.reduce((sum, level) => sum + Math.log1p(level / bend), 0);
    const its = -levels.length * (Math.log(square) / 2 + Math.log(spread)) - stretch;
    if (its > highest) [best, highest] = [bend, its];
  }
  return best;
}
