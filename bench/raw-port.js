import { workerData } from 'node:worker_threads';

/** A worker that makes round trips over one port, as many as it is told: says a metric, waits for the answer, says the next. */
const { port } = workerData;
let left = 0;

const say = () => port.postMessage({ loss: 1 / (left + 1) });

port.on('message', (message) => {
  if (message === 'continue') left -= 1;
  else left = message;
  if (left > 0) say();
  else port.postMessage('done');
});
