import { choice, randint, uniform } from 'attune';
import type { SpaceInput } from '../../src/space/space-for.ts';
import { type MultiObjectiveProblem, zdt1, zdt2 } from '../../src/testing/multi-objective-problems.ts';
import * as problems from '../../src/testing/problems.ts';

const { ackley, branin, hartmann3, hartmann6, levy, rastrigin, rosenbrock, sixHumpCamel, sphere, styblinskiTang } = problems;

/** A function that is searched, under the name that `optuna-study.py` has for it. */
export interface Problem {
  readonly name: string;
  readonly space: SpaceInput;
  /** The least loss there is. */
  readonly optimum: number;
  evaluate(config: never): number;
  /** The parameters of a configuration by the names that Optuna's side gives them. */
  flat(config: never): Readonly<Record<string, number | string>>;
}

type Coordinates = Readonly<Record<string, number>>;

function ofNumbers(name: string, bounds: readonly (readonly [number, number])[], evaluate: (x: readonly number[]) => number, optimum: number): Problem {
  const space = Object.fromEntries(bounds.map(([lower, upper], i) => [`x${i}`, uniform(lower, upper)]));
  const coordinates = (config: Coordinates): readonly number[] => bounds.map((_, i) => config[`x${i}`] as number);
  return { name, space, optimum, evaluate: (config: Coordinates) => evaluate(coordinates(config)), flat: (config: Coordinates) => config };
}

const within = (dimensions: number, lower: number, upper: number) => Array.from({ length: dimensions }, () => [lower, upper] as const);

const DISCRETE = new Map([
  [1, 1.2],
  [2, 0],
  [5, 0.6],
  [6, 0.8],
  [8, 1],
]);

interface Mixed {
  readonly float: number;
  readonly discrete: number;
  readonly int: number;
  readonly category: 'corner' | 'center' | 'mixed';
}

/** Traps for those who climb: the best float lies at the other end of a slope. Song et al., OSS Vizier; its flavour "mixed", negated. */
const simpleKD: Problem = {
  name: 'SimpleKD',
  space: { float: uniform(-1, 1), discrete: choice([...DISCRETE.keys()]), int: randint(1, 4), category: choice(['corner', 'center', 'mixed']) },
  optimum: -3.96,
  evaluate({ float, discrete, int, category }: Mixed) {
    const term = Math.min(1.6, float > -0.8 ? -((float - 1) ** 2) : -(1.8 ** 2) + 150 * (float + 0.8) ** 2);
    const [ordered, whole] = [DISCRETE.get(discrete) as number, (int - 2.2) ** 2 / 2];
    if (category === 'center') return term + ordered + whole;
    return category === 'corner' ? -(0.8 * term + ordered + whole) : -(1.5 + 0.8 * term + ordered - whole);
  },
  flat: (config: Mixed) => ({ ...config }),
};

interface Leaf {
  readonly x1: { readonly is: number; readonly r: number; readonly next: { readonly is: number; readonly x: number } };
}

const leaves = () => choice([0, 1].map((is) => ({ is, x: uniform(0, 1) })));

/** A tree of options with a parameter of its own at each leaf, and one at each of its two arms. @see Jenatton et al. 2017 */
const jenatton: Problem = {
  name: 'Jenatton',
  space: { x1: choice([0, 1].map((is) => ({ is, r: uniform(0, 1), next: leaves() }))) },
  optimum: 0.1,
  evaluate: ({ x1: { is, r, next } }: Leaf) => next.x ** 2 + 0.1 + 0.2 * is + 0.1 * next.is + r,
  flat({ x1: { is, r, next } }: Leaf) {
    const leaf = 4 + 2 * is + next.is;
    return { x1: is, [is === 0 ? 'x2' : 'x3']: next.is, [`x${leaf}`]: next.x, [is === 0 ? 'r8' : 'r9']: r };
  },
};

export const PROBLEMS: readonly Problem[] = [
  ofNumbers('sphere-5', within(5, -5, 5), sphere(5).evaluate, 0),
  ofNumbers('rosenbrock-5', within(5, -5, 5), rosenbrock(5).evaluate, 0),
  ofNumbers('branin', branin.bounds, branin.evaluate, branin.optimum.value),
  ofNumbers('rastrigin-5', within(5, -5.12, 5.12), rastrigin(5).evaluate, 0),
  ofNumbers('hartmann-6', hartmann6.bounds, hartmann6.evaluate, hartmann6.optimum.value),
  simpleKD,
  jenatton,
];

/** Where valleys are long. */
export const ROSENBROCK_10: Problem = ofNumbers('rosenbrock-10', within(10, -5, 10), rosenbrock(10).evaluate, 0);

const michalewicz = (x: readonly number[]): number => -x.reduce((sum, value, i) => sum + Math.sin(value) * Math.sin(((i + 1) * value ** 2) / Math.PI) ** 20, 0);

interface Known extends Problem {
  /** The lower quartile of the best of 100 random trials, over 4,000 runs. */
  readonly randomQuartile: number;
}

const known = ({ name, bounds, evaluate, optimum }: problems.TestProblem, randomQuartile: number): Known => ({
  ...ofNumbers(name, bounds, evaluate, optimum.value),
  name: `${name}, table`,
  randomQuartile,
});

export const TABLE: readonly Known[] = [
  known(branin, 0.547),
  known(hartmann3, -3.74),
  known(hartmann6, -2.357),
  known(sixHumpCamel, -0.969),
  known(ackley(5), 16.21),
  known(rosenbrock(4), 606),
  known(levy(4), 2.143),
  known(rastrigin(4), 21.86),
  known(styblinskiTang(4), -129.5),
  { ...ofNumbers('michalewicz5', within(5, 0, Math.PI), michalewicz, -4.687658), randomQuartile: -2.426 },
];

/** Two functions at once. */
export const FRONTS: readonly MultiObjectiveProblem[] = [zdt1(5), zdt2(5)];

/** @throws {Error} when there is none of this name */
export function problemOf(wanted: string): Problem {
  const found = [...PROBLEMS, ROSENBROCK_10, ...TABLE].find(({ name }) => name === wanted);
  if (found === undefined) throw new Error(`expected the name of a problem, got ${wanted}`);
  return found;
}
