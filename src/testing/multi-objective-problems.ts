/**
 * Two functions with a known Pareto front, to judge searchers by. The hypervolumes are those of the exact front; the tests of this
 * file measure them again.
 */
export interface MultiObjectiveProblem {
  readonly name: string;
  /** [lower, upper] of each coordinate. */
  readonly bounds: readonly (readonly [number, number])[];
  /** The area between the front and a point worse than it, for some such points. */
  readonly hypervolumes: readonly { readonly ref: readonly [number, number]; readonly value: number }[];
  /** Where the front lies: `t` from 0 to 1 gives all of it, and of some problems points that it dominates. */
  front(t: number): readonly number[];
  /** @param x - as many numbers as there are `bounds` */
  evaluate(x: readonly number[]): readonly [number, number];
}

/**
 * A convex front.
 * @see Zitzler, Deb & Thiele 2000, "Comparison of multiobjective evolutionary algorithms", Evolutionary Computation 8 (2)
 * @example
 * import { zdt1 } from 'attune/testing';
 *
 * zdt1(3).evaluate([0.25, 0, 0]); // => [0.25, 0.5]
 */
export const zdt1 = (dimensions = 30): MultiObjectiveProblem => zdt('zdt1', dimensions, [120 + 2 / 3, 0.21 + 2 / 3], (f, g) => g * (1 - Math.sqrt(f / g)));

/**
 * A concave front.
 * @see Zitzler, Deb & Thiele 2000
 * @example
 * import { zdt2 } from 'attune/testing';
 *
 * zdt2(3).evaluate([0.5, 0, 0]); // => [0.5, 0.75]
 */
export const zdt2 = (dimensions = 30): MultiObjectiveProblem => zdt('zdt2', dimensions, [120 + 1 / 3, 0.21 + 1 / 3], (f, g) => g * (1 - (f / g) ** 2));

/**
 * A front in five pieces.
 * @see Zitzler, Deb & Thiele 2000
 * @example
 * import { zdt3 } from 'attune/testing';
 *
 * zdt3(3).evaluate([0, 0, 0]); // => [0, 1]
 */
export const zdt3 = (dimensions = 30): MultiObjectiveProblem =>
  zdt('zdt3', dimensions, [128.7781159, 1.3317627], (f, g) => g * (1 - Math.sqrt(f / g) - (f / g) * Math.sin(10 * Math.PI * f)));

/**
 * The front of `zdt1`, behind 21 ^ (dimensions - 1) local ones.
 * @see Zitzler, Deb & Thiele 2000
 * @example
 * import { zdt4 } from 'attune/testing';
 *
 * zdt4(3).evaluate([0.25, 0, 0]); // => [0.25, 0.5]
 */
export function zdt4(dimensions = 10): MultiObjectiveProblem {
  const far = (rest: readonly number[]): number => 1 + 10 * rest.length + sum(rest.map((x) => x ** 2 - 10 * Math.cos(4 * Math.PI * x)));
  const problem = zdt('zdt4', dimensions, [120 + 2 / 3, 0.21 + 2 / 3], (f, g) => g * (1 - Math.sqrt(f / g)), { far });
  return { ...problem, bounds: problem.bounds.map((bound, i) => (i === 0 ? bound : ([-5, 5] as const))) };
}

/**
 * A concave front whose points lie unevenly, most of them where the first function is high.
 * @see Zitzler, Deb & Thiele 2000
 * @example
 * import { zdt6 } from 'attune/testing';
 *
 * zdt6(3).evaluate([0, 0, 0]); // => [1, 0]
 */
export function zdt6(dimensions = 10): MultiObjectiveProblem {
  const first = (x: number): number => 1 - Math.exp(-4 * x) * Math.sin(6 * Math.PI * x) ** 6;
  const far = (rest: readonly number[]): number => 1 + 9 * (sum(rest) / rest.length) ** 0.25;
  return zdt('zdt6', dimensions, [117.5182019, 0.5078775], (f, g) => g * (1 - (f / g) ** 2), { first, far });
}

/** What the family differs in. */
interface Parts {
  /** The first function, of the first coordinate. */
  readonly first?: (x: number) => number;
  /** How far the other coordinates are from the front: 1 is on it. */
  readonly far?: (rest: readonly number[]) => number;
}

function zdt(
  name: string,
  dimensions: number,
  [wide, narrow]: readonly [number, number],
  second: (f: number, g: number) => number,
  parts: Parts = {},
): MultiObjectiveProblem {
  const { first = (x) => x, far = (rest) => 1 + (9 * sum(rest)) / rest.length } = parts;
  const evaluate = ([x = 0, ...rest]: readonly number[]): readonly [number, number] => [first(x), second(first(x), far(rest))];
  const hypervolumes = [
    { ref: [11, 11] as const, value: wide },
    { ref: [1.1, 1.1] as const, value: narrow },
  ];
  const bounds = Array.from({ length: dimensions }, () => [0, 1] as const);
  return { name: `${name}-${dimensions}`, bounds, hypervolumes, evaluate, front: (t: number) => [t, ...bounds.slice(1).map(() => 0)] };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
