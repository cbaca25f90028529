import { backward, dotAt, factorRows, forward, rowAt, type Triangle } from '../../src/base/numeric/cholesky.ts';
import { decayOf, type Kernel, matern, type Shape, squaredDistance } from './kernel.ts';

/** A Gaussian process and the points at which it is, or will be, observed. Points are appended, and the last ones taken away again. */
export class Posterior {
  readonly shape: Shape;
  readonly kernel: Kernel;
  /** One after the other. */
  points = new Float64Array(0);
  /** Of their covariance. */
  factor: Triangle = new Float64Array(0);
  /** The variance of the noise of each. */
  readonly #noises: number[] = [];

  constructor(shape: Shape, kernel: Kernel) {
    this.shape = shape;
    this.kernel = kernel;
  }

  get count(): number {
    return this.#noises.length;
  }

  /** One that is too near to others gets as much noise as it needs to be told from them. O(count²). */
  append(point: Float64Array): void {
    const { shape, kernel, count } = this;
    this.#reserve(count + 1);
    this.points.set(point, count * shape.size);
    const row = rowAt(count);
    for (let noise = kernel.noise; ; noise = Math.max(10 * noise, 1e-9)) {
      for (let i = 0; i < count; i++) {
        const squared = squaredDistance(shape, kernel.weights, this.points, i * shape.size, point, 0);
        this.factor[row + i] = kernel.scale * matern(squared, decayOf(squared));
      }
      this.factor[row + count] = kernel.scale + noise;
      const isFactored = factorRows(this.factor, count, count + 1);
      if (!isFactored && noise < 1e6) continue;
      if (!isFactored) this.factor[row + count] = 1; // not a number anywhere: a point far from all others
      this.#noises.push(noise);
      return;
    }
  }

  /** Forgets all but the first `count` points. */
  cut(count: number): void {
    this.#noises.length = Math.min(count, this.count);
  }

  /** L⁻¹ y for the first points. */
  whitened(targets: Float64Array): Float64Array {
    const white = targets.slice();
    forward(this.factor, white, white.length);
    return white;
  }

  /** What is expected at the first points, without the noise, when `targets` were observed there. O(count²). */
  smoothed(targets: Float64Array, white: Float64Array): Float64Array {
    const weights = white.slice();
    backward(this.factor, weights, weights.length);
    return targets.map((target, i) => target - (this.#noises[i] as number) * (weights[i] as number));
  }

  /** What point number `row` gives, when L⁻¹ y of it and of those before is this, in two parts. */
  valueOf(row: number, white: Float64Array, worlds: Float64Array, at: number): number {
    const begin = rowAt(row);
    return dotAt(this.factor, begin, white, 0, white.length) + dotAt(this.factor, begin + white.length, worlds, at, row + 1 - white.length);
  }

  #reserve(count: number): void {
    if (rowAt(count) <= this.factor.length) return;
    const capacity = 2 * count + 16;
    const [points, factor] = [new Float64Array(capacity * this.shape.size), new Float64Array(rowAt(capacity))];
    points.set(this.points);
    factor.set(this.factor);
    [this.points, this.factor] = [points, factor];
  }
}
