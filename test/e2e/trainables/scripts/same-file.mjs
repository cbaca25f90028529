import { appendFileSync } from 'node:fs';
import { choice, defineTrainable, isTrialWorker, Tuner } from 'attune';
import { workers } from './chosen-executor.mjs';
import { printGrid } from './print-grid.mjs';

appendFileSync('top-level.txt', isTrialWorker ? 'worker\n' : 'main\n');

const square = defineTrainable(import.meta.url, function square(config, trial) {
  return trial.report({ loss: config.x ** 2 });
});

const tuner = new Tuner(square, {
  paramSpace: { x: choice([1, 2, 3]) },
  tuneConfig: { metric: 'loss', mode: 'min', numSamples: 4, seed: 1 },
  runConfig: { executor: workers({ workers: 2 }), verbose: 0 },
});
const grid = await tuner.fit();
appendFileSync('below.txt', 'x');
printGrid(grid);
