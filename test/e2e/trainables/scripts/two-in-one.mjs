import { run, threads } from 'attune';
import { late, other } from './late-name.mjs';

const options = { metric: 'loss', mode: 'min', executor: threads({ workers: 1 }), verbose: 0 };
const first = await run(late, options);
const second = await run(other, { ...options, executor: threads({ workers: 1 }) });
console.log(JSON.stringify([first.getBestResult().metrics.loss, second.getBestResult().metrics.loss]));
