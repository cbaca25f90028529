import { AttuneError, choice, defineTrainable, loguniform, type Scheduler, Tuner } from 'attune';
import { random } from 'attune/algorithms';
import { paretoFront } from 'attune/analysis';
import { asha } from 'attune/schedulers';
import { branin } from 'attune/testing';
import { loadModel, saveModel } from 'attune/tfjs';

export const train = defineTrainable(import.meta.url, async function train(config: { lr: number; momentum: number }, trial) {
  await trial.report({ mean_accuracy: config.lr * config.momentum });
});

const tuner = new Tuner(train, {
  paramSpace: { lr: loguniform(1e-3, 1e-1), momentum: choice([0.8, 0.9, 0.99]) },
  tuneConfig: { metric: 'mean_accuracy', mode: 'max', numSamples: 3, searchAlg: random(), scheduler: asha({ maxT: 100 }), seed: 7 },
});

export const slow = async (): Promise<string> =>
  (await tuner.fit())
    .getDataFrame()
    .filter((trial) => trial.time_total_s > 60)
    .orderby('mean_accuracy')
    .toCSV();

export async function best(): Promise<{ lr: number; momentum: 0.8 | 0.9 | 0.99 }> {
  const grid = await tuner.fit({ signal: AbortSignal.timeout(1000) });
  return grid.getBestResult().config;
}

// @ts-expect-error: a space that lacks a key of the trainable's configuration
new Tuner(train, { paramSpace: { lr: loguniform(1e-3, 1e-1) } });

// @ts-expect-error: a metric without a mode
new Tuner(train, { paramSpace: { lr: 0.1, momentum: 0.9 }, tuneConfig: { metric: 'mean_accuracy' } });

export const mine: Scheduler<number> = {
  name: 'mine',
  uses: [],
  init: () => 0,
  decide: (state) => ({ state: state + 1, decisions: [] }),
};

export const used = [AttuneError, paretoFront([[branin.optimum.value]]), loadModel, saveModel] as const;
