import { defineTrainable, isTrialWorker, run } from 'attune';
import { workers } from './chosen-executor.mjs';
import { printGrid } from './print-grid.mjs';

const early = defineTrainable(import.meta.url, () => ({ loss: 1 }), { name: 'early' });
if (isTrialWorker) await new Promise(() => {}); // what follows never happens in a worker
printGrid(await run(early, { metric: 'loss', mode: 'min', numSamples: 2, executor: workers({ workers: 1 }), verbose: 0 }));
