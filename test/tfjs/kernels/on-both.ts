import type { Tensor } from '@tensorflow/tfjs';
import { expect } from 'vitest';
import type { TensorFlow } from '../../../src/tfjs/tensor-flow.ts';
import { useBackend } from '../../../src/tfjs/use-backend.ts';

type Compute = (tf: TensorFlow) => Tensor | Tensor[];

/** What `compute` gives on one backend, once it has been seen that nothing else is left behind. */
export async function on(backend: 'cpu' | 'wasm', compute: Compute): Promise<readonly (readonly number[])[]> {
  const { tf } = await useBackend({ backend });
  const [before, dataBefore] = [tf.memory(), dataIds(tf)];
  const test = tf.env().getBool('IS_TEST');
  tf.env().set('IS_TEST', true); // the engine of tfjs looks after each kernel whether data are left over
  try {
    const results = [tf.tidy(() => compute(tf))].flat();
    const values = results.map((result) => [...result.dataSync()]);
    tf.dispose(results);
    const after = tf.memory();
    expect([after.numTensors, after.numBytes, after.numDataBuffers]).toEqual([before.numTensors, before.numBytes, before.numDataBuffers]);
    expect(dataIds(tf)).toBe(dataBefore);
    return values;
  } finally {
    tf.env().set('IS_TEST', test);
  }
}

/** Sees that wasm and cpu agree to within 1e-4 of the largest number (of 1, where all are smaller). */
export async function alike(compute: Compute, tolerance = 1e-4): Promise<void> {
  const cpu = await on('cpu', compute);
  const wasm = await on('wasm', compute);
  expect(wasm.map(({ length }) => length)).toEqual(cpu.map(({ length }) => length));
  cpu.forEach((values, i) => {
    const scale = Math.max(1, ...values.filter(Number.isFinite).map(Math.abs));
    values.forEach((value, k) => {
      const got = wasm[i]?.[k] as number;
      if (Number.isFinite(value) ? !(Math.abs(got - value) <= tolerance * scale) : !Object.is(got, value))
        expect.fail(`expected number ${k} of result ${i} to be ${value}, got ${got}`);
    });
  });
}

/** The data that the two backends hold, all together: they may move from one to the other. */
const dataIds = (tf: TensorFlow): number => ['cpu', 'wasm'].reduce((count, name) => count + (tf.engine().registry[name]?.numDataIds() ?? 0), 0);

/** Numbers between -1 and 1 without order, and no two alike. */
export const numbers = (count: number, from = 0): Float32Array => Float32Array.from({ length: count }, (_, i) => Math.sin((i + 1) * 12.9898 + from * 78.233));
