// Knows of no TypeScript itself: the worker has to see to it.
import { run, threads } from 'attune';
import { printGrid } from './print-grid.mjs';

const module = new URL('./erasable-trainable.ts', import.meta.url).href;
const trainable = { kind: 'trainable', name: 'erasable', module, form: 'function', implementation: () => {} };
printGrid(await run(trainable, { config: { x: 3 }, metric: 'loss', mode: 'min', executor: threads({ workers: 1 }), verbose: 0 }));
