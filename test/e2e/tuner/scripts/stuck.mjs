// DIR VERBOSE: a trial that says so after its first report, and never ends.
import { writeSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { defineTrainable, isTrialWorker, run, threads } from 'attune';

const train = defineTrainable(import.meta.url, async function train(_, trial) {
  await trial.report({ loss: 1 });
  writeSync(2, 'stuck\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});

if (!isTrialWorker) {
  const [, , dir, verbose = '1'] = process.argv;
  const where = { storagePath: dirname(dir), name: basename(dir) };
  await run(train, { metric: 'loss', mode: 'min', ...where, verbose: Number(verbose), stopGraceS: 0.1, executor: threads({ workers: 1 }) });
}
