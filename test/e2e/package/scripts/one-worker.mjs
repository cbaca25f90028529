import { defineTrainable, processes, Tuner, threads, uniform } from 'attune';

const square = defineTrainable(
  import.meta.url,
  async ({ x }, trial) => {
    await trial.report({ loss: x ** 2 });
  },
  { name: 'square' },
);

await new Tuner(square, {
  paramSpace: { x: uniform(0, 1) },
  tuneConfig: { metric: 'loss', mode: 'min', numSamples: 2, seed: 1 },
  runConfig: { executor: (process.argv[3] === 'processes' ? processes : threads)({ workers: 1 }), storagePath: process.argv[2], name: 'one-worker' },
}).fit();
