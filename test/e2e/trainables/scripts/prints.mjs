import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineTrainable, gridSearch, run } from 'attune';
import { workers } from './chosen-executor.mjs';

const prints = defineTrainable(
  import.meta.url,
  async ({ text }) => {
    await undefined;
    if (text) {
      console.log(text);
      console.error('and', text);
    }
    return { loss: 1 };
  },
  { name: 'prints' },
);
const grid = await run(prints, {
  config: { text: gridSearch(['one', 'two', '']) },
  metric: 'loss',
  mode: 'min',
  executor: workers({ workers: 2 }),
  verbose: 0,
});
const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : null);
console.log(JSON.stringify([...grid].map(({ path }) => [read(join(path, 'stdout')), read(join(path, 'stderr'))])));
