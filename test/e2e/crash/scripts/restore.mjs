// node restore.mjs EXPERIMENT DIR: goes on with what was killed, to the end. Forked, it does so for each [EXPERIMENT, DIR] it is sent.
import { Tuner } from 'attune';
import { experiments } from './experiments.mjs';

async function restore([name, dir]) {
  const { trainable, scheduler, executor, own } = experiments[name];
  const again = own ? { tuneConfig: { scheduler: scheduler() } } : {};
  const tuner = await Tuner.restore(dir, trainable, { ...again, runConfig: { verbose: 0, executor: executor() } });
  const grid = await tuner.fit();
  return [...grid].map(({ status }) => status);
}

if (process.send) {
  process.on('message', (job) => {
    restore(job).then(
      (statuses) => process.send({ dir: job[1], statuses }),
      (error) => process.send({ dir: job[1], error: error.stack }),
    );
  });
} else {
  process.stdout.write(JSON.stringify(await restore(process.argv.slice(2))));
}
