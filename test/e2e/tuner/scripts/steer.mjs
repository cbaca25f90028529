// Steers trials in worker threads by hand, and prints how they ended. The workers import it too, and pass the calls above fit().
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { defineTrainable, hooks, isTrialWorker, Tuner, threads, uniform } from 'attune';

const train = defineTrainable(import.meta.url, async function train({ x }, trial) {
  let weights = trial.checkpoint ? readFileSync(join(trial.checkpoint.path, 'weights'), 'utf8') : String(x);
  for (let step = trial.iteration; step < 20 || x > 0.9; step++) {
    weights = createHash('sha256').update(weights).digest('hex'); // each step is made of the one before
    await trial.report({ loss: x, weights }, { checkpoint: (dir) => writeFileSync(join(dir, 'weights'), weights) });
  }
});

const dir = process.argv[2] ?? 'unused';
const ids = [];
const tuner = new Tuner(train, {
  paramSpace: { x: uniform(0, 1) },
  tuneConfig: { metric: 'loss', mode: 'min', numSamples: 1, seed: 7, pointsToEvaluate: [{ x: 0.125 }] },
  runConfig: {
    ...{ name: basename(dir), storagePath: dirname(dir), verbose: 0, executor: threads({ workers: 2 }) },
    callbacks: [
      hooks({
        async onTrialReport({ name }, { training_iteration: step }) {
          if (name === ids[0] && step === 2) await tuner.pauseTrial(name, 'makes room');
          if (name === ids[1] && step === 50) await tuner.stopTrial(name, 'never ends');
        },
        async onTrialComplete({ id }) {
          if (id === 2) await tuner.resumeTrial(ids[0]); // the preset
        },
      }),
    ],
  },
});
if (!isTrialWorker) ids.push(await tuner.enqueue({ x: 0.5 }));
ids.push(await tuner.enqueue({ x: 0.95 }));
const grid = await tuner.fit();
process.stdout.write(
  `${JSON.stringify([...grid].map(({ config, status, reason, metrics }) => ({ x: config.x, status, reason, step: metrics.training_iteration, weights: metrics.weights })))}\n`,
);
