import type { KernelFunc, TensorFlow } from '../tensor-flow.ts';
import { conv2DBackpropFilter } from './conv2d-backprop-filter.ts';
import { conv2DBackpropInput } from './conv2d-backprop-input.ts';
import { maxPoolGrad } from './max-pool-grad.ts';
import type { WasmKernel } from './wasm-backend.ts';

const FAST: Readonly<Record<string, (tf: TensorFlow) => WasmKernel>> = {
  Conv2DBackpropFilter: conv2DBackpropFilter,
  Conv2DBackpropInput: conv2DBackpropInput,
  MaxPoolGrad: maxPoolGrad,
};

export function registerTrainingKernels(tf: TensorFlow): void {
  for (const [kernelName, make] of Object.entries(FAST)) {
    if (tf.getKernel(kernelName, 'wasm') !== undefined) tf.unregisterKernel(kernelName, 'wasm');
    tf.registerKernel({ kernelName, backendName: 'wasm', kernelFunc: make(tf) as unknown as KernelFunc });
  }
}
