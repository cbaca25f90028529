/**
 * The probability that a standard normal number is greater than `z`: 1 - Φ(z), to about 14 digits of it for any z up to 37.
 *
 * @example
 * normalTail(0) // => 0.5
 * normalTail(1.6448536269514722) // => 0.05, nearly
 */
export function normalTail(z: number): number {
  if (Number.isNaN(z)) return Number.NaN;
  if (z < 0) return 1 - normalTail(-z);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  return z < 2 ? 0.5 - density * series(z) : density * fraction(z);
}

/** (Φ(z) - 1/2) / density: z + z³/3 + z⁵/(3·5) + … */
function series(z: number): number {
  let term = z;
  let sum = z;
  for (let n = 3; term > sum * Number.EPSILON; n += 2) {
    term *= (z * z) / n;
    sum += term;
  }
  return sum;
}

/** (1 - Φ(z)) / density, Laplace's continued fraction 1/(z + 1/(z + 2/(z + 3/(z + …)))), from behind. */
function fraction(z: number): number {
  let tail = z;
  for (let n = 250; n > 0; n--) tail = z + n / tail;
  return 1 / tail;
}

/**
 * The number that a standard normal one exceeds with probability `p`: `normalTail` of it is `p`, to about 14 digits.
 *
 * @param p - from 1e-290 to 0.5
 * @example
 * normalTailAt(0.05) // => 1.6448536269514722, nearly
 */
export function normalTailAt(p: number): number {
  let z = Math.sqrt(Math.max(-2 * Math.log(2 * p), 0));
  for (let step = 0; step < MOST_STEPS; step++) {
    // Newton's method on the logarithm, which is concave: from above, where it began, it stays above.
    const tail = normalTail(z);
    const change = (Math.log(tail / p) * tail * Math.sqrt(2 * Math.PI)) / Math.exp((-z * z) / 2);
    z += change;
    if (Math.abs(change) <= 1e-14 * z) break;
  }
  return z;
}

const MOST_STEPS = 100;
