import { defineTrainable, isTrialWorker, run } from 'attune';
import { workers } from './chosen-executor.mjs';

const options = { metric: 'loss', mode: 'min', verbose: 0 };
const codes = [];
const refused = async (trainable) => {
  try {
    await run(trainable, { ...options, executor: workers({ workers: 1 }) });
  } catch (error) {
    codes.push(`${error.code}: ${error.message}`);
  }
};
defineTrainable(import.meta.url, () => ({ loss: 1 }), { name: 'there' });
const makeOne = (loss) => defineTrainable(import.meta.url, () => ({ loss }), { name: 'inside' });
if (!isTrialWorker) await refused(makeOne(2)); // in a worker nobody calls it
await refused((config) => ({ loss: config }));
const below = defineTrainable(import.meta.url, () => ({ loss: 3 }), { name: 'below' });
await refused(below);
console.log(JSON.stringify(codes));
