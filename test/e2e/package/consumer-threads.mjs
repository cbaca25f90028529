import { defineTrainable, gridSearch, Tuner, threads } from 'attune';
import { asha } from 'attune/schedulers';

export const distance = defineTrainable(import.meta.url, async function distance(config, trial) {
  for (let step = trial.iteration; step < 4; step++) await trial.report({ loss: (config.x - 3) ** 2 });
});

const tuner = new Tuner(distance, {
  paramSpace: { x: gridSearch([1, 2, 3, 4]) },
  tuneConfig: { metric: 'loss', mode: 'min', seed: 1, scheduler: asha({ maxT: 4 }) },
  runConfig: { executor: threads({ workers: 2 }), verbose: 0 },
});
const grid = await tuner.fit();
console.log(`best: ${grid.getBestResult().config.x}`);
