import type { Rank, Tensor, Tensor4D } from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TensorFlow } from '../../../src/tfjs/tensor-flow.ts';
import { alike, numbers, on } from './on-both.ts';

type Shape = [number, number, number, number];
type Pad = 'same' | 'valid' | number;

const filled = (tf: TensorFlow, shape: readonly number[], from: number) =>
  tf.tensor(
    numbers(
      shape.reduce((product, side) => product * side, 1),
      from,
    ),
    [...shape],
  );

/** The value and the gradients by all of `shapes` of an operation that gets tensors of these shapes, where dy is not all alike. */
const gradients =
  (shapes: readonly (readonly number[])[], operation: (tf: TensorFlow, ...tensors: Tensor4D[]) => Tensor) =>
  (tf: TensorFlow): Tensor[] => {
    const tensors = shapes.map((shape, i) => filled(tf, shape, i));
    const dy = filled(tf, operation(tf, ...(tensors as Tensor4D[])).shape, 9);
    const { value, grads } = tf.valueAndGrads((...xs: Tensor[]) => operation(tf, ...(xs as Tensor4D[])))(tensors, dy);
    return [value, ...grads];
  };

/** Convolutions and poolings that there can be: an output of at least one pixel. */
const windows = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    height: fc.integer({ min: 1, max: 7 }),
    width: fc.integer({ min: 1, max: 7 }),
    channels: fc.integer({ min: 1, max: 4 }),
    out: fc.integer({ min: 1, max: 3 }),
    filter: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
    strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    pad: fc.oneof(fc.constantFrom<Pad>('same', 'valid'), fc.integer({ min: 0, max: 2 })),
  })
  .map(({ filter: [rows, columns], strides: [down, across], pad, ...rest }) => ({
    ...rest,
    pad,
    // with a number as padding, tfjs takes every filter and every stride for as wide as it is high
    filter: [rows, typeof pad === 'number' ? rows : columns] as [number, number],
    strides: [down, typeof pad === 'number' ? down : across] as [number, number],
  }))
  .filter(({ height, width, filter, pad }) => {
    const more = pad === 'same' ? 9 : pad === 'valid' ? 0 : 2 * pad;
    return height + more >= filter[0] && width + more >= filter[1];
  });

const RUNS = { numRuns: 60 };

describe('the gradients on wasm are those on cpu', () => {
  test('of convolutions', async () => {
    await fc.assert(
      fc.asyncProperty(windows, async ({ batch, height, width, channels, out, filter, strides, pad }) => {
        const shapes = [
          [batch, height, width, channels],
          [...filter, channels, out],
        ];
        await alike(gradients(shapes, (tf, x, w) => tf.conv2d(x as Tensor4D, w as Tensor4D, strides, pad)));
      }),
      RUNS,
    );
  });

  test('of transposed convolutions', async () => {
    await fc.assert(
      fc.asyncProperty(windows, async ({ batch, height, width, channels, out, filter, strides }) => {
        const shape: Shape = [batch, height * strides[0], width * strides[1], out];
        const shapes = [
          [batch, height, width, channels],
          [...filter, out, channels],
        ];
        await alike(gradients(shapes, (tf, x, w) => tf.conv2dTranspose(x as Tensor4D, w as Tensor4D, shape, strides, 'same')));
      }),
      RUNS,
    );
  });

  test('of depthwise convolutions', async () => {
    await fc.assert(
      fc.asyncProperty(windows, async ({ batch, height, width, channels, out, filter, strides, pad }) => {
        const shapes = [
          [batch, height, width, channels],
          [...filter, channels, out],
        ];
        await alike(gradients(shapes, (tf, x, w) => tf.depthwiseConv2d(x as Tensor4D, w as Tensor4D, strides, pad)));
      }),
      RUNS,
    );
  });

  test.each(['maxPool', 'avgPool'] as const)('of %s', async (pool) => {
    await fc.assert(
      fc.asyncProperty(windows, async ({ batch, height, width, channels, filter, strides, pad }) => {
        const inside = typeof pad === 'number' ? Math.min(pad, filter[0] - 1, filter[1] - 1) : pad;
        fc.pre(typeof inside === 'string' || (height + 2 * inside >= filter[0] && width + 2 * inside >= filter[1]));
        await alike(gradients([[batch, height, width, channels]], (tf, x) => tf[pool](x as Tensor4D, filter, strides, inside)));
      }),
      RUNS,
    );
  });

  test('of max pooling where values are equal: the first gets all', async () => {
    await alike((tf) =>
      tf.grad((x: Tensor) => tf.maxPool(x as Tensor4D, 3, 2, 'same').square())(
        tf.tensor(
          Float32Array.from({ length: 75 }, (_, i) => i % 3),
          [1, 5, 5, 3],
        ),
      ),
    );
  });

  const MATRICES = [
    [[3, 5], [5, 4], false, false],
    [[5, 3], [5, 4], true, false],
    [[3, 5], [4, 5], false, true],
    [[5, 3], [4, 5], true, true],
    [[1, 5, 3], [1, 4, 5], true, true],
    [[2, 5, 3], [2, 4, 5], true, true],
  ] as const;
  test.each(MATRICES)('of the product of matrices %j and %j, transposed: %j and %j', async (a, b, transposeA, transposeB) => {
    await alike(gradients([a, b], (tf, x, y) => tf.matMul(x, y, transposeA, transposeB)));
  });

  test('of gathering, such as an embedding does it, with rows that come twice and rows that do not come', async () => {
    for (const axis of [0, 1])
      await alike(
        gradients([[5, 4, 3]], (tf, x) =>
          tf.gather(
            x,
            tf.tensor2d(
              [
                [3, 0, 3],
                [1, 1, 3],
              ],
              undefined,
              'int32',
            ),
            axis,
          ),
        ),
      );
  });
});

describe('max pooling', () => {
  test('has the gradient that finite differences have, with several channels', async () => {
    const shape: Shape = [2, 5, 5, 3];
    const h = 1e-2;
    const x = Float32Array.from({ length: 150 }, (_, i) => ((i * 67) % 150) / 10); // no two alike, and none within h of another
    const loss = (tf: TensorFlow, values: Tensor) =>
      tf
        .maxPool(tf.reshape<Rank.R4>(values, shape), 3, 2, 'same')
        .mul(filled(tf, [2, 3, 3, 3], 4))
        .sum();
    const [gradient = []] = await on('wasm', (tf) => tf.grad((values: Tensor) => loss(tf, values))(tf.tensor1d(x)));
    const at = (i: number, step: number) => x.map((value, k) => (k === i ? value + step : value));
    const [rises = [], falls = []] = await on('wasm', (tf) => [h, -h].map((step) => tf.stack(Array.from(x, (_, i) => loss(tf, tf.tensor1d(at(i, step)))))));
    gradient.forEach((slope, i) => expect(slope).toBeCloseTo(((rises[i] as number) - (falls[i] as number)) / (2 * h), 2));
  });
});
