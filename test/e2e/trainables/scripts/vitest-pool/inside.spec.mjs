import { isMainThread } from 'node:worker_threads';
import { run, threads } from 'attune';
import { expect, test } from 'vitest';
import { late } from '../late-name.mjs';

test('an experiment runs inside a worker of a test runner', async () => {
  expect(isMainThread).toBe(false);
  const grid = await run(late, { metric: 'loss', mode: 'min', executor: threads({ workers: 1 }), verbose: 0 });
  expect(grid.getBestResult().metrics.loss).toBe(0.5);
});
