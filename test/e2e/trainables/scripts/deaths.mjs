import { defineTrainable, gridSearch, run } from 'attune';
import { workers } from './chosen-executor.mjs';
import { printGrid } from './print-grid.mjs';

const ways = {
  exit: () => process.exit(3),
  memory: () => {
    const kept = [];
    for (;;) kept.push(new Array(1e6).fill(kept.length));
  },
  'a rejection nobody handles': () => void Promise.reject(new Error('left behind')),
  'an error in a timer': () =>
    new Promise(() =>
      setTimeout(() => {
        throw new Error('from a timer');
      }),
    ),
  'a thrown string': () => {
    throw 'just a string';
  },
  'a thrown undefined': () => {
    throw undefined;
  },
  none: () => {},
  'none again': () => {},
};
const dies = defineTrainable(
  import.meta.url,
  async ({ way }) => {
    await ways[way]();
    return { loss: 1 };
  },
  { name: 'dies' },
);

const grid = await run(dies, {
  config: { way: gridSearch(Object.keys(ways)) },
  metric: 'loss',
  mode: 'min',
  executor: workers({ workers: 2, memoryMb: 160 }),
  verbose: 0,
});
printGrid(grid);
