import { eigen } from '../../src/base/numeric/eigen.ts';
import type { Strategy } from './strategy.ts';

/** From what points are drawn, mean + σ · N(0, C), and what the next step needs of the last ones. In a cube whose sides are 1. */
export interface Distribution {
  readonly mean: Float64Array;
  readonly sigma: number;
  /** C, row by row: the lower triangle. */
  readonly covariance: Float64Array;
  /** The eigenvectors of C, row by row, and the square roots of its eigenvalues. */
  readonly axes: Float64Array;
  readonly lengths: Float64Array;
  /** The evolution paths. */
  readonly sigmaPath: Float64Array;
  readonly path: Float64Array;
  /** How many steps it has come. */
  readonly steps: number;
}

export function beginning(mean: Float64Array, sigma: number): Distribution {
  const n = mean.length;
  const unit = Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
  const zeros = new Float64Array(n);
  return { mean, sigma, covariance: unit, axes: unit, lengths: zeros.map(() => 1), sigmaPath: zeros, path: zeros, steps: 0 };
}

/** The deviation that a standard normal vector stands for, in units of σ: B D z. */
export function stretched({ axes, lengths }: Distribution, z: Float64Array): Float64Array {
  const n = z.length;
  const y = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const length = (lengths[i] as number) * (z[i] as number);
    for (let j = 0; j < n; j++) y[j] = (y[j] as number) + length * (axes[i * n + j] as number);
  }
  return y;
}

/** C^(-1/2) y, in the coordinates of the axes: it has the length of C^(-1/2) y. */
function whitened({ axes, lengths }: Distribution, y: Float64Array): Float64Array {
  const n = y.length;
  return lengths.map((length, i) => {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += (axes[i * n + j] as number) * (y[j] as number);
    return sum / length;
  });
}

const squareOf = (vector: Float64Array): number => vector.reduce((sum, value) => sum + value * value, 0);

/** How long a deviation is in the distribution's own measure, Mahalanobis': that of a drawn one is about the root of the number of dimensions. */
export const lengthOf = (distribution: Distribution, y: Float64Array): number => Math.sqrt(squareOf(whitened(distribution, y)));

/**
 * One step, equations 41 to 47 of the tutorial.
 *
 * @param ranked - the deviations of λ points from the mean, in units of σ, the best first
 * @remarks O(n³)
 */
export function stepped(from: Distribution, strategy: Strategy, ranked: readonly Float64Array[]): Distribution {
  const { dimensions: n, population, weights, muEff, cSigma, dSigma, cc, c1, cMu, chi } = strategy;
  const way = new Float64Array(n);
  for (let k = 0; k < population >> 1; k++) add(way, ranked[k] as Float64Array, weights[k] as number);

  const turned = unturned(from, whitened(from, way));
  const sigmaPath = from.sigmaPath.map((value, i) => (1 - cSigma) * value + Math.sqrt(cSigma * (2 - cSigma) * muEff) * (turned[i] as number));
  const length = Math.sqrt(squareOf(sigmaPath));
  const steps = from.steps + 1;
  const isShort = length / Math.sqrt(1 - (1 - cSigma) ** (2 * (steps + 1))) < (1.4 + 2 / (n + 1)) * chi;
  const path = from.path.map((value, i) => (1 - cc) * value + (isShort ? Math.sqrt(cc * (2 - cc) * muEff) * (way[i] as number) : 0));

  const kept = 1 + (isShort ? 0 : c1 * cc * (2 - cc)) - c1 - cMu * weights.reduce((sum, weight) => sum + weight, 0);
  const covariance = from.covariance.map((value) => kept * value);
  addSquare(covariance, path, c1);
  ranked.forEach((y, k) => {
    const weight = weights[k] as number;
    addSquare(covariance, y, cMu * (weight >= 0 ? weight : (weight * n) / (squareOf(whitened(from, y)) + 1e-8)));
  });
  const mean = from.mean.slice();
  add(mean, way, from.sigma);
  const sigma = from.sigma * Math.exp((cSigma / dSigma) * (length / chi - 1));
  return { mean, sigma, ...decomposed(covariance, n), sigmaPath, path, steps };
}

/** From the coordinates of the axes to those of the cube. */
function unturned({ axes }: Distribution, coordinates: Float64Array): Float64Array {
  const y = new Float64Array(coordinates.length);
  coordinates.forEach((value, i) => void add(y, axes.subarray(i * y.length, (i + 1) * y.length), value));
  return y;
}

function add(to: Float64Array, vector: Float64Array, times: number): void {
  for (let i = 0; i < to.length; i++) to[i] = (to[i] as number) + times * (vector[i] as number);
}

/** Adds the lower triangle of `times` · y yᵀ. */
function addSquare(matrix: Float64Array, y: Float64Array, times: number): void {
  const n = y.length;
  for (let i = 0; i < n; i++) {
    const factor = times * (y[i] as number);
    for (let j = 0; j <= i; j++) matrix[i * n + j] = (matrix[i * n + j] as number) + factor * (y[j] as number);
  }
}

/** The least eigenvalue, as a part of the greatest, that is told from 0. */
const LEAST = 1e-15;

function decomposed(covariance: Float64Array, n: number): Pick<Distribution, 'covariance' | 'axes' | 'lengths'> {
  const { values, vectors } = eigen(covariance, n);
  const greatest = Math.max(...values);
  return { covariance, axes: vectors, lengths: values.map((value) => Math.sqrt(Math.max(value, LEAST * greatest))) };
}
