import type { Rng } from '../../src/base/rng.ts';
import type { NumericAxis } from '../../src/space/axis.ts';

/** The greater, the nearer to a parent. */
const CROSSOVER_INDEX = 10;
/** The greater, the smaller the steps. */
const MUTATION_INDEX = 5;

/**
 * Simulated binary crossover within the bounds: a number near one parent or the other, as near as they are to each other.
 *
 * @see Deb & Agrawal 1995, "Simulated binary crossover for continuous search space", Complex Systems 9
 */
export function crossNumbers({ from, to }: NumericAxis, a: number, b: number, rng: Rng): number {
  const [low, high] = a < b ? [a, b] : [b, a];
  const [u, side] = [rng.next(), rng.next()];
  const apart = high - low;
  if (!(apart > 1e-14 * (to - from))) return a;
  const isLow = side < 0.5;
  const widest = 1 + (2 * Math.max(0, isLow ? low - from : to - high)) / apart;
  const mass = 2 - widest ** -(CROSSOVER_INDEX + 1);
  const spread = (u <= 1 / mass ? u * mass : 1 / (2 - u * mass)) ** (1 / (CROSSOVER_INDEX + 1));
  return (low + high + (isLow ? -spread : spread) * apart) / 2;
}

/**
 * Polynomial mutation: most often a small step, at most as wide as the range. It may lead out of the bounds.
 *
 * @see Deb & Goyal 1996, "A combined genetic adaptive search (GeneAS) for engineering design", Computer Science and Informatics 26
 */
export function mutateNumber({ from, to }: NumericAxis, value: number, rng: Rng): number {
  const u = rng.next();
  const step = u < 0.5 ? (2 * u) ** (1 / (MUTATION_INDEX + 1)) - 1 : 1 - (2 * (1 - u)) ** (1 / (MUTATION_INDEX + 1));
  return value + step * (to - from);
}
