import { backward, factorRows, forward, rowAt, type Triangle } from '../../src/base/numeric/cholesky.ts';

/** Something that is observed, or could be: when, in rounds, and where, each coordinate about 0 to 1. */
export interface Point {
  readonly time: number;
  readonly at: readonly number[];
}

/** How alike two points are: exp(-d² / 2 lengthscale²) · (1 - forgetting)^(|Δ time| / 2), d being how far they are apart. */
export interface Kernel {
  readonly lengthscale: number;
  /** 0 (nothing changes) to below 1: how much of what was known is lost in each round. */
  readonly forgetting: number;
  /** The variance of the noise on what is observed, that of the function being 1. */
  readonly noise: number;
}

/** What is known of the function at a point. */
export interface Belief {
  readonly mean: number;
  /** The standard deviation, without the noise: 0 to 1. */
  readonly deviation: number;
}

/**
 * The Gaussian process with mean 0 and variance 1 that has `values` at the first of `points`. Those beyond are about to be observed:
 * they lower the deviation, and leave the mean. O(n³) for n points, then O(n²) for each that is asked for.
 */
export function posterior(points: readonly Point[], values: readonly number[], kernel: Kernel): (point: Point) => Belief {
  const n = points.length;
  const factor = covariance(pairs(points), n, kernel);
  factorRows(factor, 0, n);
  const weights = new Float64Array(values);
  forward(factor, weights, weights.length);
  backward(factor, weights, weights.length);
  return (point) => {
    const likeness = new Float64Array(n);
    let mean = 0;
    for (let i = 0; i < n; i++) {
      const other = points[i] as Point;
      const its = alike(kernel, distance(point, other), gap(point, other));
      likeness[i] = its;
      if (i < weights.length) mean += (weights[i] as number) * its;
    }
    forward(factor, likeness, n);
    return { mean, deviation: Math.sqrt(Math.max(0, 1 - squared(likeness))) };
  };
}

/** So many of the latest points the kernel is fitted to. */
const FITTED = 80;

const START: Kernel = { lengthscale: 0.4, forgetting: 0.1, noise: 0.1 };
const CHOICES = {
  lengthscale: [0.1, 0.2, 0.4, 0.8, 1.6],
  forgetting: [0, 0.05, 0.1, 0.2, 0.4],
  noise: [0.01, 0.1, 0.3, 1],
} as const;

/**
 * The kernel that makes the latest 80 of `values` the most likely, of those on a grid: found by going along one of its axes after the
 * other, twice.
 * @remarks At most 23 factorisations of n³ / 6 for n <= 80.
 */
export function fitKernel(points: readonly Point[], values: readonly number[]): Kernel {
  const known = pairs(points.slice(-FITTED));
  const latest = new Float64Array(values.slice(-FITTED));
  let best = START;
  let highest = likelihood(known, latest, best);
  for (const axis of ['lengthscale', 'forgetting', 'noise', 'lengthscale', 'forgetting', 'noise'] as const) {
    const here = best[axis];
    for (const value of CHOICES[axis]) {
      if (value === here) continue;
      const kernel = { ...best, [axis]: value };
      const its = likelihood(known, latest, kernel);
      if (its > highest) [best, highest] = [kernel, its];
    }
  }
  return best;
}

/** The logarithm of how likely the values are, but for a constant. */
function likelihood(known: Pairs, values: Float64Array, kernel: Kernel): number {
  const n = values.length;
  const factor = covariance(known, n, kernel);
  if (!factorRows(factor, 0, n)) return -Infinity;
  let volume = 0;
  for (let i = 0; i < n; i++) volume += Math.log(factor[rowAt(i) + i] as number);
  const solved = values.slice();
  forward(factor, solved, n);
  return -squared(solved) / 2 - volume;
}

/** Squared distances, and gaps of time, of all pairs of points. */
interface Pairs {
  readonly distances: Triangle;
  readonly gaps: Triangle;
}

function pairs(points: readonly Point[]): Pairs {
  const distances = new Float64Array(rowAt(points.length));
  const gaps = new Float64Array(rowAt(points.length));
  points.forEach((point, i) => {
    for (let j = 0; j <= i; j++) {
      distances[rowAt(i) + j] = distance(point, points[j] as Point);
      gaps[rowAt(i) + j] = gap(point, points[j] as Point);
    }
  });
  return { distances, gaps };
}

function covariance({ distances, gaps }: Pairs, n: number, kernel: Kernel): Triangle {
  const matrix = new Float64Array(distances.length);
  for (let i = 0; i < matrix.length; i++) matrix[i] = alike(kernel, distances[i] as number, gaps[i] as number);
  for (let i = 0; i < n; i++) matrix[rowAt(i) + i] = 1 + kernel.noise;
  return matrix;
}

const alike = ({ lengthscale, forgetting }: Kernel, d: number, dt: number): number =>
  Math.exp(-d / (2 * lengthscale * lengthscale) + (dt === 0 ? 0 : (dt / 2) * Math.log1p(-forgetting)));

function distance(a: Point, b: Point): number {
  let sum = 0;
  for (let i = 0; i < a.at.length; i++) sum += ((a.at[i] as number) - (b.at[i] as number)) ** 2;
  return sum;
}

const gap = (a: Point, b: Point): number => Math.abs(a.time - b.time);

function squared(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] as number) ** 2;
  return sum;
}
