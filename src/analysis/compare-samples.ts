import type { Json } from '../base/json.ts';
import { mannWhitneyLess } from '../base/numeric/mann-whitney.ts';
import { studentTail, studentTailAt } from '../base/numeric/student.ts';
import { checkNumber, checkOptions } from '../base/options.ts';
import { deviation, isNumber, mean, numbersOf } from './numbers.ts';

/** Two independent samples side by side. */
export interface SampleComparison {
  /** Finite values of each. */
  readonly n: readonly [number, number];
  readonly means: readonly [number, number];
  /** The first mean less the second. */
  readonly difference: number;
  /** The confidence interval of the difference, by Welch: the variances may differ. NaN where a sample has fewer than two values. */
  readonly interval: readonly [number, number];
  readonly confidence: number;
  /** Of Mann and Whitney's test, two-sided: only ranks count. */
  readonly p: number;
  /** Of Welch's test that the means are equal, two-sided. */
  readonly pOfMeans: number;
  /** The probability that a value of the first is greater than one of the second, ties half: from 0 to 1, one half when neither tends to be. */
  readonly a12: number;
  /** The same from -1 to 1: 2 · a12 - 1. */
  readonly cliffsDelta: number;
}

/**
 * Compares two independent samples: the difference of the means with its interval, the test of the ranks, and the size of the effect.
 *
 * @param a, b - null, NaN and infinities are left out
 * @param options.confidence - of the interval; above 0, below 1, default 0.95
 * @returns NaN where there is too little: means of nothing, intervals of fewer than two values
 * @throws {AttuneError} `DATA_INSUFFICIENT` for a value that is no number
 * @remarks O(n log n) time.
 * @see Welch 1947, Biometrika 34; Vargha & Delaney 2000, J. Educational and Behavioral Statistics 25, equation 13; Cliff 1993, Psychological Bulletin 114
 * @example
 * import { compareSamples } from 'attune/analysis';
 * compareSamples([1, 2, 3], [2, 4, 6]).difference; // => -2
 */
export function compareSamples(a: readonly Json[], b: readonly Json[], options: { readonly confidence?: number } = {}): SampleComparison {
  checkOptions('compareSamples', options, ['confidence']);
  const { confidence = 0.95 } = options;
  checkNumber('compareSamples', 'confidence', confidence, 'above 0 and below 1', (value) => value > 0 && value < 1);
  const [x, y] = [numbersOf('compareSamples', 'a', a).filter(isNumber), numbersOf('compareSamples', 'b', b).filter(isNumber)];
  const means = [mean(x), mean(y)] as const;
  const difference = means[0] - means[1];
  const a12 = superiority(x, y);
  return {
    n: [x.length, y.length],
    means,
    difference,
    ...welch(x, y, difference, confidence),
    confidence,
    p: mannWhitney(x, y),
    a12,
    cliffsDelta: 2 * a12 - 1,
  };
}

function welch(a: readonly number[], b: readonly number[], difference: number, confidence: number): Pick<SampleComparison, 'interval' | 'pOfMeans'> {
  const [u, v] = [deviation(a) ** 2 / a.length, deviation(b) ** 2 / b.length];
  const error = Math.sqrt(u + v);
  if (error === 0) return { interval: [difference, difference], pOfMeans: difference === 0 ? 1 : 0 };
  const df = (u + v) ** 2 / (u ** 2 / (a.length - 1) + v ** 2 / (b.length - 1));
  const reach = Number.isNaN(error) ? Number.NaN : error * studentTailAt((1 - confidence) / 2, df);
  return { interval: [difference - reach, difference + reach], pOfMeans: Math.min(1, 2 * studentTail(Math.abs(difference) / error, df)) };
}

/** Two-sided. */
const mannWhitney = (a: readonly number[], b: readonly number[]): number => Math.min(1, 2 * Math.min(mannWhitneyLess(a, b), mannWhitneyLess(b, a)));

/** How often a value of `a` is above one of `b`, ties half, in O(n log n). */
function superiority(a: readonly number[], b: readonly number[]): number {
  const sorted = [...b].sort((x, y) => x - y);
  let wins = 0;
  for (const value of a) wins += (countBelow(sorted, (other) => other < value) + countBelow(sorted, (other) => other <= value)) / 2;
  return wins / (a.length * b.length);
}

/** How many from the beginning hold. */
function countBelow(sorted: readonly number[], holds: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(sorted[middle] as number)) low = middle + 1;
    else high = middle;
  }
  return low;
}
