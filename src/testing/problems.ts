/**
 * A function with a known minimum, to judge searchers by. Every optimum here is checked by the tests of this file:
 * by evaluation at `points`, and by a search from many starts that finds nothing lower.
 */
export interface TestProblem {
  readonly name: string;
  /** [lower, upper] of each coordinate. */
  readonly bounds: readonly (readonly [number, number])[];
  /** The minimum over the bounds; `points`: where it lies (all of them, unless there are very many). */
  readonly optimum: { readonly value: number; readonly points: readonly (readonly number[])[] };
  /** @param x - as many numbers as there are `bounds` */
  evaluate(x: readonly number[]): number;
}

/**
 * Two dimensions, three equal minima, smooth.
 * @see Dixon & Szegő 1978
 * @example
 * import { branin } from 'attune/testing';
 *
 * branin.evaluate([Math.PI, 2.275]); // => 0.397887…
 */
export const branin: TestProblem = {
  name: 'branin',
  bounds: [
    [-5, 10],
    [0, 15],
  ],
  optimum: {
    value: 0.39788735772973816,
    points: [
      [-Math.PI, 12.275],
      [Math.PI, 2.275],
      [3 * Math.PI, 2.475],
    ],
  },
  evaluate([x = 0, y = 0]) {
    const bend = y - (5.1 / (4 * Math.PI ** 2)) * x ** 2 + (5 / Math.PI) * x - 6;
    return bend ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10;
  },
};

/**
 * Two dimensions, two equal global minima and four local ones.
 *
 * @example
 * import { sixHumpCamel } from 'attune/testing';
 *
 * sixHumpCamel.evaluate([0.0898, -0.7126]); // => -1.03162…
 */
export const sixHumpCamel: TestProblem = {
  name: 'sixHumpCamel',
  bounds: [
    [-3, 3],
    [-2, 2],
  ],
  optimum: {
    value: -1.031628453489877,
    points: [
      [0.0898420131, -0.7126564032],
      [-0.0898420131, 0.7126564032],
    ],
  },
  evaluate: ([x = 0, y = 0]) => (4 - 2.1 * x ** 2 + x ** 4 / 3) * x ** 2 + x * y + (4 * y ** 2 - 4) * y ** 2,
};

/** What the four minima of Hartmann's functions weigh. */
const ALPHA: readonly number[] = [1, 1.2, 3, 3.2];

/** Hartmann's functions can be had at a lower fidelity: with every minimum weighing less. */
export interface Hartmann extends TestProblem {
  /** @param less - taken from each of the four weights; 0 gives `evaluate` */
  lowered(x: readonly number[], less: number): number;
}

/**
 * Three dimensions, four local minima.
 * @see Hartman 1973
 * @example
 * import { hartmann3 } from 'attune/testing';
 *
 * hartmann3.evaluate([0.1146, 0.5556, 0.8525]); // => -3.86…
 */
export const hartmann3: Hartmann = hartmann(
  'hartmann3',
  [
    [3, 10, 30],
    [0.1, 10, 35],
    [3, 10, 30],
    [0.1, 10, 35],
  ],
  [
    [3689, 1170, 2673],
    [4699, 4387, 7470],
    [1091, 8732, 5547],
    [381, 5743, 8828],
  ],
  { value: -3.86277979, points: [[0.11458887, 0.55564883, 0.85254698]] },
);

/**
 * Six dimensions, six local minima.
 * @see Hartman 1973
 * @example
 * import { hartmann6 } from 'attune/testing';
 *
 * hartmann6.optimum.value; // => -3.32…
 */
export const hartmann6: Hartmann = hartmann(
  'hartmann6',
  [
    [10, 3, 17, 3.5, 1.7, 8],
    [0.05, 10, 17, 0.1, 8, 14],
    [3, 3.5, 1.7, 10, 17, 8],
    [17, 8, 0.05, 10, 0.1, 14],
  ],
  [
    [1312, 1696, 5569, 124, 8283, 5886],
    [2329, 4135, 8307, 3736, 1004, 9991],
    [2348, 1451, 3522, 2883, 3047, 6650],
    [4047, 8828, 8732, 5743, 1091, 381],
  ],
  { value: -3.32236801, points: [[0.20168951, 0.15001069, 0.47687397, 0.27533243, 0.31165162, 0.65730053]] },
);

function hartmann(name: string, a: readonly (readonly number[])[], p: readonly (readonly number[])[], optimum: TestProblem['optimum']): Hartmann {
  const lowered = (x: readonly number[], less: number): number => {
    const distance = (i: number): number => sum(x, (value, j) => (a[i]?.[j] ?? 0) * (value - 1e-4 * (p[i]?.[j] ?? 0)) ** 2);
    return -sum(ALPHA, (weight, i) => (weight - less) * Math.exp(-distance(i)));
  };
  return { name, bounds: (a[0] ?? []).map(() => [0, 1] as const), optimum, lowered, evaluate: (x) => lowered(x, 0) };
}

/**
 * A bowl: the easiest there is.
 *
 * @example
 * import { sphere } from 'attune/testing';
 *
 * sphere(3).evaluate([1, 2, 3]); // => 14
 */
export function sphere(dimensions = 2): TestProblem {
  return { ...at('sphere', dimensions, [-5.12, 5.12], 0, 0), evaluate: (x) => sum(x, (value) => value ** 2) };
}

/**
 * A curved valley: easy to enter, slow to follow.
 * @see Rosenbrock 1960
 * @example
 * import { rosenbrock } from 'attune/testing';
 *
 * rosenbrock(2).evaluate([1, 1]); // => 0
 */
export function rosenbrock(dimensions = 2): TestProblem {
  return {
    ...at('rosenbrock', dimensions, [-5, 10], 0, 1),
    evaluate: (x) => sum(x.slice(1), (next, i) => 100 * (next - (x[i] ?? 0) ** 2) ** 2 + ((x[i] ?? 0) - 1) ** 2),
  };
}

/**
 * Nearly flat with many local minima, and a funnel in the middle.
 * @see Ackley 1987
 * @example
 * import { ackley } from 'attune/testing';
 *
 * Math.abs(ackley(2).evaluate([0, 0])) < 1e-12; // => true
 */
export function ackley(dimensions = 2): TestProblem {
  return {
    ...at('ackley', dimensions, [-32.768, 32.768], 0, 0),
    evaluate(x) {
      const radius = Math.sqrt(sum(x, (value) => value ** 2) / x.length);
      const waves = sum(x, (value) => Math.cos(2 * Math.PI * value)) / x.length;
      return -20 * Math.exp(-0.2 * radius) - Math.exp(waves) + 20 + Math.E;
    },
  };
}

/**
 * About 10^d local minima on a bowl.
 *
 * @example
 * import { rastrigin } from 'attune/testing';
 *
 * rastrigin(2).evaluate([0, 0]); // => 0
 */
export function rastrigin(dimensions = 2): TestProblem {
  return {
    ...at('rastrigin', dimensions, [-5.12, 5.12], 0, 0),
    evaluate: (x) => 10 * x.length + sum(x, (value) => value ** 2 - 10 * Math.cos(2 * Math.PI * value)),
  };
}

/**
 * Waves on a bowl.
 *
 * @example
 * import { levy } from 'attune/testing';
 *
 * levy(2).evaluate([1, 1]) < 1e-12; // => true
 */
export function levy(dimensions = 2): TestProblem {
  return {
    ...at('levy', dimensions, [-10, 10], 0, 1),
    evaluate(x) {
      const w = x.map((value) => 1 + (value - 1) / 4);
      const [first = 1, last = 1] = [w[0], w[w.length - 1]];
      const middle = sum(w.slice(0, -1), (value) => (value - 1) ** 2 * (1 + 10 * Math.sin(Math.PI * value + 1) ** 2));
      return Math.sin(Math.PI * first) ** 2 + middle + (last - 1) ** 2 * (1 + Math.sin(2 * Math.PI * last) ** 2);
    },
  };
}

/**
 * Two minima in every coordinate, one a little deeper.
 *
 * @example
 * import { styblinskiTang } from 'attune/testing';
 *
 * styblinskiTang(2).optimum.value; // => -78.33…
 */
export function styblinskiTang(dimensions = 2): TestProblem {
  return {
    ...at('styblinskiTang', dimensions, [-5, 5], -39.16616570377142 * dimensions, -2.903534027771177),
    evaluate: (x) => sum(x, (value) => value ** 4 - 16 * value ** 2 + 5 * value) / 2,
  };
}

/** A problem whose minimum lies at the same coordinate in every dimension. */
function at(name: string, dimensions: number, bounds: readonly [number, number], value: number, coordinate: number): Omit<TestProblem, 'evaluate'> {
  return {
    name: `${name}${dimensions}`,
    bounds: Array.from({ length: dimensions }, () => bounds),
    optimum: { value, points: [Array.from({ length: dimensions }, () => coordinate)] },
  };
}

function sum(values: readonly number[], term: (value: number, index: number) => number): number {
  return values.reduce((total, value, index) => total + term(value, index), 0);
}
