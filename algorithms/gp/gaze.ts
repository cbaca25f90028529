import { backward, forward, forwardFour } from '../../src/base/numeric/cholesky.ts';
import { decayOf, matern, maternSlope, squaredDistance } from './kernel.ts';
import type { Posterior } from './posterior.ts';

/** Looks at a point through a posterior: L⁻¹ k, of which follow what is expected there and how certain that is. */
export class Gaze {
  readonly posterior: Posterior;
  /** L⁻¹ k of the point looked at last. */
  readonly column: Float64Array;
  readonly #squares: Float64Array;
  readonly #decays: Float64Array;
  readonly #four: Float64Array;

  constructor(posterior: Posterior) {
    this.posterior = posterior;
    this.column = new Float64Array(posterior.count);
    this.#squares = new Float64Array(posterior.count);
    this.#decays = new Float64Array(posterior.count);
    this.#four = new Float64Array(4 * posterior.count);
  }

  /** Multiplications for one look. */
  get work(): number {
    const { count, shape } = this.posterior;
    return (count * count) / 2 + count * (shape.size + 30);
  }

  look(point: Float64Array): void {
    const { shape, kernel, count, points, factor } = this.posterior;
    for (let i = 0; i < count; i++) {
      const squared = squaredDistance(shape, kernel.weights, points, i * shape.size, point, 0);
      const decay = decayOf(squared);
      this.#squares[i] = squared;
      this.#decays[i] = decay;
      this.column[i] = kernel.scale * matern(squared, decay);
    }
    forward(factor, this.column, count);
  }

  /** At four points at once, which follow each other from `at`; `pick` them. */
  lookAtFour(four: Float64Array, at: number): void {
    const { shape, kernel, count, points, factor } = this.posterior;
    for (let i = 0; i < count; i++) {
      for (let k = 0; k < 4; k++) {
        const squared = squaredDistance(shape, kernel.weights, points, i * shape.size, four, at + k * shape.size);
        this.#four[4 * i + k] = kernel.scale * matern(squared, decayOf(squared));
      }
    }
    forwardFour(factor, this.#four, count);
  }

  pick(k: number): void {
    for (let i = 0; i < this.column.length; i++) this.column[i] = this.#four[4 * i + k] as number;
  }

  /**
   * Adds to `gradient` what a function of the column becomes with each number of the point, which was looked at last.
   * @param pull - what the function becomes with the column; is used up
   */
  turn(point: Float64Array, pull: Float64Array, gradient: Float64Array): void {
    const { shape, kernel, count, points, factor } = this.posterior;
    backward(factor, pull, count);
    for (let i = 0; i < count; i++) {
      const slope = 2 * kernel.scale * maternSlope(this.#squares[i] as number, this.#decays[i] as number) * (pull[i] as number);
      for (let c = 0; c < shape.numbers; c++) {
        const apart = (point[c] as number) - (points[i * shape.size + c] as number);
        gradient[c] = (gradient[c] as number) + slope * (kernel.weights[c] as number) * apart;
      }
    }
  }
}
