// fit DIR: a new experiment. restore DIR: goes on with it. Says what is reported, and ends with the trials as JSON.
import { basename, dirname } from 'node:path';
import { hooks, Tuner, threads, uniform } from 'attune';
import { train } from './train.mjs';

const [, , what, dir] = process.argv;
const say = (line) => process.stdout.write(`${line}\n`);
const options = {
  paramSpace: { x: uniform(0, 1) },
  tuneConfig: { metric: 'loss', mode: 'min', numSamples: 6, seed: 7 },
  runConfig: {
    ...{ name: basename(dir), storagePath: dirname(dir), verbose: 0, executor: threads({ workers: 2 }) },
    callbacks: [hooks({ onTrialReport: (trial, row) => say(`reported ${trial.id} ${row.training_iteration}`) })],
  },
};
const tuner = what === 'fit' ? new Tuner(train, options) : await Tuner.restore(dir, train, options);
const grid = await tuner.fit();
say(JSON.stringify([...grid].map(({ config, status, metrics, path }) => ({ config, status, loss: metrics.loss, step: metrics.training_iteration, path }))));
