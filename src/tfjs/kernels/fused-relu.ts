import type { KernelConfig, KernelFunc, TensorInfo } from '../tensor-flow.ts';
import type { WasmBackend } from './wasm-backend.ts';

const MOST: Readonly<Record<string, number>> = { relu: Number.POSITIVE_INFINITY, relu6: 6 };

/** A product or convolution with its activation. wasm's own relu and relu6 make 0 of NaN, so they are computed here, in place. */
export function fusedRelu(own: KernelConfig): KernelConfig {
  const kernelFunc: KernelFunc = (call) => {
    const most = MOST[call.attrs?.['activation'] as string];
    if (most === undefined) return own.kernelFunc(call);
    const result = own.kernelFunc({ ...call, attrs: { ...call.attrs, activation: 'linear' } }) as TensorInfo;
    const values = (call.backend as WasmBackend).typedArrayFromHeap(result);
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      if (value < 0) values[i] = 0;
      else if (value > most) values[i] = most;
    }
    return result;
  };
  return { ...own, kernelFunc };
}
