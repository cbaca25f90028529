import { AttuneError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { studentTail, studentTailAt } from '../base/numeric/student.ts';
import { checkNumber, checkOptions } from '../base/options.ts';
import { atLeast, isNumber, mean, numbersOf } from './numbers.ts';

/** How sure `linearFit` is to be, and how finely it draws its band. `OPTION_RANGE` for what lies out of these bounds. */
export interface LinearFitOptions {
  /** How probable it is that the interval holds the true slope, and the band the true line at an x. Above 0, below 1. Default 0.95. */
  readonly confidence?: number;
  /** At how many x the band is given, evenly from the least to the greatest. >= 2, default 50. */
  readonly points?: number;
}

/** A point of the line with its confidence interval. */
export interface BandPoint {
  readonly x: number;
  readonly y: number;
  readonly lower: number;
  readonly upper: number;
}

/** The straight line through pairs. Units: those of y, per unit of x where it is a slope. */
export interface LinearFit {
  readonly slope: number;
  /** The y of the line at x = 0. */
  readonly intercept: number;
  /** Pearson's correlation, from -1 to 1. NaN where y is constant. */
  readonly r: number;
  /** Pairs of which both are finite. */
  readonly n: number;
  /** Pairs left out, since one of them is null, NaN or infinite. */
  readonly omitted: number;
  readonly confidence: number;
  /** The confidence interval of the slope; NaN with fewer than three pairs. */
  readonly interval: readonly [number, number];
  /** Of the test that the slope is 0, two-sided; NaN with fewer than three pairs. */
  readonly p: number;
  /** The line from the least to the greatest x, with the confidence interval of the mean of y there; lower and upper are NaN with fewer than three pairs. */
  readonly band: readonly BandPoint[];
}

/**
 * The least-squares line of y on x. Interval and band are analytic, from Student's distribution with n - 2 degrees of freedom: exact for independent
 * normal errors of equal variance, near to it for others once there are some tens of pairs. (Resampling, as seaborn does it, gives nearly the
 * same band from 20 pairs on, at a thousand times the cost.)
 *
 * @param x, y - of equal length; a pair counts when both are finite numbers, and null, NaN and infinities are left out
 * @throws {AttuneError} `DATA_INSUFFICIENT` when fewer than two pairs count, a value is no number, or all x are equal: there is no line then;
 *   `OPTION_RANGE` for lengths that differ
 * @remarks O(n) time and memory.
 * @see Draper & Smith 1998, "Applied Regression Analysis", equations 1.4.9 (interval) and 3.1.8 (band)
 * @example
 * import { linearFit } from 'attune/analysis';
 * linearFit([1, 2, 3], [2, 4, 6]).slope; // => 2
 */
export function linearFit(x: readonly Json[], y: readonly Json[], options: LinearFitOptions = {}): LinearFit {
  checkOptions('linearFit', options, ['confidence', 'points']);
  const { confidence = 0.95, points = 50 } = options;
  checkNumber('linearFit', 'confidence', confidence, 'above 0 and below 1', (value) => value > 0 && value < 1);
  checkNumber('linearFit', 'points', points, 'a whole number >= 2', (value) => Number.isInteger(value) && value >= 2);
  const pairs = pairsOf('linearFit', x, y);
  atLeast('linearFit', 'pairs of finite numbers', pairs.x.length, 2, x.length);
  return { ...fitted(pairs.x, pairs.y, confidence, points), omitted: x.length - pairs.x.length, confidence };
}

/** The pairs of which both are finite. @throws {AttuneError} as `linearFit` */
export function pairsOf(where: string, x: readonly Json[], y: readonly Json[]): { readonly x: readonly number[]; readonly y: readonly number[] } {
  if (x.length !== y.length) throw new AttuneError('OPTION_RANGE', `${where}: expected x and y of one length, got ${x.length} and ${y.length}.`);
  const [xs, ys] = [numbersOf(where, 'x', x), numbersOf(where, 'y', y)];
  const kept = xs.flatMap((value, i) => (isNumber(value) && isNumber(ys[i] as number) ? [i] : []));
  return { x: kept.map((i) => xs[i] as number), y: kept.map((i) => ys[i] as number) };
}

function fitted(x: readonly number[], y: readonly number[], confidence: number, points: number): Omit<LinearFit, 'omitted' | 'confidence'> {
  const n = x.length;
  const { meanX, meanY, sxx, sxy, syy } = moments(x, y);
  if (!(sxx > 0)) throw new AttuneError('DATA_INSUFFICIENT', `linearFit: expected at least 2 distinct x, got ${x[0]} in all ${n} pairs.`);
  const slope = sxy / sxx;
  const intercept = meanY - slope * meanX;
  const residual = x.reduce((total, value, i) => total + ((y[i] as number) - meanY - slope * (value - meanX)) ** 2, 0);
  const error = n > 2 ? Math.sqrt(residual / (n - 2)) : Number.NaN;
  const factor = n > 2 ? studentTailAt((1 - confidence) / 2, n - 2) : Number.NaN;
  const reach = (factor * error) / Math.sqrt(sxx);
  const [low, high] = x.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [Infinity, -Infinity]);
  const band = Array.from({ length: points }, (_, i): BandPoint => {
    const at = i === points - 1 ? high : low + ((high - low) * i) / (points - 1);
    const line = meanY + slope * (at - meanX);
    const half = factor * error * Math.sqrt(1 / n + (at - meanX) ** 2 / sxx);
    return { x: at, y: line, lower: line - half, upper: line + half };
  });
  const r = syy > 0 ? Math.min(1, Math.max(-1, sxy / Math.sqrt(sxx * syy))) : Number.NaN;
  return { slope, intercept, r, n, interval: [slope - reach, slope + reach], p: slopeP(slope, error / Math.sqrt(sxx), n), band };
}

/** Of the test that the slope is 0. With no residual at all it is 0, or 1 for a slope of 0. */
function slopeP(slope: number, error: number, n: number): number {
  if (n < 3) return Number.NaN;
  if (slope === 0) return 1;
  return Math.min(1, 2 * studentTail(Math.abs(slope) / error, n - 2));
}

function moments(x: readonly number[], y: readonly number[]): Record<'meanX' | 'meanY' | 'sxx' | 'sxy' | 'syy', number> {
  const [meanX, meanY] = [mean(x), mean(y)];
  let [sxx, sxy, syy] = [0, 0, 0];
  for (const [i, value] of x.entries()) {
    const [dx, dy] = [value - meanX, (y[i] as number) - meanY];
    sxx += dx * dx;
    sxy += dx * dy;
    syy += dy * dy;
  }
  return { meanX, meanY, sxx, sxy, syy };
}
