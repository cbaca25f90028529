import { expect, test } from 'vitest';
import { hypervolume2d } from '../../src/base/numeric/hypervolume.ts';
import { dominates } from '../../src/base/numeric/pareto.ts';
import { rng } from '../../src/base/rng.ts';
import { zdt1, zdt2, zdt3, zdt4, zdt6 } from '../../src/testing/multi-objective-problems.ts';

const POINTS = 200_000;

test.each([zdt1(5), zdt2(5), zdt3(3), zdt4(4), zdt6(3)])('$name: the hypervolumes are those of its front, and nothing lies before it', (problem) => {
  const front = Array.from({ length: POINTS + 1 }, (_, i) => problem.evaluate(problem.front(i / POINTS)));
  for (const { ref, value } of problem.hypervolumes) {
    const measured = hypervolume2d(front, ref);
    expect(measured).toBeLessThan(value + 1e-6);
    expect(measured / value).toBeGreaterThan(1 - 1e-4);
  }
  const draws = rng(42).fork(problem.name);
  const some = front.filter((_, i) => i % 1000 === 0);
  for (let i = 0; i < 1000; i++) {
    const found = problem.evaluate(problem.bounds.map(([lower, upper]) => lower + draws.next() * (upper - lower)));
    expect(some.some((point) => dominates(found, point) && hypervolume2d([...front, found], [11, 11]) > (problem.hypervolumes[0]?.value ?? 0) + 1e-6)).toBe(false);
  }
});
