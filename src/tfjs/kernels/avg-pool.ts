import type { KernelConfig, KernelFunc, TensorFlow, TensorInfo } from '../tensor-flow.ts';
import { forwardToCpu } from './forward-to-cpu.ts';
import type { WasmKernel } from './wasm-backend.ts';

/** Average pooling. wasm makes -Infinity of NaN, and so it is computed once more, on cpu, wherever that comes out. */
export const avgPool = (tf: TensorFlow, own: KernelConfig): WasmKernel => {
  const forward: KernelFunc = forwardToCpu(tf, 'AvgPool');
  return (call) => {
    const pooled = own.kernelFunc(call) as TensorInfo;
    if (!call.backend.typedArrayFromHeap(pooled).includes(Number.NEGATIVE_INFINITY)) return pooled;
    call.backend.disposeData(pooled.dataId);
    return forward(call) as TensorInfo;
  };
};
