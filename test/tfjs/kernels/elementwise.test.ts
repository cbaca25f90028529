import type { DataType, Tensor } from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { TensorFlow } from '../../../src/tfjs/tensor-flow.ts';
import { useBackend } from '../../../src/tfjs/use-backend.ts';

type Unary = (tf: TensorFlow, x: Tensor) => Tensor;
type Binary = (tf: TensorFlow, a: Tensor, b: Tensor) => Tensor;

const UNARY = {
  abs: (tf, x) => tf.abs(x),
  acos: (tf, x) => tf.acos(x),
  acosh: (tf, x) => tf.acosh(x),
  argMax: (tf, x) => tf.argMax(x, 1),
  argMin: (tf, x) => tf.argMin(x, 1),
  asin: (tf, x) => tf.asin(x),
  asinh: (tf, x) => tf.asinh(x),
  atan: (tf, x) => tf.atan(x),
  atanh: (tf, x) => tf.atanh(x),
  'cast to bool': (tf, x) => tf.cast(x, 'bool'),
  'cast to float32': (tf, x) => tf.cast(x, 'float32'),
  'cast to int32': (tf, x) => tf.cast(x, 'int32'),
  ceil: (tf, x) => tf.ceil(x),
  clipByValue: (tf, x) => tf.clipByValue(x, -1, 2),
  cos: (tf, x) => tf.cos(x),
  cosh: (tf, x) => tf.cosh(x),
  cumprod: (tf, x) => tf.cumprod(x, 1),
  cumsum: (tf, x) => tf.cumsum(x, 1),
  elu: (tf, x) => tf.elu(x),
  erf: (tf, x) => tf.erf(x),
  exp: (tf, x) => tf.exp(x),
  expm1: (tf, x) => tf.expm1(x),
  floor: (tf, x) => tf.floor(x),
  isFinite: (tf, x) => tf.isFinite(x),
  isInf: (tf, x) => tf.isInf(x),
  isNaN: (tf, x) => tf.isNaN(x),
  leakyRelu: (tf, x) => tf.leakyRelu(x, 0.3),
  log: (tf, x) => tf.log(x),
  log1p: (tf, x) => tf.log1p(x),
  logSigmoid: (tf, x) => tf.logSigmoid(x),
  logSoftmax: (tf, x) => tf.logSoftmax(x),
  logSumExp: (tf, x) => tf.logSumExp(x, 1),
  max: (tf, x) => tf.max(x, 1),
  mean: (tf, x) => tf.mean(x, 1),
  min: (tf, x) => tf.min(x, 1),
  neg: (tf, x) => tf.neg(x),
  onesLike: (tf, x) => tf.onesLike(x),
  prod: (tf, x) => tf.prod(x, 1),
  reciprocal: (tf, x) => tf.reciprocal(x),
  relu: (tf, x) => tf.relu(x),
  relu6: (tf, x) => tf.relu6(x),
  round: (tf, x) => tf.round(x),
  rsqrt: (tf, x) => tf.rsqrt(x),
  selu: (tf, x) => tf.selu(x),
  sigmoid: (tf, x) => tf.sigmoid(x),
  sign: (tf, x) => tf.sign(x),
  sin: (tf, x) => tf.sin(x),
  sinh: (tf, x) => tf.sinh(x),
  softmax: (tf, x) => tf.softmax(x),
  softplus: (tf, x) => tf.softplus(x),
  sqrt: (tf, x) => tf.sqrt(x),
  square: (tf, x) => tf.square(x),
  step: (tf, x) => tf.step(x, 0.5),
  sum: (tf, x) => tf.sum(x, 1),
  tan: (tf, x) => tf.tan(x),
  tanh: (tf, x) => tf.tanh(x),
  topk: (tf, x) => tf.topk(x, 2).values,
  concat: (tf, x) => tf.concat([x, x], 1),
  gather: (tf, x) => tf.gather(x, [2, 0, 2], 1),
  pad: (tf, x) =>
    tf.pad(x, [
      [1, 1],
      [0, 2],
    ]),
  reverse: (tf, x) => tf.reverse(x),
  slice: (tf, x) => tf.slice(x, [1, 2], [3, 5]),
  stack: (tf, x) => tf.stack([x, x], 1),
  tile: (tf, x) => tf.tile(x, [2, 3]),
  transpose: (tf, x) => tf.transpose(x),
  zerosLike: (tf, x) => tf.zerosLike(x),
} satisfies Record<string, Unary>;

const BINARY = {
  add: (tf, a, b) => tf.add(a, b),
  atan2: (tf, a, b) => tf.atan2(a, b),
  div: (tf, a, b) => tf.div(a, b),
  divNoNan: (tf, a, b) => tf.divNoNan(a, b),
  equal: (tf, a, b) => tf.equal(a, b),
  floorDiv: (tf, a, b) => tf.floorDiv(a, b),
  greater: (tf, a, b) => tf.greater(a, b),
  greaterEqual: (tf, a, b) => tf.greaterEqual(a, b),
  less: (tf, a, b) => tf.less(a, b),
  lessEqual: (tf, a, b) => tf.lessEqual(a, b),
  maximum: (tf, a, b) => tf.maximum(a, b),
  minimum: (tf, a, b) => tf.minimum(a, b),
  mod: (tf, a, b) => tf.mod(a, b),
  mul: (tf, a, b) => tf.mul(a, b),
  notEqual: (tf, a, b) => tf.notEqual(a, b),
  pow: (tf, a, b) => tf.pow(a, b),
  prelu: (tf, a, b) => tf.prelu(a, b),
  squaredDifference: (tf, a, b) => tf.squaredDifference(a, b),
  sub: (tf, a, b) => tf.sub(a, b),
  where: (tf, a, b) => tf.where(tf.greater(a, b), a, b),
} satisfies Record<string, Binary>;

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
/** Each number in each lane of a vector of wasm, and after the last whole vector. */
const VALUES: Readonly<Record<'float32' | 'int32' | 'bool', readonly number[]>> = {
  float32: [0.5, nan, -2.5, infinity, 3, -infinity, 0, 1, -0, 7.25, -1],
  int32: [7, -7, 5, 0, 1, -1, 3, 0, 2, -4, 9],
  bool: [1, 0, 1, 1, 0, 0, 0, 1, 0, 1, 1],
};
type Kind = keyof typeof VALUES;
const ROWS = 5;

const filled = (tf: TensorFlow, dtype: Kind, from: number): Tensor => {
  const values = VALUES[dtype];
  const shape: [number, number] = [ROWS, values.length];
  const rows = Array.from({ length: ROWS }, (_, row) => values.map((_, i) => values[(i * from + row) % values.length] as number));
  if (dtype !== 'float32') return tf.tensor2d(rows, shape, dtype);
  const floats = Float32Array.from(rows.flat());
  const bits = new Int32Array(floats.buffer);
  for (const i of floats.keys()) if (i % 2 === 0 && Number.isNaN(floats[i])) bits[i] = -0x400000; // NaN with a sign, as Infinity - Infinity is
  return tf.tensor2d(floats, shape);
};

interface Outcome {
  readonly dtype: DataType | 'refused';
  readonly values: readonly number[];
}

async function compute(backend: 'cpu' | 'wasm', make: (tf: TensorFlow) => Tensor): Promise<Outcome> {
  const { tf } = await useBackend({ backend });
  let made: Tensor;
  try {
    made = tf.tidy(() => make(tf));
  } catch {
    return { dtype: 'refused', values: [] };
  }
  const outcome = { dtype: made.dtype, values: [...made.dataSync()].map(Number) };
  made.dispose();
  return outcome;
}

const isLike = (cpu: number, wasm: number): boolean =>
  cpu === wasm || (Number.isNaN(cpu) ? Number.isNaN(wasm) : Math.abs(cpu - wasm) <= 1e-5 * Math.max(1, Math.abs(cpu)));

async function expectAlike(make: (tf: TensorFlow) => Tensor): Promise<void> {
  const [cpu, wasm] = [await compute('cpu', make), await compute('wasm', make)];
  expect(wasm.dtype).toBe(cpu.dtype);
  const differing = cpu.values.flatMap((value, i) => (isLike(value, wasm.values[i] as number) ? [] : [`${i}: ${value} on cpu, ${wasm.values[i]} on wasm`]));
  expect(differing).toEqual([]);
}

const kinds: readonly Kind[] = ['float32', 'int32', 'bool'];

describe('wasm gives the numbers and the dtype of cpu, of NaN, ±Infinity, -0, integers and booleans', () => {
  describe.each(Object.entries<Unary>(UNARY))('%s', (_, operation) => {
    test.each(kinds)('of %s', (kind) => expectAlike((tf) => operation(tf, filled(tf, kind, 1))));
  });

  describe.each(Object.entries<Binary>(BINARY))('%s', (_, operation) => {
    test.each(kinds)('of %s', (kind) => expectAlike((tf) => operation(tf, filled(tf, kind, 1), filled(tf, kind, 3))));
    test('of float32 and int32', () => expectAlike((tf) => operation(tf, filled(tf, 'float32', 1), filled(tf, 'int32', 3))));
    test('of int32 and a row of float32', () => expectAlike((tf) => operation(tf, filled(tf, 'int32', 1), filled(tf, 'float32', 1).slice([0, 0], [1, -1]))));
    test('of a scalar and float32', () => expectAlike((tf) => operation(tf, tf.scalar(2), filled(tf, 'float32', 1))));
    test('of NaN and float32', () => expectAlike((tf) => operation(tf, tf.scalar(nan), filled(tf, 'float32', 1))));
  });
});
