import { rowAt, type Triangle } from '../../src/base/numeric/cholesky.ts';
import { dotAt, factorRows, forward } from '../../src/base/numeric/triangle.ts';
import { type Kernel, matern, type Shape, squaredDistance } from './kernel.ts';

/** A Gaussian process and what was observed of it. Rows are appended. */
export class Posterior {
  readonly shape: Shape;
  readonly kernel: Kernel;
  count = 0;
  points: Float64Array;
  factor: Triangle;

  constructor(shape: Shape, kernel: Kernel, capacity: number) {
    this.shape = shape;
    this.kernel = kernel;
    this.points = new Float64Array(capacity * shape.size);
    this.factor = new Float64Array(rowAt(capacity));
  }

  /** Observes another point. Points that are nearly the same get more noise until it can be done. O(count²). */
  append(point: Float64Array): void {
    const { shape, kernel, count } = this;
    if (rowAt(count + 1) > this.factor.length) this.#grow();
    this.points.set(point, count * shape.size);
    for (let noise = kernel.noise; ; noise = 10 * noise + 1e-9) {
      const row = rowAt(count);
      this.#covariance(point, count, this.factor, row);
      this.factor[row + count] = kernel.scale + noise;
      if (factorRows(this.factor, count, count + 1)) break;
    }
    this.count += 1;
  }

  #covariance(point: Float64Array, count: number, into: Float64Array, at: number): void {
    const { weights, scale } = this.kernel;
    for (let i = 0; i < count; i++) into[at + i] = scale * matern(squaredDistance(this.shape, weights, this.points, i * this.shape.size, point, 0));
  }

  /** The covariance of a point with each one observed, into `into`. */
  alike(point: Float64Array, into: Float64Array): void {
    this.#covariance(point, this.count, into, 0);
  }

  /** L⁻¹ y of numbers that were observed at the first points. */
  whitened(targets: Float64Array): Float64Array {
    const white = targets.slice();
    forward(this.factor, white, white.length);
    return white;
  }

  /** What is expected at each of the points that were observed, without the noise. */
  meansAt(white: Float64Array, from: number, to: number): Float64Array {
    const means = new Float64Array(to - from);
    const column = new Float64Array(this.count);
    for (let i = from; i < to; i++) {
      this.alike(this.points.subarray(i * this.shape.size, (i + 1) * this.shape.size), column);
      forward(this.factor, column, white.length);
      means[i - from] = dotAt(column, 0, white, 0, white.length);
    }
    return means;
  }

  #grow(): void {
    const capacity = 2 * this.count + 8;
    const [points, factor] = [this.points, this.factor];
    this.points = new Float64Array(capacity * this.shape.size);
    this.points.set(points);
    this.factor = new Float64Array(rowAt(capacity));
    this.factor.set(factor);
  }
}
