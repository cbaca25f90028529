import { expect, test } from 'vitest';
import { hypervolume2d } from '../../src/base/numeric/hypervolume.ts';
import { rng } from '../../src/base/rng.ts';
import { zdt1, zdt2, zdt3, zdt4, zdt6 } from '../../src/testing/multi-objective-problems.ts';

const POINTS = 100_000;

test.each([zdt1(5), zdt2(5), zdt3(3), zdt4(4), zdt6(3)])('$name: the hypervolumes are those of its front, and nothing lies before it', (problem) => {
  const draws = rng(42).fork(problem.name);
  const front = Array.from({ length: POINTS + 1 }, (_, i) => problem.evaluate(problem.front(i / POINTS)));
  const others = Array.from({ length: 2000 }, () => problem.evaluate(problem.bounds.map(([lower, upper]) => lower + draws.next() * (upper - lower))));
  for (const { ref, value } of problem.hypervolumes) {
    const measured = hypervolume2d(front, ref);
    expect(measured / value).toBeGreaterThan(1 - 1e-4);
    expect(hypervolume2d([...front, ...others], ref)).toBeLessThan(value + 1e-6);
  }
});
