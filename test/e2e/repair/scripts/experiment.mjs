// fit DIR: a new experiment, in threads. restore DIR: goes on with it, also with what failed, and adds samples.
import { basename, dirname } from 'node:path';
import { Tuner, threads, uniform } from 'attune';
import { train } from './train.mjs';

const [, , what, dir] = process.argv;

/** Once, the sixth trial takes over from the one that saved last. */
const copying = {
  name: 'copying',
  uses: ['exploit'],
  init: () => ({ from: null, checkpoint: null, done: false }),
  decide(state, event) {
    if (event.kind === 'checkpointed') Object.assign(state, { from: event.trial, checkpoint: event.checkpoint });
    if (event.kind !== 'reported' || event.trial !== 5 || event.step !== 4 || state.done) return { state, decisions: [] };
    const { from, checkpoint } = state;
    return { state: { ...state, done: true }, decisions: [{ kind: 'exploit', trial: 5, from, checkpoint, config: { x: 0.5 }, reason: 'copy it' }] };
  },
};

const options = {
  paramSpace: { x: uniform(0, 1) },
  tuneConfig: { metric: 'loss', mode: 'min', numSamples: what === 'fit' ? 6 : 8, seed: 7, scheduler: copying },
  runConfig: {
    ...{ name: basename(dir), storagePath: dirname(dir), verbose: 0, executor: threads({ workers: 2 }) },
    ...{ failureConfig: { maxFailures: 1 }, checkpointConfig: { numToKeep: 2 }, stop: { training_iteration: 5 } },
  },
};
const grid = await (what === 'fit' ? new Tuner(train, options) : await Tuner.restore(dir, train, { ...options, resumeErrored: true })).fit();
process.stdout.write(`${JSON.stringify({ trials: grid.length, errors: grid.numErrors })}\n`);
