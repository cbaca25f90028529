import { backward, dotAt, forward, forwardFour } from '../../src/base/numeric/triangle.ts';
import { LOG_ROOT_TAU, logPhi } from '../tpe/truncated-normal.ts';
import { matern, maternSlope, squaredDistance } from './kernel.ts';
import { excessSlope, logExcess } from './log-improvement.ts';
import type { Posterior } from './posterior.ts';

/** A posterior, and what is believed of the points whose result is not known. */
export interface Belief {
  readonly posterior: Posterior;
  /** L⁻¹ y of what was observed, the first rows of the posterior. */
  readonly white: Float64Array;
  /** The other rows run: for each of several worlds one standard normal number per row, L⁻¹ y of what they might give. Row-major. */
  readonly worlds: Float64Array;
  /** The lowest value in each world. */
  readonly lowest: Float64Array;
}

/** What the logarithm of something becomes with the mean in each world, and with the deviation. */
interface Slopes {
  readonly ofMeans: Float64Array;
  ofDeviation: number;
}

const LEAST_VARIANCE = 1e-12;

/** The logarithm of the expected improvement at points, averaged over the worlds. */
export class Improvement {
  readonly #belief: Belief;
  readonly #column: Float64Array;
  readonly #squares: Float64Array;
  readonly #four: Float64Array;
  readonly #slopes: Slopes;
  readonly #logs: Float64Array;
  readonly #excesses: Float64Array;

  constructor(belief: Belief) {
    const { count } = belief.posterior;
    this.#belief = belief;
    this.#column = new Float64Array(count);
    this.#squares = new Float64Array(count);
    this.#four = new Float64Array(4 * count);
    this.#slopes = { ofMeans: new Float64Array(belief.lowest.length), ofDeviation: 0 };
    this.#logs = new Float64Array(belief.lowest.length);
    this.#excesses = new Float64Array(belief.lowest.length);
  }

  /** At four points, which follow each other from `at`. */
  four(points: Float64Array, at: number, into: Float64Array, out: number): void {
    const { posterior } = this.#belief;
    const { shape, kernel, count } = posterior;
    for (let i = 0; i < count; i++)
      for (let k = 0; k < 4; k++)
        this.#four[4 * i + k] =
          kernel.scale * matern(squaredDistance(shape, kernel.weights, posterior.points, i * shape.size, points, at + k * shape.size));
    forwardFour(posterior.factor, this.#four, count);
    for (let k = 0; k < 4; k++) {
      for (let i = 0; i < count; i++) this.#column[i] = this.#four[4 * i + k] as number;
      into[out + k] = this.#valueOf(false);
    }
  }

  /** At one point; with `gradient`, what it becomes with each number. */
  at(point: Float64Array, gradient?: Float64Array): number {
    const { posterior, white, worlds, lowest } = this.#belief;
    const { shape, kernel, count } = posterior;
    for (let i = 0; i < count; i++) {
      const squared = squaredDistance(shape, kernel.weights, posterior.points, i * shape.size, point, 0);
      this.#squares[i] = squared;
      this.#column[i] = kernel.scale * matern(squared);
    }
    forward(posterior.factor, this.#column, count);
    const value = this.#valueOf(gradient !== undefined);
    if (gradient === undefined) return value;
    const { ofMeans, ofDeviation } = this.#slopes;
    const [known, open] = [white.length, count - white.length];
    const pull = this.#column;
    let all = 0;
    for (let j = 0; j < lowest.length; j++) all += ofMeans[j] as number;
    for (let i = 0; i < count; i++) pull[i] = -ofDeviation * (pull[i] as number);
    for (let i = 0; i < known; i++) pull[i] = (pull[i] as number) + all * (white[i] as number);
    for (let r = 0; r < open; r++) {
      let sum = 0;
      for (let j = 0; j < lowest.length; j++) sum += (ofMeans[j] as number) * (worlds[j * open + r] as number);
      pull[known + r] = (pull[known + r] as number) + sum;
    }
    backward(posterior.factor, pull, count);
    gradient.fill(0);
    for (let i = 0; i < count; i++) {
      const slope = 2 * kernel.scale * maternSlope(this.#squares[i] as number) * (pull[i] as number);
      for (let c = 0; c < shape.numbers; c++)
        gradient[c] = (gradient[c] as number) + slope * ((point[c] as number) - (posterior.points[i * shape.size + c] as number));
    }
    for (let c = 0; c < shape.numbers; c++) gradient[c] = (gradient[c] as number) * (kernel.weights[c] as number);
    return value;
  }

  /** Of the whitened covariances in the column. `ofDeviation` is then per deviation squared. */
  #valueOf(sloped: boolean): number {
    const { posterior, white, worlds, lowest } = this.#belief;
    const [column, count] = [this.#column, posterior.count];
    const variance = Math.max(posterior.kernel.scale - dotAt(column, 0, column, 0, count), LEAST_VARIANCE);
    const deviation = Math.sqrt(variance);
    const mean = dotAt(column, 0, white, 0, white.length);
    const open = count - white.length;
    const logs = this.#logs;
    let most = -Infinity;
    for (let j = 0; j < logs.length; j++) {
      const its = mean + dotAt(column, white.length, worlds, j * open, open);
      const z = ((lowest[j] as number) - its) / deviation;
      this.#excesses[j] = z;
      logs[j] = logExcess(z);
      most = Math.max(most, logs[j] as number);
    }
    let sum = 0;
    for (let j = 0; j < logs.length; j++) sum += Math.exp((logs[j] as number) - most);
    if (sloped) {
      let ofDeviation = 0;
      for (let j = 0; j < logs.length; j++) {
        const [z, log] = [this.#excesses[j] as number, logs[j] as number];
        const share = Math.exp(log - most) / sum;
        const slope = excessSlope(z, log);
        this.#slopes.ofMeans[j] = (-share * slope) / deviation;
        ofDeviation += share * (1 - slope * z);
      }
      this.#slopes.ofDeviation = ofDeviation / variance;
    }
    return Math.log(deviation) + most + Math.log(sum / logs.length);
  }
}
void LOG_ROOT_TAU;
void logPhi;
