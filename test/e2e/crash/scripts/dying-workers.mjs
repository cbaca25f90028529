// node dying-workers.mjs threads|processes: the worker of each trial dies twice: once after the second report, and once while it saves the fourth. Prints the trials as JSON.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { defineTrainable, processes, Tuner, threads, uniform } from 'attune';

function dieOnce(dir, when) {
  const mark = join(dir, `died-${when}`);
  if (existsSync(mark)) return;
  writeFileSync(mark, '');
  if (isMainThread)
    process.kill(process.pid, 'SIGKILL'); // a process of its own
  else process.exit(9);
}

const dying = defineTrainable(
  import.meta.url,
  async ({ x }, trial) => {
    const saved = trial.checkpoint ? JSON.parse(readFileSync(join(trial.checkpoint.path, 'state.json'), 'utf8')) : { step: 0 };
    if (saved.step !== trial.iteration) throw new Error(`goes on at ${trial.iteration} with the state of ${saved.step}`);
    for (let step = saved.step + 1; step <= 5; step++) {
      if (step === 3) dieOnce(trial.dir, 'reported');
      const checkpoint = (dir) => {
        writeFileSync(join(dir, 'state.json'), JSON.stringify({ step }));
        if (step === 4) dieOnce(trial.dir, 'saving');
      };
      await trial.report({ loss: x + 1 / step }, { checkpoint });
    }
  },
  { name: 'dying' },
);

const executor = { threads, processes }[process.argv[2]]({ workers: 2 });
const tuner = new Tuner(dying, {
  paramSpace: { x: uniform(0, 1) },
  tuneConfig: { metric: 'loss', mode: 'min', numSamples: 4, seed: 3 },
  runConfig: { name: 'dying', storagePath: process.cwd(), verbose: 0, failureConfig: { maxFailures: 2, backoffS: 0 }, executor },
});
const grid = await tuner.fit();
process.stdout.write(JSON.stringify([...grid].map(({ status, metrics }) => ({ status, step: metrics.training_iteration }))));
