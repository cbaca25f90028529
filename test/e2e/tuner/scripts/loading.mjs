// EXECUTOR DIR: an experiment whose module, with HOLD, does not finish loading in a worker: it says so, and waits for good.
import { writeSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { defineTrainable, isTrialWorker, processes, run, threads } from 'attune';

if (isTrialWorker && process.env.HOLD) {
  writeSync(2, 'loading\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

const train = defineTrainable(import.meta.url, () => ({ loss: 1 }), { name: 'train' });

if (!isTrialWorker) {
  const [, , executor, dir] = process.argv;
  const grid = await run(train, {
    ...{ metric: 'loss', mode: 'min', numSamples: 2, storagePath: dirname(dir), name: basename(dir), onExisting: 'resume' },
    executor: (executor === 'threads' ? threads : processes)({ workers: 1 }),
  });
  console.log(grid.interrupted, grid.length);
}
