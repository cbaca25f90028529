import { defineTrainable, run } from 'attune';
import { workers } from './chosen-executor.mjs';
import { printGrid } from './print-grid.mjs';

const options = { metric: 'loss', mode: 'min', verbose: 0 };
const inner = defineTrainable(import.meta.url, () => ({ loss: 1 }), { name: 'inner' });
const outer = defineTrainable(import.meta.url, async () => ({ loss: (await run(inner, options)).length }), { name: 'outer' });
printGrid(await run(outer, { ...options, executor: workers({ workers: 1 }) }));
