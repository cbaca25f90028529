import type { TensorFlow, TensorInfo } from '../tensor-flow.ts';
import { input, type WasmKernel } from './wasm-backend.ts';

/** The same data once more. wasm copies them, for every tensor that a gradient will need. */
export const identity =
  (_tf: TensorFlow): WasmKernel =>
  (call): TensorInfo => {
    const x = input(call, 'x');
    call.backend.incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
  };
