import { gridSearch, run } from 'attune';
import { workers } from './chosen-executor.mjs';
import { printGrid } from './print-grid.mjs';
import { typed } from './typed-trainable.ts';

const grid = await run(typed, {
  config: { x: 2, fail: gridSearch([false, true]) },
  metric: 'loss',
  mode: 'min',
  executor: workers({ workers: 1 }),
  verbose: 0,
});
printGrid(grid, { stack: [...grid][1]?.error?.stack });
