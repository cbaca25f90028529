// Trials in one worker, some of which forget tensors: what the user is told, and in which worker each trial ran.
import { threadId } from 'node:worker_threads';
import { defineTrainable, gridSearch, processes, run, threads } from 'attune';
import { useBackend } from 'attune/tfjs';

const { tf } = await useBackend({ backend: 'cpu' });

const forgetful = defineTrainable(
  import.meta.url,
  ({ case: { forgotten, fails } }) => {
    for (let i = 0; i < forgotten; i++) tf.zeros([10, 10]);
    if (fails) throw new Error('on purpose');
    return { loss: forgotten, tensors: tf.memory().numTensors, worker: `${process.pid} ${threadId}` };
  },
  { name: 'forgetful' },
);

const executor = process.argv[2] === 'threads' ? threads({ workers: 1 }) : processes({ workers: 1 });
const warnings = [];
process.on('warning', ({ message }) => warnings.push(message));
const cases = [0, 3, 0, 600, 600, 0, 2].map((forgotten, index) => ({ forgotten, fails: index === 6 }));
const grid = await run(forgetful, { config: { case: gridSearch(cases) }, metric: 'loss', mode: 'min', executor, seed: 1 });
console.log(JSON.stringify({ trials: [...grid].map(({ id, status, metrics: { tensors, worker } }) => ({ id, status, tensors, worker })), warnings }));
