import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { defineTrainable, isTrialWorker, run } from 'attune';
import { workers } from './chosen-executor.mjs';

const options = { metric: 'loss', mode: 'min', numSamples: 2, verbose: 0 };
const one = defineTrainable(import.meta.url, () => ({ loss: 1 }), { name: 'one' });

if (isMainThread && !isTrialWorker) {
  new Worker(new URL(import.meta.url)).on('message', (message) => console.log(JSON.stringify(message)));
} else {
  const grid = await run(one, { ...options, executor: workers({ workers: 1 }) });
  parentPort.postMessage({ losses: [...grid].map(({ metrics }) => metrics.loss) });
}
