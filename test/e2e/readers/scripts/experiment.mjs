// DIR: an experiment with everything that a log has to stand. Trial 1 fails, trial 2 is stopped.
import { writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { choice, defineTrainable, loguniform, Tuner, threads, uniform } from 'attune';

export const train = defineTrainable(import.meta.url, async function train({ lr, net }, trial) {
  const index = Number(trial.id.split('_')[1]);
  for (let step = 1; step <= 5; step++) {
    if (index === 1 && step === 4) throw new Error('no, "never",\nagain');
    const loss = [lr / step, Number.NaN, Infinity, -Infinity, -lr * step][step - 1];
    const odd = { 'with/slash': step, 'with.dot': 1e300 / step, 'with,comma': step / 3, 'with"quote': -step, 'with\nnewline': 2 ** 53 + step };
    const late = step >= 3 ? { late: step * net.dropout, note: `step ${step}, "quoted"\nand on two lines`, flag: step === 4 } : {};
    const save = (dir) => writeFileSync(join(dir, 'state'), String(step));
    await trial.report({ loss, index, eval: { accuracy: 1 - lr, deep: { er: step } }, ...odd, ...late, list: [1, step] }, step % 2 ? { checkpoint: save } : {});
  }
});

const dir = process.argv[2];
const tuner = new Tuner(train, {
  paramSpace: {
    lr: loguniform(1e-4, 1e-1),
    act: choice(['relu', 'tanh']),
    net: { layers: choice([[32], [64, 32]]), dropout: uniform(0, 0.5), bias: choice([true]) },
  },
  tuneConfig: { metric: 'index', mode: 'max', numSamples: 4, seed: 3 },
  runConfig: {
    ...{ name: basename(dir), storagePath: dirname(dir), verbose: 0, executor: threads({ workers: 2 }) },
    stop: { index: 2 },
  },
});
await tuner.fit();
