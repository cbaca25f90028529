import { AttuneError } from '../errors.ts';

/** Lanczos' coefficients for g = 7. */
const LANCZOS = [
  ...[0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059],
  ...[12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7],
];

/** ln Γ(x), x > 0, to about 14 digits. @see Lanczos 1964, "A precision approximation of the gamma function", SIAM J. Numer. Anal. 1 */
function logGamma(x: number): number {
  const t = x + 6.5;
  const sum = LANCZOS.reduce((total, c, i) => total + (i === 0 ? c : c / (x - 1 + i)), 0);
  return (x - 0.5) * Math.log(t) - t + Math.log(Math.sqrt(2 * Math.PI) * sum);
}

/**
 * The regularised incomplete beta function I_x(a, b), to about 12 digits.
 *
 * @param x - from 0 to 1
 * @param a, b - > 0
 * @see Press et al. 1992, "Numerical Recipes", 6.4, and DiDonato & Morris 1992, ACM TOMS 18 (3): the continued fraction
 * @example
 * incompleteBeta(0.5, 2, 3) // => 0.6875, nearly
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return (front * fraction(x, a, b)) / a;
}

/** The continued fraction by Lentz's method. */
function fraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const away = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m <= 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    result *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return result;
}

/**
 * The probability that a number of Student's distribution is greater than `t`.
 *
 * @param df - degrees of freedom, > 0, not necessarily whole
 * @example
 * studentTail(0, 5) // => 0.5
 * studentTail(2.015048372669157, 5) // => 0.05, nearly
 */
export function studentTail(t: number, df: number): number {
  if (Number.isNaN(t) || !(df > 0)) return Number.NaN;
  if (t < 0) return 1 - studentTail(-t, df);
  return t === Infinity ? 0 : incompleteBeta(df / (df + t * t), df / 2, 0.5) / 2;
}

/**
 * The number that one of Student's distribution exceeds with probability `p`: `studentTail` of it is `p`.
 *
 * @param p - above 0, to 0.5
 * @throws {AttuneError} `OPTION_RANGE` for another `p`
 * @example
 * studentTailAt(0.025, 10) // => 2.228138851964939, nearly
 */
export function studentTailAt(p: number, df: number): number {
  if (!(p > 0 && p <= 0.5)) throw new AttuneError('OPTION_RANGE', `studentTailAt: expected p to be above 0, to 0.5, got ${p}.`);
  if (!(df > 0)) return Number.NaN;
  let [low, high] = [0, 1];
  while (studentTail(high, df) > p) [low, high] = [high, high * 2];
  for (let step = 0; step < 200 && high - low > 1e-14 * high; step++) {
    const middle = (low + high) / 2;
    if (studentTail(middle, df) > p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * The probability that a number of Fisher's F distribution is greater than `f`.
 *
 * @param d1, d2 - degrees of freedom of numerator and denominator, > 0
 * @example
 * fisherTail(4.964602743730711, 1, 10) // => 0.05, nearly
 */
export function fisherTail(f: number, d1: number, d2: number): number {
  if (Number.isNaN(f) || !(d1 > 0) || !(d2 > 0)) return Number.NaN;
  if (f <= 0) return 1;
  return f === Infinity ? 0 : incompleteBeta(d2 / (d2 + d1 * f), d2 / 2, d1 / 2);
}
