// Trials that end their process in every way, once each: what is left is tried again, from its checkpoint.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineTrainable, gridSearch, processes, run } from 'attune';

const ends = {
  exit: () => process.exit(3),
  'a segfault': () => process.kill(process.pid, 'SIGSEGV'),
  'an abort': () => process.abort(),
  'the kill of an out-of-memory killer': () => process.kill(process.pid, 'SIGKILL'),
  'an error in a timer': () => {
    setTimeout(() => {
      throw new Error('from a timer');
    });
    return new Promise(() => {});
  },
};
const crashes = defineTrainable(
  import.meta.url,
  async ({ way, again }, trial) => {
    const mark = join(trial.dir, 'crashed');
    for (let step = trial.iteration + 1; step <= 4; step++) {
      await trial.report({ loss: step, pid: process.pid }, { checkpoint: (dir) => writeFileSync(join(dir, 'step'), String(step)) });
      if (step !== 2 || (existsSync(mark) && !again)) continue;
      writeFileSync(mark, '');
      await ends[way]();
    }
  },
  { name: 'crashes' },
);

const retried = [];
const onEvent = (event) => event.kind === 'retried' && retried.push(event.error.message);
const options = { metric: 'loss', mode: 'max', verbose: 0, callbacks: [{ name: 'retries', onEvent }] };
const once = await run(crashes, {
  ...options,
  config: { way: gridSearch(Object.keys(ends)), again: false },
  failureConfig: { maxFailures: 1 },
  executor: processes({ workers: 2 }),
});
const always = await run(crashes, { ...options, config: { way: gridSearch(Object.keys(ends)), again: true }, executor: processes({ workers: 2 }) });
console.log(
  JSON.stringify({
    driver: process.pid,
    retried,
    once: [...once].map(({ status, metrics }) => [status, metrics.loss, metrics.training_iteration, metrics.iterations_since_restore]),
    pids: [...once].map((result) => [...new Set(result.metricsDataFrame().array('pid'))]),
    always: [...always].map(({ config, error }) => [config.way, error.code, error.message]),
  }),
);
