import { backward, factorRows, forward, rowAt, type Triangle } from '../../src/base/numeric/cholesky.ts';
import { invert } from '../../src/base/numeric/invert.ts';
import { decayOf, type Kernel, matern, maternSlope, type Shape, squaredDistance } from './kernel.ts';

/** Points one after the other, and a number for each, of about mean 0 and variance 1. */
export interface Sample {
  readonly shape: Shape;
  readonly count: number;
  readonly points: Float64Array;
  readonly targets: Float64Array;
}

/** The noise is at least this, whatever is fitted. */
export const LEAST_NOISE = 1e-8;

/** The parameters as one vector: the logarithms of the weights, of the scale, and of the noise above the least. */
export function kernelOf(shape: Shape, theta: Float64Array): Kernel {
  return {
    weights: theta.subarray(0, shape.size).map(Math.exp),
    scale: Math.exp(theta[shape.size] as number),
    noise: LEAST_NOISE + Math.exp(theta[shape.size + 1] as number),
  };
}

/** What `evidence` works in. */
export interface Room {
  readonly factor: Triangle;
  readonly inverse: Triangle;
  readonly squares: Triangle;
  readonly decays: Triangle;
}

export const roomFor = (count: number): Room => {
  const length = rowAt(count);
  return { factor: new Float64Array(length), inverse: new Float64Array(length), squares: new Float64Array(length), decays: new Float64Array(length) };
};

/**
 * The negative logarithm of how probable the targets are, and of the prior of the parameters.
 *
 * @param gradient - what it becomes with each parameter
 * @returns Infinity where the covariance cannot be factored
 */
export function evidence(sample: Sample, theta: Float64Array, gradient: Float64Array, { factor, inverse, squares, decays }: Room): number {
  const { shape, count, points, targets } = sample;
  const { size } = shape;
  const { weights, scale, noise } = kernelOf(shape, theta);
  for (let i = 0, at = 0; i < count; i++) {
    for (let j = 0; j < i; j++, at++) {
      const squared = squaredDistance(shape, weights, points, i * size, points, j * size);
      const decay = decayOf(squared);
      squares[at] = squared;
      decays[at] = decay;
      factor[at] = scale * matern(squared, decay);
    }
    squares[at] = 0;
    factor[at++] = scale + noise;
  }
  gradient.fill(0);
  if (!factorRows(factor, 0, count)) return Infinity;
  const alpha = targets.slice(0, count);
  forward(factor, alpha, count);
  let value = 0;
  for (let i = 0; i < count; i++) value += 0.5 * (alpha[i] as number) ** 2 + Math.log(factor[rowAt(i) + i] as number);
  backward(factor, alpha, count);
  invert(factor, inverse, count);
  slopes(sample, weights, scale, alpha, { factor, inverse, squares, decays }, gradient);
  gradient[size + 1] = (gradient[size + 1] as number) * (noise - LEAST_NOISE);
  return value + prior(shape, theta, gradient);
}

/** Adds what the likelihood becomes with each parameter: half the trace of (K⁻¹ - α αᵀ) dK. */
function slopes({ shape, count, points }: Sample, weights: Float64Array, scale: number, alpha: Float64Array, room: Room, gradient: Float64Array): void {
  const { size, numbers } = shape;
  const { inverse, squares, decays } = room;
  let ofScale = 0;
  let ofNoise = 0;
  for (let i = 0, at = 0; i < count; i++) {
    for (let j = 0; j < i; j++, at++) {
      const pull = (inverse[at] as number) - (alpha[i] as number) * (alpha[j] as number);
      const squared = squares[at] as number;
      const decay = decays[at] as number;
      ofScale += pull * matern(squared, decay);
      const slope = pull * scale * maternSlope(squared, decay);
      for (let c = 0; c < numbers; c++) {
        const apart = (points[i * size + c] as number) - (points[j * size + c] as number);
        gradient[c] = (gradient[c] as number) + slope * apart * apart;
      }
      for (let c = numbers; c < size; c++) if (points[i * size + c] !== points[j * size + c]) gradient[c] = (gradient[c] as number) + slope;
    }
    const pull = (inverse[at++] as number) - (alpha[i] as number) ** 2;
    ofScale += pull / 2;
    ofNoise += pull / 2;
  }
  for (let c = 0; c < size; c++) gradient[c] = (gradient[c] as number) * (weights[c] as number);
  gradient[size] = ofScale * scale;
  gradient[size + 1] = ofNoise;
}

/** The logarithm of a length scale is normal, around this and half the logarithm of the number of coordinates: far corners are farther away. */
const [LENGTH, SPREAD] = [-0.5, 1.7];
/** The variance of the function is about that of the targets, and that of the noise is small. */
const [NOISE_SHAPE, NOISE_RATE] = [0.1, 30];

/** The negative logarithm of the prior. @see Hvarfner et al. 2024, "Vanilla Bayesian optimization performs great in high dimensions", arXiv 2402.02229 */
function prior({ size }: Shape, theta: Float64Array, gradient: Float64Array): number {
  const usual = LENGTH + Math.log(size) / 2;
  let value = 0;
  for (let c = 0; c < size; c++) {
    const away = (-(theta[c] as number) / 2 - usual) / SPREAD;
    value += (away * away) / 2;
    gradient[c] = (gradient[c] as number) - away / (2 * SPREAD);
  }
  const [logScale, logNoise] = [theta[size] as number, theta[size + 1] as number];
  const [scale, noise] = [Math.exp(logScale), Math.exp(logNoise)];
  gradient[size] = (gradient[size] as number) + scale - 1;
  gradient[size + 1] = (gradient[size + 1] as number) + NOISE_RATE * noise - NOISE_SHAPE;
  return value + scale - logScale + NOISE_RATE * noise - NOISE_SHAPE * logNoise;
}
