import type { KernelConfig, TensorFlow, TensorInfo } from '../tensor-flow.ts';
import { input, type WasmKernel } from './wasm-backend.ts';

/**
 * Max pooling, where a window with NaN gives NaN. wasm gives any other number of the window, or -Infinity, and cpu the largest
 * of the others: after a relu the loss of a diverged model looks healthy.
 */
export const maxPool =
  (_tf: TensorFlow, own: KernelConfig): WasmKernel =>
  (call) => {
    const { backend, attrs } = call;
    const x = input(call, 'x');
    const pool = (from: TensorInfo): TensorInfo => own.kernelFunc({ inputs: { x: from }, attrs, backend }) as TensorInfo;
    if (!backend.typedArrayFromHeap(x).includes(Number.NaN)) return pool(x);
    const places = backend.makeOutput(x.shape, 'float32');
    const [values, marks] = [backend.typedArrayFromHeap(x), backend.typedArrayFromHeap(places)];
    for (let i = 0; i < marks.length; i++) marks[i] = Number.isNaN(values[i]) ? 1 : 0;
    const [pooled, marked] = [pool(x), pool(places)];
    const [results, isNaN] = [backend.typedArrayFromHeap(pooled), backend.typedArrayFromHeap(marked)];
    for (let i = 0; i < results.length; i++) if (isNaN[i] === 1) results[i] = Number.NaN;
    for (const { dataId } of [places, marked]) backend.disposeData(dataId);
    return pooled;
  };
