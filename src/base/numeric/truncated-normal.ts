import { erfc, logErfc } from './erfc.ts';

/** The logarithm of the square root of 2π. */
export const LOG_ROOT_TAU = 0.9189385332046727418;
const MOST_STEPS = 100;

const phi = (x: number): number => 0.5 * erfc(-x / Math.SQRT2);

/** The logarithm of the probability that a standard normal number is less than `x`: to 1e-12 of it for any `x`. */
export function logPhi(x: number): number {
  return x > 0 ? Math.log1p(-phi(-x)) : logErfc(-x / Math.SQRT2) - Math.LN2;
}

/** The logarithm of the probability that a standard normal number lies between `a` and `b`, a <= b; either may be infinite. */
export function logMass(a: number, b: number): number {
  if (b <= 0) return logDifference(logPhi(b), logPhi(a));
  return a > 0 ? logDifference(logPhi(-a), logPhi(-b)) : Math.log1p(-phi(a) - phi(-b));
}

/** log(exp(x) - exp(y)) for y <= x */
function logDifference(x: number, y: number): number {
  const apart = y - x;
  return x + (apart > -Math.LN2 ? Math.log(-Math.expm1(apart)) : Math.log1p(-Math.exp(apart)));
}

/** The number below which a standard normal number lies with probability `q`, when it is known to lie between `a` and `b`. */
export function quantile(q: number, a: number, b: number): number {
  if (q <= 0) return a;
  if (q >= 1) return b;
  const mass = logMass(a, b);
  const x = a < 0 ? inversePhi(logSum(logPhi(a), Math.log(q) + mass)) : -inversePhi(logSum(logPhi(-b), Math.log1p(-q) + mass));
  return Math.min(Math.max(x, a), b);
}

/** log(exp(x) + exp(y)) */
function logSum(x: number, y: number): number {
  const [high, low] = x > y ? [x, y] : [y, x];
  return low === -Infinity ? high : high + Math.log1p(Math.exp(low - high));
}

/** The x with `logPhi(x) = y`, by Newton's method. */
function inversePhi(y: number): number {
  const isHigh = y > -0.01;
  const target = isHigh ? Math.log(-Math.expm1(y)) : y;
  let x = target < -5 ? -Math.sqrt(-2 * (target + LOG_ROOT_TAU)) : (-Math.sqrt(3) / Math.PI) * Math.log(Math.expm1(-target));
  for (let step = 0; step < MOST_STEPS; step++) {
    const now = logPhi(x);
    const change = (now - target) * Math.exp(now + (x * x) / 2 + LOG_ROOT_TAU);
    x -= change;
    if (Math.abs(change) < 1e-8 * Math.abs(x)) break;
  }
  return isHigh ? -x : x;
}
