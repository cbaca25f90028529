import { gridSearch, run } from 'attune';
import { expect, test } from 'vitest';
import { parabola } from './train.ts';

test('finds the minimum', { timeout: 100_000 }, async () => {
  const grid = await run(parabola, { config: { x: gridSearch([1, 3]) }, metric: 'loss', mode: 'min', verbose: 0 });
  expect(grid.numErrors).toBe(0);
  expect(grid.getBestConfig()).toEqual({ x: 3 });
});
