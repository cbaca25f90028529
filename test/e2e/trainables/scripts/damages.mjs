// A trial that fails after its third report, when something has happened to its newest checkpoint: prints from which iterations, and with what, it started.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineTrainable, isTrialWorker, Tuner, threads } from 'attune';

export const damaged = defineTrainable(
  import.meta.url,
  async (_, trial) => {
    const state = trial.checkpoint ? readFileSync(join(trial.checkpoint.path, 'state'), 'utf8') : '0';
    appendFileSync(join(trial.dir, 'starts'), `${trial.iteration}=${state} `);
    const isFirst = trial.iteration === 0;
    for (let step = trial.iteration + 1; step <= 4; step++) {
      await trial.report({ loss: step }, { checkpoint: (dir) => writeFileSync(join(dir, 'state'), String(step)) });
      if (step !== 3 || !isFirst) continue;
      writeFileSync(join(trial.dir, 'checkpoint_000002', 'state'), '9');
      throw new Error('this trial fails');
    }
  },
  { name: 'damaged' },
);

if (!isTrialWorker) {
  const runConfig = { executor: threads({ workers: 1 }), storagePath: 'results', verbose: 0, failureConfig: { maxFailures: 1 } };
  const grid = await new Tuner(damaged, { tuneConfig: { metric: 'loss', mode: 'min' }, runConfig }).fit();
  const result = grid.get(0);
  await result.checkpoint.verify();
  console.log(JSON.stringify({ status: result.status, starts: readFileSync(join(result.path, 'starts'), 'utf8').trim() }));
}
