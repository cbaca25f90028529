import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineTrainable, inline, isTrialWorker, Tuner, threads, uniform } from 'attune';

// Three trials of three reports each. The second report of each waits until there is a file `go` in the folder, when it has to.
const { FOLDER = '.', VERBOSE = '1', EXECUTOR = 'threads', WAIT } = process.env;
console.log(isTrialWorker ? 'top level, worker' : 'top level');

export const train = defineTrainable(
  import.meta.url,
  async ({ x }, trial) => {
    for (let step = 1; step <= 3; step++) {
      console.log('trial prints', step);
      process.stdout.write('in ');
      process.stdout.write('parts\n');
      process.stderr.write(`trial warns ${step}\nand does not end its line`);
      while (WAIT && step === 2 && !existsSync(join(FOLDER, 'go')) && !trial.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
      await trial.report({ loss: x / step });
    }
  },
  { name: 'train' },
);

if (!isTrialWorker) {
  const printing = {
    name: 'printing',
    onEvent: ({ kind, step }) => {
      if (kind === 'reported') console.log(`main prints ${step}`);
      if (kind === 'reported' && step === 3) process.stdout.write('a part '); // of a line that goes on
      if (kind === 'reported' && step === 2) process.emitWarning('careful');
      if (kind === 'completed') process.stdout.write('and its end\n');
    },
  };
  const grid = await new Tuner(train, {
    paramSpace: { x: uniform(0, 1) },
    tuneConfig: { metric: 'loss', mode: 'min', numSamples: 3, seed: 1 },
    runConfig: {
      storagePath: FOLDER,
      name: 'run',
      verbose: Number(VERBOSE),
      callbacks: process.env.SILENT ? [] : [printing],
      executor: EXECUTOR === 'threads' ? threads({ workers: 2 }) : inline({ workers: 2 }),
    },
  }).fit();
  console.log(JSON.stringify(grid.getBestResult().config));
  await new Promise((resolve) => setImmediate(resolve)); // a print that fails says so later
  writeFileSync(join(FOLDER, 'done'), JSON.stringify([...grid].map(({ status }) => status)));
}
