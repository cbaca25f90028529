import type { layers, Rank, Tensor } from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { TensorFlow } from '../../../src/tfjs/tensor-flow.ts';
import { useBackend } from '../../../src/tfjs/use-backend.ts';
import { LOSSES } from './losses.ts';
import { alike, on } from './on-both.ts';

type Layers = (tf: TensorFlow) => readonly layers.Layer[];

const ACTIVATIONS = [
  ...(['elu', 'hardSigmoid', 'linear', 'relu', 'relu6', 'selu', 'sigmoid', 'softmax', 'softplus', 'softsign', 'tanh', 'swish', 'mish', 'gelu'] as const),
];

/** The loss of a step of training and that of an evaluation, which computes activations in one kernel with what comes before them. */
async function losses(backend: 'cpu' | 'wasm', shape: readonly number[], build: Layers, loss = 'meanSquaredError'): Promise<readonly number[]> {
  const { tf } = await useBackend({ backend });
  const model = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [...shape] }), ...build(tf)] });
  const [first] = model.layers.slice(1);
  first?.setWeights(first.weights.map((weight) => tf.fill(weight.shape as number[], Number.NaN)));
  const optimizer = tf.train.sgd(0.1);
  model.compile({ optimizer, loss });
  const [x, sides] = [tf.ones([2, ...shape]), model.outputs[0]?.shape.slice(1) as number[]];
  const y = loss === 'sparseCategoricalCrossentropy' ? tf.zeros([2]) : tf.ones([2, ...sides]);
  const evaluated = model.evaluate(x, y) as Tensor;
  const { history } = await model.fit(x, y, { epochs: 1, verbose: 0, shuffle: false });
  const result = [evaluated.dataSync()[0] as number, (history['loss'] as number[])[0] as number];
  tf.dispose([x, y, evaluated]);
  model.dispose();
  optimizer.dispose();
  return result;
}

async function expectNaN(shape: readonly number[], build: Layers, loss?: string): Promise<void> {
  expect(await losses('cpu', shape, build, loss)).toEqual([Number.NaN, Number.NaN]);
  expect(await losses('wasm', shape, build, loss)).toEqual([Number.NaN, Number.NaN]);
}

describe('a diverged model has a loss of NaN, on cpu and on wasm,', () => {
  test.each(LOSSES)('for %s', (loss) => expectNaN([3], ({ layers }) => [layers.dense({ units: 3 })], loss));

  const dense = ({ layers }: TensorFlow) => [layers.flatten(), layers.dense({ units: 1 })];
  test.each(ACTIVATIONS)('with %s after a product', (activation) =>
    expectNaN([3], ({ layers }) => [layers.dense({ units: 3, activation }), layers.dense({ units: 1 })]),
  );
  test.each(ACTIVATIONS)('with %s after a convolution', (activation) =>
    expectNaN([4, 4, 2], (tf) => [tf.layers.conv2d({ filters: 5, kernelSize: 2, activation }), ...dense(tf)]),
  );
  test.each(ACTIVATIONS)('with %s after a depthwise convolution', (activation) =>
    expectNaN([4, 4, 2], (tf) => [tf.layers.depthwiseConv2d({ kernelSize: 2, activation }), ...dense(tf)]),
  );

  const LAYERS = {
    reLU: ({ layers }) => layers.reLU(),
    'reLU up to 6': ({ layers }) => layers.reLU({ maxValue: 6 }),
    leakyReLU: ({ layers }) => layers.leakyReLU(),
    prelu: ({ layers }) => layers.prelu(),
    elu: ({ layers }) => layers.elu(),
    softmax: ({ layers }) => layers.softmax({ axis: 3 }),
    batchNormalization: ({ layers }) => layers.batchNormalization(),
    layerNormalization: ({ layers }) => layers.layerNormalization(),
    averagePooling2d: ({ layers }) => layers.averagePooling2d({ poolSize: 2 }),
    'averagePooling2d that overlaps': ({ layers }) => layers.averagePooling2d({ poolSize: 3, strides: 1, padding: 'same' }),
    globalAveragePooling2d: ({ layers }) => layers.globalAveragePooling2d({}),
    globalMaxPooling2d: ({ layers }) => layers.globalMaxPooling2d({}),
    upSampling2d: ({ layers }) => layers.upSampling2d({}),
  } satisfies Record<string, (tf: TensorFlow) => layers.Layer>;
  test.each(Object.entries(LAYERS))('with %s', (name, layer) =>
    expectNaN([5, 5, 2], (tf) => [tf.layers.conv2d({ filters: 3, kernelSize: 2 }), layer(tf), tf.layers.reLU(), ...(/^global/.test(name) ? [] : dense(tf))]),
  );

  test('on wasm even with max pooling and a relu after it, where cpu has a number', async () => {
    const build: Layers = (tf) => [
      tf.layers.conv2d({ filters: 3, kernelSize: 2 }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.reLU(),
      tf.layers.flatten(),
      tf.layers.dense({ units: 1 }),
    ];
    expect(await losses('wasm', [5, 5, 2], build)).toEqual([Number.NaN, Number.NaN]);
    expect((await losses('cpu', [5, 5, 2], build)).every(Number.isFinite)).toBe(true);
  });
});

describe('NaN and Infinity in one place', () => {
  const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
  const VALUES = [nan, infinity, -infinity];
  const picture = (tf: TensorFlow, value: number): Tensor<Rank.R4> =>
    tf.tensor4d(
      Array.from({ length: 48 }, (_, i) => (i === 30 ? value : ((i * 29) % 48) - 24)),
      [1, 4, 4, 3],
    );

  test.each(VALUES)('are averaged as on cpu: %d', (value) =>
    alike((tf) => [tf.avgPool(picture(tf, value), 2, 2, 'valid'), tf.avgPool(picture(tf, value), 3, 1, 'same')]),
  );

  test('are averaged as on cpu, both infinities at once', () =>
    alike((tf) => tf.avgPool(tf.tensor4d([infinity, -infinity, 1, 2], [1, 2, 2, 1]), 2, 1, 'same')));

  test.each([infinity, -infinity])('are the largest as on cpu: %d', (value) =>
    alike((tf) => [tf.maxPool(picture(tf, value), 2, 2, 'valid'), tf.maxPool(picture(tf, value), 3, 1, 'same')]),
  );

  test('make NaN of each window of max pooling that sees NaN, and of no other', async () => {
    const pool = (value: number) => (tf: TensorFlow) => tf.maxPool(picture(tf, value), 3, 2, 'same');
    const [[got = []], [marked = []]] = [await on('wasm', pool(nan)), await on('cpu', pool(1000))];
    expect(got).toEqual(marked.map((value) => (value === 1000 ? nan : value)));
    expect(got.filter(Number.isNaN)).toHaveLength(4);
  });

  test('the largest of negative numbers in three dimensions is negative', () =>
    alike((tf) => tf.maxPool3d(tf.fill([1, 2, 2, 2, 2], -3) as Tensor<Rank.R5>, 2, 2, 'same')));

  test.each(['relu', 'relu6'] as const)('go through a fused %s as on cpu', async (activation) => {
    for (const value of VALUES) {
      await alike((tf) => {
        const x = picture(tf, 1);
        const filter = (shape: [number, number, number, number]) =>
          tf.tensor4d(
            Array.from({ length: shape.reduce((product, side) => product * side) }, (_, i) => (i === 3 ? value : 0.25)),
            shape,
          );
        return [
          tf.fused.conv2d({ x, filter: filter([2, 2, 3, 5]), strides: 1, pad: 'valid', bias: tf.tensor1d([1, -1, 2, value, 0]), activation }),
          tf.fused.depthwiseConv2d({ x, filter: filter([2, 2, 3, 1]), strides: 1, pad: 'valid', bias: tf.tensor1d([1, -1, 2]), activation }),
          tf.fused.matMul({ a: x.reshape([16, 3]), b: tf.tensor2d([1, -1, value, 2, 3, 0], [3, 2]), bias: tf.tensor1d([0.5, value]), activation }),
        ];
      });
    }
  });
});
