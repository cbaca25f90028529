// Analyse a finished experiment: tunes a small network on handwritten digits, then reads the directory as if it were another day and
// another script: everything from `fromDirectory` on needs neither the Tuner nor the trainable. Step by step in docs/analyse.md.
import { writeFileSync } from 'node:fs';
import type { Tensor } from '@tensorflow/tfjs';
import { defineTrainable, exportTable, gridSearch, loguniform, ResultGrid, Tuner, threads } from 'attune';
import { plotLearningCurves } from 'attune/analysis';
import { loadModel, tfjsTrainable, useBackend } from 'attune/tfjs';
import { asText, type Digits, digits } from './data/digits.ts';

const backend = 'wasm';

const { tf } = await useBackend({ backend });
const small = process.env['ATTUNE_QUICKSTART'] === 'small';
const samples = ({ images, labels, count }: Digits) => ({ x: { values: images, shape: [count, 784] }, y: { values: labels, shape: [count] } });

type Params = { lr: number; momentum: number };
type Metrics = { val_acc: number; val_loss: number };

export const trainMnist = defineTrainable(
  import.meta.url,
  tfjsTrainable({
    backend,
    data: () => ({ ...samples(digits('training', 0, small ? 500 : 4_000)), validation: samples(digits('testing', 0, small ? 200 : 2_000)) }),
    build(config: Params) {
      const model = tf.sequential();
      model.add(tf.layers.dense({ inputShape: [784], units: 32, activation: 'relu', kernelInitializer: 'heNormal' }));
      model.add(tf.layers.dense({ units: 10, activation: 'softmax' }));
      model.compile({ optimizer: tf.train.momentum(config.lr, config.momentum), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
      return model;
    },
    fit: { epochs: 20, batchSize: 64 },
  }),
  { name: 'trainMnist' },
);

const epochs = small ? 5 : 20;
const tuner = new Tuner(trainMnist, {
  paramSpace: { lr: loguniform(0.001, 0.1), momentum: gridSearch([0.8, 0.9, 0.99]) },
  tuneConfig: { metric: 'val_acc', mode: 'max', numSamples: 3, seed: 8 },
  runConfig: {
    name: 'tune_analyzing_results',
    onExisting: 'resume', // a second run of this script finds the trials done
    stop: { training_iteration: epochs },
    checkpointConfig: { scoreAttribute: 'val_acc', numToKeep: 5 },
    executor: threads({ workers: 2 }),
  },
});
const { experimentPath } = await tuner.fit();

// --- Loading results from the directory ---
const grid = ResultGrid.fromDirectory<Params, Metrics>(experimentPath);
console.log(`\n${grid.summary()}`);

// --- The experiment: working with the grid ---
console.log(grid.hasErrors ? 'one of the trials failed!' : 'no errors!');
console.log(`number of results: ${grid.length}`);
for (const [i, result] of [...grid].entries()) {
  if (result.error) console.log(`trial ${i} had an error: ${result.error.message}`);
  else console.log(`trial ${i} ended ${result.status} with an accuracy of ${result.metrics.val_acc}`);
}

const table = grid.getDataFrame();
table.select('training_iteration', 'val_acc').print();
console.log(table.rollup({ shortest: 'd => op.min(d.time_total_s)', longest: 'd => op.max(d.time_total_s)' }).object());
const peaks = grid.getDataFrame({ filterMetric: 'val_acc', filterMode: 'max' });
peaks.select('training_iteration', 'val_acc').print();
await exportTable(grid.getDataFrame({ rows: 'all' }), `${experimentPath}/every-report.csv`);

// --- One trial: working with a result ---
const best = grid.getBestResult();
const worst = grid.getBestResult({ metric: 'val_acc', mode: 'min' });
console.log(`best: ${best.metrics.val_acc}, worst: ${worst.metrics.val_acc}`);
console.log(best.config);
console.log(best.path);
console.log(best.checkpoint);
console.log(best.metrics);
const history = best.metricsDataFrame();
history.select('training_iteration', 'val_acc', 'time_total_s').print();
console.log(`${history.numRows()} rows x 3 columns`);

// --- Learning curves: of the best trial, then of all of them with labels from the configuration ---
const curve = plotLearningCurves(history, { x: 'training_iteration', y: 'val_acc' });
const curves = plotLearningCurves(grid.getDataFrame({ rows: 'all' }), {
  y: 'val_acc',
  label: ({ lr, momentum }) => `lr=${Number(lr).toFixed(3)}, momentum=${momentum}`,
  title: 'Accuracy vs. training iteration for all trials',
  yTitle: 'Test accuracy',
});
writeFileSync(`${experimentPath}/learning-curve.png`, await curve.png());
writeFileSync(`${experimentPath}/learning-curves.svg`, await curves.svg());
writeFileSync(`${experimentPath}/learning-curves.html`, await curves.html()); // to be pointed at, and zoomed

// --- The checkpoint: a model that predicts ---
if (!best.checkpoint) throw new Error('expected the best trial to have a checkpoint');
const sample = digits('testing', 9_000, 1); // no trial has seen it
const model = await loadModel(best.checkpoint);
const [predicted] = await tf.tidy(() => (model.predict(tf.tensor2d(sample.images, [1, 784])) as Tensor).argMax(1)).data();
console.log(`${asText(sample, 0)}\npredicted class: ${predicted}, in truth: ${sample.labels[0]}`);
if (grid.length !== 9 || grid.hasErrors || history.numRows() !== epochs) throw new Error('expected 9 trials that ran to their end');
