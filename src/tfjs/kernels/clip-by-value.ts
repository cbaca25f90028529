import type { TensorFlow } from '../tensor-flow.ts';
import { input, type WasmKernel } from './wasm-backend.ts';

/** Clips, and leaves NaN as it is. wasm makes a number of it, so that the loss of a diverged model looks healthy. */
export const clipByValue =
  (_tf: TensorFlow): WasmKernel =>
  (call) => {
    const { attrs, backend } = call;
    const x = input(call, 'x');
    const [least, most] = [attrs['clipValueMin'] as number, attrs['clipValueMax'] as number];
    const clipped = backend.makeOutput(x.shape, x.dtype as 'float32');
    const [from, to] = [backend.typedArrayFromHeap(x), backend.typedArrayFromHeap(clipped)];
    for (let i = 0; i < to.length; i++) {
      const value = from[i] as number;
      to[i] = value < least ? least : value > most ? most : value;
    }
    return clipped;
  };
