import { run, threads, uniform } from 'attune';
import { asha, hyperband } from 'attune/schedulers';
import { asClass, asFunction } from './chained.mjs';

const { FORM, SCHEDULER } = process.env;
const schedulers = {
  hyperband: () => hyperband(),
  promote: () => asha({ maxT: 27, reductionFactor: 3, variant: 'promote' }),
  delayed: () => asha({ maxT: 27, reductionFactor: 3, brackets: 2, variant: 'delayed' }),
};

const grid = await run(FORM === 'class' ? asClass : asFunction, {
  ...{ config: { x: uniform(0, 1) }, metric: 'loss', mode: 'min', numSamples: 20, seed: 7, name: 'halving', storagePath: process.cwd(), verbose: 0 },
  ...{ scheduler: schedulers[SCHEDULER](), executor: threads({ workers: 3 }), checkpointConfig: { numToKeep: 1 } },
});
const trials = [...grid].map(({ config, path, status, reason, metrics }) => ({ x: config.x, path, status, reason, step: metrics.training_iteration }));
console.log(JSON.stringify({ path: grid.experimentPath, numErrors: grid.numErrors, trials }));
