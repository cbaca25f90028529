// The quickstart: tunes a small convolutional network on handwritten digits in two worker threads, then uses the best checkpoint.
// Every worker imports this file up to `fit()`: what stands above it runs in each of them, what stands below in the main thread only.
import type { Tensor } from '@tensorflow/tfjs';
import { defineTrainable, loguniform, Tuner, threads, uniform } from 'attune';
import { asha } from 'attune/schedulers';
import { loadModel, tfjsTrainable, useBackend } from 'attune/tfjs';
import { accuracy, asText, type Digits, digits } from './data/digits.ts';

const backend = 'wasm';

const { tf, device = 'CPU' } = await useBackend({ backend }); // a backend that does not work is an error here, before any trial
const small = process.env['ATTUNE_QUICKSTART'] === 'small';
const epochs = small ? 4 : 8;
const held = digits('testing', 8_000, small ? 500 : 2_000); // no trial trains on these

const samples = ({ images, labels, count }: Digits) => ({
  x: { values: images, shape: [count, 28, 28, 1] },
  y: { values: labels, shape: [count] },
});

export const trainMnist = defineTrainable(
  import.meta.url,
  tfjsTrainable({
    backend,
    data: () => ({ ...samples(digits('training', 0, small ? 1_000 : 4_000)), validation: samples(held) }),
    build(config: { lr: number; dropout: number }) {
      const { conv2d, maxPooling2d, flatten, dropout, dense } = tf.layers;
      const convolution = { kernelSize: 5, activation: 'relu', kernelInitializer: 'heNormal' } as const;
      const model = tf.sequential({
        layers: [
          conv2d({ inputShape: [28, 28, 1], filters: 8, ...convolution }),
          maxPooling2d({ poolSize: 2 }),
          conv2d({ filters: 16, ...convolution }),
          maxPooling2d({ poolSize: 2 }),
          flatten(),
          dropout({ rate: config.dropout }),
          dense({ units: 10, activation: 'softmax' }),
        ],
      });
      model.compile({ optimizer: tf.train.adam(config.lr), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
      return model;
    },
    fit: { epochs, batchSize: 64 },
  }),
  { name: 'trainMnist' },
);

const tuner = new Tuner(trainMnist, {
  paramSpace: { lr: loguniform(1e-4, 1e-1), dropout: uniform(0, 0.5) },
  tuneConfig: { metric: 'val_acc', mode: 'max', numSamples: 12, scheduler: asha({ maxT: epochs, reductionFactor: 2 }), seed: 11 },
  runConfig: { executor: threads({ workers: 2 }) },
});
const grid = await tuner.fit();

const { config, metrics, checkpoint } = grid.getBestResult();
if (!checkpoint) throw new Error('expected the best trial to have a checkpoint');
const reported = Number(metrics['val_acc']);
const model = await loadModel(checkpoint);
const guesses = await tf.tidy(() => (model.predict(tf.tensor4d(held.images, [held.count, 28, 28, 1])) as Tensor).argMax(1)).data();
const again = accuracy(guesses, held);
const threadIds = new Set([...grid].map((result) => result.metrics.thread_id));
console.log(
  `\nbest of ${grid.length} trials in ${threadIds.size} threads on ${backend} (${device}): lr ${config.lr.toPrecision(2)}, dropout ${config.dropout.toFixed(2)}`,
);
console.log(`accuracy on ${held.count} digits that no trial trained on: reported ${reported.toFixed(4)}, measured again ${again.toFixed(4)}`);
console.log(`\n${asText(held, 0)}\nthis is a ${guesses[0]}`);
if (Math.abs(again - reported) > 5e-3) throw new Error('expected the checkpoint to be as good as reported');
if (again < (small ? 0.85 : 0.95)) throw new Error('expected a better network');
