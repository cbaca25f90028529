// Two experiments in turn, then two side by side, then the flat form; nothing but fit() keeps the process alive.
import { resolve } from 'node:path';
import { run, Tuner, threads, uniform } from 'attune';
import { train } from './train.mjs';

const executor = () => threads({ workers: 2 });
const tune = (name, seed) =>
  new Tuner(train, {
    paramSpace: { x: uniform(0, 1) },
    tuneConfig: { metric: 'loss', mode: 'min', numSamples: 3, seed },
    runConfig: { name, storagePath: resolve('results'), verbose: 0, executor: executor() },
  }).fit();

const inTurn = [await tune('first', 1), await tune('second', 2)];
const sideBySide = await Promise.all([tune('third', 1), tune('fourth', 2)]);
const flat = await run(train, {
  ...{ config: { x: uniform(0, 1) }, metric: 'loss', mode: 'min', numSamples: 3, seed: 1, stop: { training_iteration: 2 } },
  ...{ name: 'fifth', storagePath: resolve('results'), verbose: 0, executor: executor() },
});
console.log(JSON.stringify([...inTurn, ...sideBySide, flat].map((grid) => [...grid].map(({ config, metrics }) => [config.x, metrics.training_iteration]))));
