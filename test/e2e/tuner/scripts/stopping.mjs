// With BY, EXECUTOR and FOLDER: three trials at once. Once the others work, the second report of the first ends the run; the second reports, with a checkpoint,
// when it is told; the third never ends.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineTrainable, gridSearch, hooks, inline, isTrialWorker, run, threads } from 'attune';
import { fifo } from 'attune/schedulers';

const { BY: by, EXECUTOR: executor } = process.env;
const works = (i) => join(process.env.FOLDER, `${by}-${executor}-${i}`);

const train = defineTrainable(import.meta.url, async function train({ i }, trial) {
  await trial.report({ loss: i });
  const alive = setInterval(() => {}, 1000);
  if (i > 0) writeFileSync(works(i), '');
  if (i === 2) await new Promise(() => {});
  if (i === 0) {
    while (!existsSync(works(1)) || !existsSync(works(2))) await new Promise((resolve) => setImmediate(resolve));
    await trial.report({ loss: i });
    if (by === 'timeBudgetS') await trial.report({ loss: i });
  }
  await new Promise((told) => (trial.signal.aborted ? told() : trial.signal.addEventListener('abort', told)));
  clearInterval(alive);
  if (i === 1) await trial.report({ loss: 42 }, { checkpoint: (dir) => writeFileSync(join(dir, 'state'), 'saved') });
});

if (!isTrialWorker) {
  const abort = new AbortController();
  const { now } = Date;
  const ways = {
    timeBudgetS: () => (Date.now = () => now() + 3_600_000),
    signal: () => abort.abort(new Error('enough')),
    SIGINT: () => process.kill(process.pid, 'SIGINT'),
  };
  const ending = {
    ...fifo(),
    name: 'ending',
    uses: ['end'],
    decide: (state, { kind, trial, step }) => ({
      state,
      decisions: kind === 'reported' && trial === 0 && step === 2 ? [{ kind: 'end', reason: 'enough' }] : [],
    }),
  };
  const grid = await run(train, {
    ...{
      config: { i: gridSearch([0, 1, 2]) },
      metric: 'loss',
      mode: 'min',
      storagePath: process.env.FOLDER,
      name: `${by}-${executor}`,
      verbose: 0,
      stopGraceS: 2,
    },
    executor: (executor === 'threads' ? threads : inline)({ workers: 3 }),
    ...(by === 'stopper' ? { scheduler: ending } : {}),
    ...(by === 'timeBudgetS' ? { timeBudgetS: 3600 } : {}),
    ...{ signal: abort.signal, callbacks: [hooks({ onTrialReport: ({ id, step }) => id === 0 && step === 2 && ways[by]?.() })] },
  });
  const trials = [...grid].map(({ status, metrics, checkpoint }) => [status, metrics?.loss, metrics?.training_iteration, checkpoint !== undefined]);
  console.log(JSON.stringify({ interrupted: grid.interrupted ?? null, path: grid.experimentPath, trials }));
  process.exit(); // inline leaves a trial that does not end to itself
}
