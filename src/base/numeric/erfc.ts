/** Where the series around 0 ends, and where the expansion at infinity begins. */
const [SMALL, LARGE] = [0.46875, 4];
const INVERSE_ROOT_PI = 0.5641895835477562869;

/** Of the three rational functions, highest power first. */
const [P_SMALL, Q_SMALL] = [
  [1.85777706184603153e-1, 3.1611237438705656, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3],
  [1, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3],
];
const [P_MIDDLE, Q_MIDDLE] = [
  [
    ...[2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1, 2.98635138197400131e2],
    ...[8.8195222124176909e2, 1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3],
  ],
  [
    ...[1, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3],
    ...[3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3],
  ],
];
const [P_LARGE, Q_LARGE] = [
  [1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1, 1.60837851487422766e-2, 6.58749161529837803e-4],
  [1, 2.56852019228982242, 1.87295284992346047, 5.27905102951428412e-1, 6.05183413124413191e-2, 2.33520497626869185e-3],
];

function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (let i = 0; i < coefficients.length; i++) sum = sum * x + (coefficients[i] as number);
  return sum;
}

/**
 * The error function, to about 15 digits.
 *
 * @see Cody 1969, "Rational Chebyshev approximations for the error function", Mathematics of Computation 23
 * @example
 * erf(0.5) // => 0.5204998778130465
 */
export function erf(x: number): number {
  if (Math.abs(x) > SMALL) return x > 0 ? 1 - erfc(x) : erfc(-x) - 1;
  return (x * polynomial(P_SMALL, x * x)) / polynomial(Q_SMALL, x * x);
}

/** `1 - erf(x)`, to about 15 digits of it however small it is. */
export function erfc(x: number): number {
  if (x < -SMALL) return 2 - erfc(-x);
  return x <= SMALL ? 1 - erf(x) : Math.exp(-x * x) * scaled(x);
}

/** The natural logarithm of `erfc(x)`, also where that is too small to be a number. */
export function logErfc(x: number): number {
  if (x === Infinity) return -Infinity;
  return x <= SMALL ? Math.log1p(x < -SMALL ? 1 - erfc(-x) : -erf(x)) : -x * x + Math.log(scaled(x));
}

/** `exp(x * x) * erfc(x)` of an x above `SMALL`. */
function scaled(x: number): number {
  if (x <= LARGE) return polynomial(P_MIDDLE, x) / polynomial(Q_MIDDLE, x);
  const y = 1 / (x * x);
  return (INVERSE_ROOT_PI - (y * polynomial(P_LARGE, y)) / polynomial(Q_LARGE, y)) / x;
}
