import type { layers, Optimizer, Tensor } from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { TensorFlow } from '../../../src/tfjs/tensor-flow.ts';
import { useBackend } from '../../../src/tfjs/use-backend.ts';
import { LOSSES } from './losses.ts';
import { numbers } from './on-both.ts';

type Layer = layers.Layer;
type Model = readonly [name: string, input: readonly number[], build: (tf: TensorFlow) => readonly Layer[]];
const ACTIVATIONS = [
  'elu',
  'hardSigmoid',
  'linear',
  'relu',
  'relu6',
  'selu',
  'sigmoid',
  'softmax',
  'softplus',
  'softsign',
  'tanh',
  'swish',
  'mish',
  'gelu',
] as const;

const MODELS: readonly Model[] = [
  [
    'a convnet',
    [8, 8, 2],
    ({ layers }) => [
      layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.conv2d({ filters: 6, kernelSize: 3, padding: 'same', strides: 2 }),
      layers.batchNormalization(),
      layers.reLU(),
      layers.flatten(),
      layers.dropout({ rate: 0.4, seed: 7 }),
    ],
  ],
  [
    'a convnet of separable and depthwise convolutions',
    [8, 8, 2],
    ({ layers }) => [
      layers.separableConv2d({ filters: 4, kernelSize: 3, depthMultiplier: 2, padding: 'same', activation: 'elu' }),
      layers.averagePooling2d({ poolSize: 2 }),
      layers.depthwiseConv2d({ kernelSize: 3, strides: [2, 2], padding: 'same' }),
      layers.batchNormalization(),
      layers.conv2d({ filters: 5, kernelSize: 1, activation: 'relu6' }),
      layers.globalAveragePooling2d({}),
    ],
  ],
  [
    'an hourglass',
    [6, 6, 1],
    ({ layers }) => [
      layers.conv2d({ filters: 3, kernelSize: 3, strides: 2, padding: 'same', activation: 'tanh' }),
      layers.conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2, padding: 'same' }),
      layers.leakyReLU({ alpha: 0.1 }),
      layers.upSampling2d({ size: [2, 2] }),
      layers.zeroPadding2d({ padding: 1 }),
      layers.globalMaxPooling2d({}),
    ],
  ],
  [
    'convolutions along time',
    [9, 3],
    ({ layers }) => [
      layers.conv1d({ filters: 4, kernelSize: 3, activation: 'relu' }),
      layers.maxPooling1d({ poolSize: 2 }),
      layers.layerNormalization(),
      layers.flatten(),
    ],
  ],
  [
    'an LSTM',
    [5, 3],
    ({ layers }) => [
      layers.lstm({ units: 6, recurrentInitializer: 'glorotNormal', returnSequences: true }),
      layers.lstm({ units: 4, recurrentInitializer: 'glorotNormal' }),
    ],
  ],
  ['a GRU', [5, 3], ({ layers }) => [layers.gru({ units: 6, recurrentInitializer: 'glorotNormal', recurrentActivation: 'sigmoid' })]],
  [
    'a bidirectional RNN',
    [5, 3],
    ({ layers }) => [layers.bidirectional({ layer: layers.simpleRNN({ units: 4, recurrentInitializer: 'glorotNormal' }) as layers.RNN, mergeMode: 'concat' })],
  ],
  ['an embedding', [6], ({ layers }) => [layers.embedding({ inputDim: 10, outputDim: 4 }), layers.lstm({ units: 4, recurrentInitializer: 'glorotNormal' })]],
  ...ACTIVATIONS.map((activation): Model => [`a dense net with ${activation}`, [6], ({ layers }) => [layers.dense({ units: 5, activation })]]),
];

interface Training {
  readonly model: Model;
  readonly optimizer: (tf: TensorFlow) => Optimizer;
  readonly loss: string;
}

/** The losses of a few epochs, once it has been seen that tensors and bytes are as many after it as before. */
async function train(backend: 'cpu' | 'wasm', { model: [name, input, build], optimizer, loss }: Training): Promise<readonly number[]> {
  const { tf } = await useBackend({ backend });
  const before = tf.memory();
  const count = 12;
  const model = tf.sequential({
    layers: [tf.layers.inputLayer({ inputShape: [...input] }), ...build(tf), tf.layers.dense({ units: 3, activation: 'softmax' })],
  });
  tf.tidy(() =>
    model.setWeights(
      model.weights.map((weight, i) =>
        /kernel|embeddings/.test(weight.name) ? tf.tensor(numbers(weight.read().size, i), weight.shape as number[]).mul(0.5) : weight.read(),
      ),
    ),
  );
  const made = optimizer(tf);
  model.compile({ optimizer: made, loss });
  const values = numbers(
    input.reduce((product, side) => product * side, count),
    3,
  );
  const x = tf.tensor(name === 'an embedding' ? values.map((value) => Math.abs(Math.round(value * 9))) : values, [count, ...input]);
  const y = tf.tidy(() =>
    loss === 'sparseCategoricalCrossentropy'
      ? tf.tensor1d(numbers(count, 5)).abs().mul(3).floor()
      : tf.oneHot(tf.range(0, count, 1, 'int32').mod(tf.scalar(3, 'int32')) as Tensor, 3).toFloat(),
  );
  const { history } = await model.fit(x, y, { epochs: 3, batchSize: 6, shuffle: false, verbose: 0 });
  tf.dispose([x, y]);
  model.dispose();
  made.dispose();
  if ('c' in made) tf.dispose(made.c as Tensor); // the learning rate, which momentum forgets
  tf.disposeVariables();
  const after = tf.memory();
  expect([after.numTensors, after.numBytes, after.numDataBuffers]).toEqual([before.numTensors, before.numBytes, before.numDataBuffers]);
  return history['loss'] as number[];
}

async function trainsAlike(training: Training): Promise<void> {
  const cpu = await train('cpu', training);
  const wasm = await train('wasm', training);
  expect(new Set(cpu).size).toBeGreaterThan(1);
  cpu.forEach((loss, epoch) => expect(Math.abs((wasm[epoch] as number) - loss)).toBeLessThanOrEqual(1e-4 * Math.max(1, Math.abs(loss))));
}

describe('trains on wasm as on cpu', () => {
  test.each(MODELS)('%s', async (...model) => {
    await trainsAlike({ model, optimizer: (tf) => tf.train.sgd(0.05), loss: 'categoricalCrossentropy' });
  });

  const CONVNET = MODELS[0] as Model;
  const OPTIMIZERS = {
    momentum: (tf) => tf.train.momentum(0.05, 0.9),
    adam: (tf) => tf.train.adam(0.01),
    adamax: (tf) => tf.train.adamax(0.01),
    rmsprop: (tf) => tf.train.rmsprop(0.01),
    adagrad: (tf) => tf.train.adagrad(0.05),
    adadelta: (tf) => tf.train.adadelta(0.5),
  } satisfies Record<string, Training['optimizer']>;
  test.each(Object.entries(OPTIMIZERS))('with %s', async (_, optimizer) => {
    await trainsAlike({ model: CONVNET, optimizer, loss: 'categoricalCrossentropy' });
  });

  test.each(LOSSES)('for %s', async (loss) => {
    await trainsAlike({ model: CONVNET, optimizer: (tf) => tf.train.sgd(0.01), loss });
  });
});
