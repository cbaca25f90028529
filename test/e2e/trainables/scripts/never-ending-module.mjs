import { defineTrainable, isTrialWorker, run, threads } from 'attune';
import { printGrid } from './print-grid.mjs';

const early = defineTrainable(import.meta.url, () => ({ loss: 1 }), { name: 'early' });
if (isTrialWorker) await new Promise(() => {}); // what follows never happens in a worker
printGrid(await run(early, { metric: 'loss', mode: 'min', numSamples: 2, executor: threads({ workers: 1 }), verbose: 0 }));
