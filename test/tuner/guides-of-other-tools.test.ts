import { existsSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { random } from '../../algorithms/random.ts';
import { asha } from '../../schedulers/asha.ts';
import { gridSearch, loguniform, run, type TrialContext, Tuner, uniform } from '../../src/index.ts';
import { temporaryStorage } from './temporary-storage.ts';

const storagePath = temporaryStorage();
const quiet = { storagePath, verbose: 0 } as const;

interface MnistConfig {
  lr: number;
  momentum: number;
  should_checkpoint: boolean;
}

/** Ten reports; the accuracy rises with the momentum, and its best value comes before the last one. */
async function trainMnist({ momentum, should_checkpoint }: MnistConfig, trial: TrialContext<{ mean_accuracy: number; should_checkpoint: boolean }>) {
  for (let epoch = trial.iteration; ; epoch++) {
    const mean_accuracy = momentum - Math.abs(epoch - 7) / 100 - trial.seed / 2 ** 60;
    const saver = { checkpoint: (dir: string) => writeFileSync(join(dir, 'model.json'), String(epoch)) };
    await trial.report({ mean_accuracy, should_checkpoint }, should_checkpoint ? saver : {});
  }
}

test('the guide to results, from start to end', async () => {
  const tuner = new Tuner(trainMnist, {
    paramSpace: { lr: loguniform(0.001, 0.1), momentum: gridSearch([0.8, 0.9, 0.99]), should_checkpoint: true },
    runConfig: {
      ...quiet,
      name: 'tune_analyzing_results',
      stop: { training_iteration: 10 },
      checkpointConfig: { scoreAttribute: 'mean_accuracy', numToKeep: 5 },
    },
    tuneConfig: { mode: 'max', metric: 'mean_accuracy', numSamples: 3 },
  });
  await tuner.fit();

  const experimentPath = join(storagePath, 'tune_analyzing_results');
  const grid = await (await Tuner.restore(experimentPath, trainMnist)).getResults();
  expect(grid.experimentPath).toBe(experimentPath);
  expect(grid.hasErrors).toBe(false);
  expect(grid.length).toBe(9);
  for (const [i, result] of [...grid].entries()) {
    expect(result.error).toBeUndefined();
    expect(result).toBe(grid.at(i));
    expect(result.metrics.mean_accuracy).toBeCloseTo(result.config.momentum - 0.02, 3);
    expect(result.metrics.done).toBe(true);
  }

  const table = grid.getDataFrame();
  expect(table.select('training_iteration', 'mean_accuracy').columnNames()).toEqual(['training_iteration', 'mean_accuracy']);
  const times = table.array('time_total_s') as number[];
  const { shortest, longest } = table.rollup({ shortest: 'd => op.min(d.time_total_s)', longest: 'd => op.max(d.time_total_s)' }).object(0) as never;
  expect([shortest, longest]).toEqual([Math.min(...times), Math.max(...times)]);
  const best = grid.getDataFrame({ filterMetric: 'mean_accuracy', filterMode: 'max' });
  expect(new Set(best.array('training_iteration'))).toEqual(new Set([8]));
  expect(table.toCSV().trim().split('\n')).toHaveLength(10);

  const winner = grid.getBestResult();
  expect(winner.config).toEqual({ lr: winner.config.lr, momentum: 0.99, should_checkpoint: true });
  expect(grid.getBestResult({ metric: 'mean_accuracy', mode: 'min' }).config.momentum).toBe(0.8);
  expect(existsSync(join(winner.path, 'result.json')) && existsSync(join(winner.path, 'progress.csv'))).toBe(true);
  expect(winner.checkpoint?.path).toBe(join(winner.path, 'checkpoint_000009'));
  expect([winner.metricsDataFrame().numRows(), winner.metricsDataFrame().select('training_iteration', 'mean_accuracy').numCols()]).toEqual([10, 2]);
  expect(await winner.checkpoint?.withDirectory((dir) => readFile(join(dir, 'model.json'), 'utf8'))).toBe('9');
});

test('the tour of 60 seconds, from start to end', async () => {
  const train = async ({ lr }: { lr: number; momentum: number }, trial: TrialContext<{ accuracy: number }>) => {
    for (let step = trial.iteration; ; step++) await trial.report({ accuracy: lr * (step + 1) });
  };
  const grid = await run(train, {
    ...quiet,
    config: { lr: uniform(0, 1), momentum: uniform(0, 1) },
    metric: 'accuracy',
    mode: 'max',
    numSamples: 20,
    searchAlg: random(),
    scheduler: asha({ maxT: 20, gracePeriod: 5 }),
    stop: { training_iteration: 20 },
  });
  expect(grid.length).toBe(20);
  expect(grid.numTerminated).toBe(20);
  expect(grid.getBestConfig()).toBe(grid.getBestResult().config);
  expect(grid.getDataFrame({ filterMetric: 'accuracy', filterMode: 'max' }).numRows()).toBe(20);
});

test('a sweep of 18 runs, grouped and aggregated', async () => {
  const paramSpace = { model: { num_units: gridSearch([2, 3, 4]) }, optimizer: { lr: gridSearch([10, 1]) }, seed: gridSearch([1, 2, 3]) };
  const train = ({ model, optimizer, seed }: { model: { num_units: number }; optimizer: { lr: number }; seed: number }) => ({
    train: { loss: Math.abs(optimizer.lr - (model.num_units === 3 ? 10 : 1)) + seed },
  });
  const grid = await new Tuner(train, { paramSpace, tuneConfig: { metric: 'train/loss', mode: 'min' }, runConfig: quiet }).fit();
  expect(grid.length).toBe(18);
  const table = grid.getDataFrame();
  expect(table.groupby('config/optimizer/lr').count().array('count')).toEqual([9, 9]);
  const means = table.groupby('config/model/num_units', 'config/optimizer/lr').rollup({ mean_loss: "d => op.mean(d['train/loss'])" });
  const best = means.groupby('config/model/num_units').filter('d => d.mean_loss === op.min(d.mean_loss)').ungroup().orderby('config/model/num_units');
  expect(best.objects()).toEqual([2, 3, 4].map((n) => ({ 'config/model/num_units': n, 'config/optimizer/lr': n === 3 ? 10 : 1, mean_loss: 2 })));
});

test('the tables of a paper', async () => {
  const paramSpace = { model: gridSearch(['tree', 'forest']), lr: gridSearch([0.5, 1]) };
  const train = ({ model, lr }: { model: string; lr: number }) => ({ accuracy: (model === 'tree' ? 0.12345 : 0.98765) * lr });
  const grid = await new Tuner(train, { paramSpace, tuneConfig: { metric: 'accuracy', mode: 'max' }, runConfig: quiet }).fit();
  const named = grid.getDataFrame().derive({ nice_name: "d => d['config/model'] + ' ' + d['config/lr']", accuracy: 'd => op.round(d.accuracy * 1000) / 1000' });
  const table = named.orderby((d: { accuracy: number }) => -d.accuracy).select('nice_name', 'accuracy');
  expect(table.objects()).toEqual([
    { nice_name: 'forest 1', accuracy: 0.988 },
    { nice_name: 'forest 0.5', accuracy: 0.494 },
    { nice_name: 'tree 1', accuracy: 0.123 },
    { nice_name: 'tree 0.5', accuracy: 0.062 },
  ]);
  const best = named.groupby('config/model').filter('d => d.accuracy === op.max(d.accuracy)').ungroup();
  expect(best.array('nice_name').sort()).toEqual(['forest 1', 'tree 1']);
  expect(table.toHTML()).toContain('forest 1');
});
