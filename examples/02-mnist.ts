// The quickstart: tunes a small network on handwritten digits in two worker threads, then uses the best checkpoint.
// Every worker imports this file up to `fit()`: what stands above it runs in each of them, what stands below in the main thread only.
import type { LayersModel, Tensor } from '@tensorflow/tfjs';
import { choice, defineTrainable, loguniform, Tuner, threads } from 'attune';
import { asha } from 'attune/schedulers';
import { loadModel, saveModel, useBackend } from 'attune/tfjs';
import { accuracy, asText, digits } from './data/digits.ts';

const small = process.env['ATTUNE_QUICKSTART'] === 'small';
const { tf } = await useBackend({ backend: 'wasm' });
const held = digits('testing', 8_000, 2_000); // no trial trains on these

const pixels = ({ images, count }: typeof held) => tf.tensor2d(images, [count, 784]);
const classify = (model: LayersModel) => tf.tidy(() => (model.predict(pixels(held)) as Tensor).argMax(1).dataSync());

function network(config: { lr: number; momentum: number }, seed: number): LayersModel {
  const kernelInitializer = tf.initializers.heNormal({ seed });
  const hidden = tf.layers.dense({ inputShape: [784], units: 64, activation: 'relu', kernelInitializer });
  const model = tf.sequential({ layers: [hidden, tf.layers.dense({ units: 10, activation: 'softmax', kernelInitializer })] });
  model.compile({ optimizer: tf.train.momentum(config.lr, config.momentum), loss: 'sparseCategoricalCrossentropy' });
  return model;
}

export const trainMnist = defineTrainable(import.meta.url, async function trainMnist(config: { lr: number; momentum: number }, trial) {
  const seen = digits('training', 0, small ? 2_000 : 16_000);
  const [x, y] = [pixels(seen), tf.tensor1d([...seen.labels])];
  const model = trial.checkpoint ? await loadModel(trial.checkpoint) : network(config, trial.seed);
  try {
    for (let epoch = trial.iteration; epoch < 6; epoch++) {
      await model.fit(x, y, { epochs: 1, batchSize: 64, shuffle: false, verbose: 0 });
      await trial.report({ mean_accuracy: accuracy(classify(model), held) }, { checkpoint: (dir) => saveModel(model, dir, { includeOptimizer: true }) });
    }
  } finally {
    tf.dispose([x, y]); // the worker goes on to another trial
    tf.disposeVariables();
  }
});

const tuner = new Tuner(trainMnist, {
  paramSpace: { lr: loguniform(1e-3, 1e-1), momentum: choice([0.8, 0.9, 0.99]) },
  tuneConfig: { metric: 'mean_accuracy', mode: 'max', numSamples: 12, scheduler: asha({ maxT: 6, reductionFactor: 2 }), seed: 11 },
  runConfig: { executor: threads({ workers: 2 }) },
});
const grid = await tuner.fit();

const { config, metrics, checkpoint } = grid.getBestResult();
if (!checkpoint) throw new Error('expected the best trial to have a checkpoint');
const guesses = classify(await loadModel(checkpoint));
const again = accuracy(guesses, held);
const threadIds = new Set([...grid].map((result) => result.metrics.thread_id));
console.log(`\nbest of ${grid.length} trials in ${threadIds.size} threads: lr ${config.lr.toPrecision(2)}, momentum ${config.momentum}`);
console.log(`accuracy on ${held.count} digits that no trial trained on: reported ${metrics['mean_accuracy']}, measured again ${again}`);
console.log(`\n${asText(held, 0)}\nthis is a ${guesses[0]}`);
if (Math.abs(again - Number(metrics['mean_accuracy'])) > 1e-6) throw new Error('expected the checkpoint to be as good as reported');
if (again < (small ? 0.85 : 0.95)) throw new Error('expected a better network');
