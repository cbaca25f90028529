import type { KernelConfig, KernelFunc, TensorFlow, TensorInfo } from '../tensor-flow.ts';
import { input, type WasmKernel } from './wasm-backend.ts';

/** The product of two matrices. wasm multiplies transposed ones several times as slowly as it transposes and multiplies them. */
export const batchMatMul =
  (tf: TensorFlow, own: KernelConfig): WasmKernel =>
  (call) => {
    const { inputs, attrs, backend } = call;
    const [a, b] = [input(call, 'a'), input(call, 'b')];
    const isSingle = [a, b].every(({ shape }) => shape.slice(0, -2).every((side) => side === 1));
    if (!isSingle || !(attrs['transposeA'] || attrs['transposeB'])) return own.kernelFunc(call) as TensorInfo;
    const transpose = tf.getKernel('Transpose', 'wasm').kernelFunc as KernelFunc;
    const turn = (x: TensorInfo): TensorInfo => {
      const axes = x.shape.map((_, axis) => axis);
      return transpose({ inputs: { x }, attrs: { perm: [...axes.slice(0, -2), axes.length - 1, axes.length - 2] }, backend }) as TensorInfo;
    };
    const turned = { ...(attrs['transposeA'] ? { a: turn(a) } : {}), ...(attrs['transposeB'] ? { b: turn(b) } : {}) };
    const product = own.kernelFunc({ inputs: { ...inputs, ...turned }, attrs: { ...attrs, transposeA: false, transposeB: false }, backend });
    for (const { dataId } of Object.values(turned)) backend.disposeData(dataId);
    return product as TensorInfo;
  };
