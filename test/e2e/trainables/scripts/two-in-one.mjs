import { run } from 'attune';
import { workers } from './chosen-executor.mjs';
import { late, other } from './late-name.mjs';

const options = { metric: 'loss', mode: 'min', executor: workers({ workers: 1 }), verbose: 0 };
const first = await run(late, options);
const second = await run(other, { ...options, executor: workers({ workers: 1 }) });
console.log(JSON.stringify([first.getBestResult().metrics.loss, second.getBestResult().metrics.loss]));
