import type { KernelConfig, KernelFunc, TensorFlow } from '../tensor-flow.ts';
import { avgPool } from './avg-pool.ts';
import { batchMatMul } from './batch-mat-mul.ts';
import { clipByValue } from './clip-by-value.ts';
import { conv2DBackpropFilter } from './conv2d-backprop-filter.ts';
import { conv2DBackpropInput } from './conv2d-backprop-input.ts';
import { depthwiseBackpropFilter } from './depthwise-backprop-filter.ts';
import { depthwiseBackpropInput } from './depthwise-backprop-input.ts';
import { explicitPadding } from './explicit-padding.ts';
import { forwardToCpu } from './forward-to-cpu.ts';
import { identity } from './identity.ts';
import { maxPool } from './max-pool.ts';
import { maxPoolGrad } from './max-pool-grad.ts';
import { onlyOnCpu } from './only-on-cpu.ts';
import { fusedRelu, relu, relu6 } from './relu.ts';
import { unsortedSegmentSum } from './unsorted-segment-sum.ts';
import type { WasmKernel } from './wasm-backend.ts';

const fusedConvolution = (isDepthwise: boolean) => (tf: TensorFlow, own: KernelConfig) =>
  explicitPadding(isDepthwise)(tf, { ...own, kernelFunc: fusedRelu(tf, own) as unknown as KernelFunc });

/** Kernels made of kernels of wasm, or that work on its memory. They may use the one that wasm has by that name. */
const FAST: Readonly<Record<string, (tf: TensorFlow, own: KernelConfig) => WasmKernel>> = {
  AvgPool: avgPool,
  BatchMatMul: batchMatMul,
  ClipByValue: clipByValue,
  Conv2D: explicitPadding(false),
  Conv2DBackpropFilter: conv2DBackpropFilter,
  Conv2DBackpropInput: conv2DBackpropInput,
  DepthwiseConv2dNative: explicitPadding(true),
  DepthwiseConv2dNativeBackpropFilter: depthwiseBackpropFilter,
  DepthwiseConv2dNativeBackpropInput: depthwiseBackpropInput,
  FusedConv2D: fusedConvolution(false),
  FusedDepthwiseConv2D: fusedConvolution(true),
  Identity: identity,
  MaxPool: maxPool,
  MaxPoolGrad: maxPoolGrad,
  Relu: relu,
  Relu6: relu6,
  UnsortedSegmentSum: unsortedSegmentSum,
  _FusedMatMul: fusedRelu,
};

const done = new WeakSet<KernelConfig>();

/**
 * Gives the wasm backend of `tf` what it lacks for training: gradients that it does not have, has wrong or has slow, and
 * for everything else that the cpu backend can do and it cannot, the kernel of the cpu backend.
 *
 * The registry of tfjs is global to the thread, so this is too; a second call does nothing.
 */
export function registerTrainingKernels(tf: TensorFlow): void {
  for (const { kernelName } of tf.getKernelsForBackend('cpu')) {
    const own = tf.getKernel(kernelName, 'wasm') as KernelConfig | undefined;
    if (own !== undefined && done.has(own)) continue;
    const config: KernelConfig = { ...own, kernelName, backendName: 'wasm', kernelFunc: trainingKernel(tf, kernelName, own) }; // with what sets it up
    if (own !== undefined) tf.unregisterKernel(kernelName, 'wasm');
    tf.registerKernel(config);
    done.add(config);
  }
}

function trainingKernel(tf: TensorFlow, kernelName: string, own: KernelConfig | undefined): KernelFunc {
  const forward = forwardToCpu(tf, kernelName);
  const kernel = (FAST[kernelName]?.(tf, own as KernelConfig) as unknown as KernelFunc | undefined) ?? own?.kernelFunc ?? forward;
  const isForCpu = onlyOnCpu(tf, kernelName);
  return (call) => (isForCpu(call) ? forward(call) : kernel(call));
}
