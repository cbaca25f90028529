import { describe, expect, test } from 'vitest';
import { rng } from '../../src/base/rng.ts';
import type { TestProblem } from '../../src/testing/problems.ts';
import { ackley, branin, hartmann3, hartmann6, levy, rastrigin, rosenbrock, sixHumpCamel, sphere, styblinskiTang } from '../../src/testing/problems.ts';

const problems = [branin, sixHumpCamel, hartmann3, hartmann6, sphere(3), rosenbrock(2), ackley(5), rastrigin(2), levy(4), styblinskiTang(3)];

for (const problem of problems) {
  describe(problem.name, () => {
    test('is its optimum at each point it names, and each lies in the bounds', () => {
      expect(problem.optimum.points.length).toBeGreaterThan(0);
      for (const point of problem.optimum.points) {
        expect(point.length).toBe(problem.bounds.length);
        point.forEach((x, i) => {
          const [lower, upper] = problem.bounds[i] as readonly [number, number];
          expect(x >= lower && x <= upper).toBe(true);
        });
        expect(problem.evaluate(point)).toBeCloseTo(problem.optimum.value, 7);
      }
    });

    test('has nothing lower: random draws, and descents from the best of them and from the optimum', () => {
      const draws = rng(42).fork(problem.name);
      const starts = Array.from({ length: 2000 }, () => problem.bounds.map(([lower, upper]) => lower + draws.next() * (upper - lower)));
      starts.sort((a, b) => problem.evaluate(a) - problem.evaluate(b));
      const best = Math.min(...[...starts.slice(0, 30), ...problem.optimum.points].map((start) => descend(problem, start)));
      expect(best).toBeCloseTo(problem.optimum.value, 6);
      expect(best).toBeGreaterThan(problem.optimum.value - 1e-7);
    });
  });
}

/** The lowest value that a compass search from `start` finds, inside the bounds. */
function descend(problem: TestProblem, start: readonly number[]): number {
  let here = start;
  let value = problem.evaluate(here);
  for (let scale = 0.1; scale > 1e-9; ) {
    const moves = problem.bounds.flatMap(([lower, upper], i) =>
      [-1, 1].map((sign) => here.map((x, j) => (j === i ? Math.min(upper, Math.max(lower, x + sign * scale * (upper - lower))) : x))),
    );
    const better = moves.find((move) => problem.evaluate(move) < value);
    if (better === undefined) {
      scale /= 2;
      continue;
    }
    here = better;
    value = problem.evaluate(here);
  }
  return value;
}
