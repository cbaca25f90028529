import type { Rank, Tensor } from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { TensorFlow } from '../../../src/tfjs/tensor-flow.ts';
import { useBackend } from '../../../src/tfjs/use-backend.ts';
import { alike, numbers, on } from './on-both.ts';

type Operation = (tf: TensorFlow, x: Tensor) => Tensor | Tensor[];
type Case = readonly [name: string, shape: readonly number[], operation: Operation];

const filled = (tf: TensorFlow, shape: readonly number[], from = 0) =>
  tf.tensor(
    numbers(
      shape.reduce((product, side) => product * side, 1),
      from,
    ),
    [...shape],
  );
const complex = (tf: TensorFlow, x: Tensor) => tf.complex(x, x.square());
const parts = (tf: TensorFlow, x: Tensor) => [tf.real(x), tf.imag(x)];

/** What wasm has not, refuses or gets wrong, in whole or for some inputs. */
const OPERATIONS: readonly Case[] = [
  ['einsum', [3, 4], (tf, x) => tf.einsum('ij,kj->ik', x, filled(tf, [2, 4], 1))],
  ['complex, real and imag', [3, 4], (tf, x) => parts(tf, complex(tf, x))],
  [
    'arithmetics of complex numbers',
    [2, 3],
    (tf, x) =>
      parts(
        tf,
        complex(tf, x)
          .mul(complex(tf, x.add(1)))
          .add(complex(tf, x))
          .sub(complex(tf, x.neg())),
      ),
  ],
  [
    'reshaping and joining complex numbers',
    [2, 3],
    (tf, x) => parts(tf, tf.concat([complex(tf, x).reshape([3, 2]), complex(tf, x).transpose()]).expandDims(0)),
  ],
  ['the absolute values of complex numbers', [3], (tf, x) => complex(tf, x).abs()],
  ['casting to complex numbers', [3], (tf, x) => parts(tf, x.cast('complex64'))],
  ['fft', [2, 8], (tf, x) => parts(tf, tf.fft(complex(tf, x)))],
  ['ifft', [2, 8], (tf, x) => parts(tf, tf.ifft(complex(tf, x)))],
  ['rfft and irfft', [2, 8], (tf, x) => [...parts(tf, tf.spectral.rfft(x)), tf.spectral.irfft(tf.spectral.rfft(x))]],
  ['stft', [32], (tf, x) => parts(tf, tf.signal.stft(x as Tensor<Rank.R1>, 8, 4))],
  ['unsortedSegmentSum with segments that are none', [5, 2], (tf, x) => tf.unsortedSegmentSum(x, tf.tensor1d([0, 2, -1, 2, 7], 'int32'), 3)],
  ['cumprod', [2, 4], (tf, x) => tf.cumprod(x, 1)],
  ['the product of integers', [2, 2], (tf, x) => tf.matMul(x.mul(9).toInt(), x.mul(7).toInt())],
  ['casting to bool', [4], (tf, x) => x.mul(4).toBool()],
  [
    'a convolution of channels first',
    [1, 2, 4, 4],
    (tf, x) => tf.conv2d(x as Tensor<Rank.R4>, filled(tf, [2, 2, 2, 3]) as Tensor<Rank.R4>, 1, 'valid', 'NCHW'),
  ],
  ['a fused product with a bias of rank 2', [2, 3], (tf, x) => tf.fused.matMul({ a: x, b: filled(tf, [3, 2]), bias: filled(tf, [2, 2]), activation: 'relu' })],
  ['pooling with more padding than window', [1, 3, 3, 1], (tf, x) => tf.maxPool(x as Tensor<Rank.R4>, 1, 2, 1)],
  ['bincount', [6], (tf, x) => tf.bincount(x.abs().mul(4).toInt() as Tensor<Rank.R1>, tf.tensor1d([]), 5)],
  ['clipping NaN', [3], (tf, x) => tf.concat([x, tf.tensor1d([Number.NaN])]).clipByValue(-0.5, 0.5)],
  ['comparing strings', [1], (tf) => tf.tensor1d(['a', 'b']).equal(tf.tensor1d(['a', 'c']))],
];

/** Gradients that wasm gets wrong, or might. */
const GRADIENTS: readonly Case[] = [
  ['resizeNearestNeighbor', [2, 3, 3, 2], (tf, x) => tf.image.resizeNearestNeighbor(x as Tensor<Rank.R4>, [6, 6])],
  ['resizeBilinear', [2, 3, 3, 2], (tf, x) => tf.image.resizeBilinear(x as Tensor<Rank.R4>, [6, 6])],
  ['conv3d', [1, 3, 3, 3, 2], (tf, x) => tf.conv3d(x as Tensor<Rank.R5>, filled(tf, [2, 2, 2, 2, 2]) as Tensor<Rank.R5>, 1, 'same')],
  ['conv3d by its filter', [2, 2, 2, 2, 2], (tf, x) => tf.conv3d(filled(tf, [1, 3, 3, 3, 2]) as Tensor<Rank.R5>, x as Tensor<Rank.R5>, 2, 'same')],
  ['maxPool3d', [1, 4, 4, 4, 3], (tf, x) => tf.maxPool3d(x as Tensor<Rank.R5>, 3, 1, 'same')],
  ['avgPool3d', [1, 4, 4, 4, 3], (tf, x) => tf.avgPool3d(x as Tensor<Rank.R5>, 3, 2, 'same')],
  ['dilation2d', [1, 5, 5, 3], (tf, x) => tf.dilation2d(x as Tensor<Rank.R4>, filled(tf, [3, 3, 3]) as Tensor<Rank.R3>, 1, 'same')],
  ['localResponseNormalization', [2, 3, 3, 4], (tf, x) => tf.localResponseNormalization(x as Tensor<Rank.R4>, 2)],
  ['logSigmoid of a copy', [4], (tf, x) => tf.logSigmoid(x.clone())],
  ['prelu', [2, 3, 2], (tf, x) => tf.prelu(x, filled(tf, [3, 2]))],
  ['max of equal numbers', [2, 4], (tf, x) => tf.max(tf.tile(x, [1, 3]), 1)],
  [
    'mirrorPad',
    [4, 5],
    (tf, x) =>
      tf.mirrorPad(
        x,
        [
          [1, 1],
          [2, 1],
        ],
        'reflect',
      ),
  ],
  [
    'spaceToBatchND',
    [4, 4, 4, 1],
    (tf, x) =>
      tf.spaceToBatchND(
        x,
        [2, 2],
        [
          [0, 0],
          [0, 0],
        ],
      ),
  ],
];

describe('wasm gives what cpu gives', () => {
  test.each(OPERATIONS)('for %s', async (_, shape, operation) => alike((tf) => operation(tf, filled(tf, shape))));

  test.each(GRADIENTS)('for the gradient of %s', async (_, shape, operation) =>
    alike((tf) => {
      const x = filled(tf, shape);
      const f = (at: Tensor) => operation(tf, at) as Tensor;
      const { value, grad } = tf.valueAndGrad(f)(x, filled(tf, f(x).shape, 4));
      return [value, grad];
    }),
  );

  test('again and again, and with the weights still to be trained', async () => {
    const { tf } = await useBackend({ backend: 'wasm' });
    const weights = tf.variable(filled(tf, [3, 3]));
    const optimizer = tf.train.sgd(0.1);
    const seen = new Set<string>();
    for (let i = 0; i < 5; i++) {
      tf.tidy(() => tf.einsum('ij,kj->ik', weights, weights).dispose()); // takes the weights to cpu
      optimizer.minimize(() => tf.matMul(weights, weights).square().mean() as Tensor<Rank.R0>); // and back
      const { numTensors, numBytes, numDataBuffers } = tf.memory();
      seen.add([numTensors, numBytes, numDataBuffers].join(' '));
    }
    expect(seen.size).toBe(1);
    optimizer.dispose();
    weights.dispose();
  });
});

describe('the wasm backend', () => {
  test('has every kernel that cpu has', async () => {
    const { tf } = await useBackend({ backend: 'wasm' });
    const names = (backend: string) => new Set(tf.getKernelsForBackend(backend).map(({ kernelName }) => kernelName));
    expect([...names('cpu')].filter((name) => !names('wasm').has(name))).toEqual([]);
  });

  test('is given its kernels once', async () => {
    const { tf } = await useBackend({ backend: 'wasm' });
    const before = tf.getKernel('Conv2D', 'wasm');
    await useBackend({ backend: 'cpu' });
    await useBackend({ backend: 'wasm' });
    expect(tf.getKernel('Conv2D', 'wasm')).toBe(before);
  });

  test('shows that a model has diverged', async () => {
    const [loss = []] = await on('wasm', (tf) => tf.metrics.binaryCrossentropy(tf.tensor2d([[1, 0]]), tf.tensor2d([[Number.NaN, 0.5]])));
    expect(loss[0]).toBeNaN();
  });
});
