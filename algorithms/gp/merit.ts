import { dotAt } from '../../src/base/numeric/cholesky.ts';
import { LOG_ROOT_TAU, logPhi } from '../../src/base/numeric/truncated-normal.ts';
import { Gaze } from './gaze.ts';
import { excessSlope, logExcess } from './log-improvement.ts';
import type { Posterior } from './posterior.ts';

/** How good it would be to evaluate a point; higher is better. */
export interface Merit {
  /** Adds to `gradient` what it becomes with each number of the point. */
  at(point: Float64Array, gradient?: Float64Array): number;
  /** Of four points, which follow each other from `at`; adds to `into` from `out` on. */
  addFour(points: Float64Array, at: number, into: Float64Array, out: number): void;
  /** Multiplications for one point. */
  readonly work: number;
}

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

const LEAST_VARIANCE = 1e-12;

/** The variance at the point that was looked at. */
function varianceOf({ column, posterior }: Gaze): number {
  return Math.max(posterior.kernel.scale - dotAt(column, 0, column, 0, column.length), LEAST_VARIANCE);
}

/**
 * The logarithm of the expected improvement on the lowest value, averaged over the worlds: with those that run that of all of them together
 * and one more point, but for what does not depend on that point.
 *
 * @see Ament et al. 2023, arXiv 2310.20708, section 4.1; Snoek et al. 2012, arXiv 1206.2944, section 3.2
 */
export function improvement({ posterior, white, worlds, lowest }: Belief): Merit {
  const gaze = new Gaze(posterior);
  const { column } = gaze;
  const [known, open] = [white.length, posterior.count - white.length];
  const [logs, scores] = [new Float64Array(lowest.length), new Float64Array(lowest.length)];
  const pull = new Float64Array(posterior.count);
  /** Of what was looked at; leaves the scores and logarithms of the worlds. */
  const value = (deviation: number): number => {
    const mean = dotAt(column, 0, white, 0, known);
    let most = -Infinity;
    for (let j = 0; j < logs.length; j++) {
      const z = ((lowest[j] as number) - mean - dotAt(column, known, worlds, j * open, open)) / deviation;
      scores[j] = z;
      logs[j] = logExcess(z);
      if ((logs[j] as number) > most) most = logs[j] as number;
    }
    let sum = 0;
    for (let j = 0; j < logs.length; j++) sum += Math.exp((logs[j] as number) - most);
    return most + Math.log(sum / logs.length);
  };
  const slope = (deviation: number, total: number): void => {
    pull.fill(0);
    let [ofMean, ofDeviation] = [0, 0];
    for (let j = 0; j < logs.length; j++) {
      const [z, log] = [scores[j] as number, logs[j] as number];
      const share = Math.exp(log - total) / logs.length;
      const its = (-share * excessSlope(z, log)) / deviation;
      ofMean += its;
      ofDeviation += share / deviation + its * z;
      for (let r = 0; r < open; r++) pull[known + r] = (pull[known + r] as number) + its * (worlds[j * open + r] as number);
    }
    for (let i = 0; i < known; i++) pull[i] = ofMean * (white[i] as number);
    for (let i = 0; i < pull.length; i++) pull[i] = (pull[i] as number) - (ofDeviation / deviation) * (column[i] as number);
  };
  return {
    work: gaze.work + logs.length * (open + 20),
    at(point, gradient) {
      gaze.look(point);
      const deviation = Math.sqrt(varianceOf(gaze));
      const total = value(deviation);
      if (gradient !== undefined) {
        slope(deviation, total);
        gaze.turn(point, pull, gradient);
      }
      return total + Math.log(deviation);
    },
    addFour(points, at, into, out) {
      gaze.lookAtFour(points, at);
      for (let k = 0; k < 4; k++) {
        gaze.pick(k);
        const deviation = Math.sqrt(varianceOf(gaze));
        into[out + k] = (into[out + k] as number) + value(deviation) + Math.log(deviation);
      }
    },
  };
}

/** The logarithm of the probability that the value is below 0. @see Gardner et al. 2014, "Bayesian optimization with inequality constraints" */
export function feasibility({ posterior, white }: Pick<Belief, 'posterior' | 'white'>): Merit {
  const gaze = new Gaze(posterior);
  const { column } = gaze;
  const pull = new Float64Array(posterior.count);
  return {
    work: gaze.work,
    at(point, gradient) {
      gaze.look(point);
      const deviation = Math.sqrt(varianceOf(gaze));
      const z = -dotAt(column, 0, white, 0, white.length) / deviation;
      const value = logPhi(z);
      if (gradient !== undefined) {
        const slope = Math.exp(-(z * z) / 2 - LOG_ROOT_TAU - value);
        for (let i = 0; i < pull.length; i++) pull[i] = ((slope * z) / (deviation * deviation)) * (column[i] as number) - (slope / deviation) * (white[i] ?? 0);
        gaze.turn(point, pull, gradient);
      }
      return value;
    },
    addFour(points, at, into, out) {
      gaze.lookAtFour(points, at);
      for (let k = 0; k < 4; k++) {
        gaze.pick(k);
        into[out + k] = (into[out + k] as number) + logPhi(-dotAt(column, 0, white, 0, white.length) / Math.sqrt(varianceOf(gaze)));
      }
    },
  };
}

/** Logarithms of what is multiplied. */
export const both = (one: Merit, other: Merit): Merit => ({
  work: one.work + other.work,
  at: (point, gradient) => one.at(point, gradient) + other.at(point, gradient),
  addFour(points, at, into, out) {
    one.addFour(points, at, into, out);
    other.addFour(points, at, into, out);
  },
});
