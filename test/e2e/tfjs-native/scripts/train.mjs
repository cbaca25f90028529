// Trains a small convnet and a small dense net on tfjs-node and on cpu, with the executor that its argument names; prints the losses.

import { threadId } from 'node:worker_threads';
import { defineTrainable, gridSearch, inline, processes, Tuner, threads } from 'attune';
import { useBackend } from 'attune/tfjs';

const SIZE = 48;
const wave = (count, step) => Float32Array.from({ length: count }, (_, i) => Math.sin(step * i) * Math.cos(i / 7));

function build(tf, net) {
  const seeded = (seed) => ({ kernelInitializer: tf.initializers.glorotUniform({ seed }) });
  const head = [tf.layers.flatten(), tf.layers.dense({ units: 3, activation: 'softmax', ...seeded(3) })];
  const input = { inputShape: [8, 8, 2] };
  const conv = [
    tf.layers.conv2d({ ...input, filters: 4, kernelSize: 3, activation: 'relu', padding: 'same', ...seeded(1) }),
    tf.layers.maxPooling2d({ poolSize: 2 }),
    tf.layers.conv2d({ filters: 6, kernelSize: 3, strides: 2, ...seeded(2) }),
    tf.layers.batchNormalization(),
  ];
  const dense = [tf.layers.flatten(input), tf.layers.dense({ units: 16, activation: 'tanh', ...seeded(1) })];
  const model = tf.sequential({ layers: net === 'conv' ? [...conv, ...head] : [...dense, ...head.slice(1)] });
  model.compile({ optimizer: tf.train.adam(0.01), loss: 'categoricalCrossentropy' });
  return model;
}

export const train = defineTrainable(import.meta.url, async function train({ net, backend }, trial) {
  const { tf } = await useBackend({ backend });
  const model = build(tf, net);
  const x = tf.tensor4d(wave(SIZE * 128, 0.37), [SIZE, 8, 8, 2]);
  const labels = Array.from({ length: SIZE }, (_, i) => i % 3);
  const y = tf.oneHot(tf.tensor1d(labels, 'int32'), 3);
  const { history } = await model.fit(x, y, { epochs: 3, batchSize: 16, shuffle: false, verbose: 0 });
  const [first, second, loss] = history.loss;
  await trial.report({ first, second, loss, worker: `${process.pid}/${threadId}` });
});

const [, , kind, storagePath] = process.argv;
if (kind !== undefined) {
  const grid = await new Tuner(train, {
    paramSpace: { net: gridSearch(['conv', 'dense']), backend: gridSearch(['tfjs-node', 'cpu']) },
    tuneConfig: { metric: 'loss', mode: 'min', seed: 1 },
    runConfig: { name: kind, storagePath, executor: { inline, threads, processes }[kind](kind === 'inline' ? {} : { workers: 2 }), verbose: 0 },
  }).fit();
  const results = [...grid].map(({ config, metrics, error }) => ({ ...config, ...metrics, error: error?.message }));
  console.log(JSON.stringify(results));
}
