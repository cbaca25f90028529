import type { KernelConfig, TensorFlow, TensorInfo } from '../tensor-flow.ts';
import { input, type Shape4, type WasmKernel } from './wasm-backend.ts';

/**
 * The convolution that wasm has, with `same` padding in numbers: where one of the strides is larger than the filter, and
 * there is padding along the other side, wasm computes from the word what is not there.
 */
export const explicitPadding =
  (isDepthwise: boolean) =>
  (tf: TensorFlow, own: KernelConfig): WasmKernel =>
  (call) => {
    const { inputs, attrs, backend } = call;
    if (attrs['pad'] !== 'same') return own.kernelFunc(call) as TensorInfo;
    const { padInfo } = tf.backend_util.computeConv2DInfo(
      input(call, 'x').shape as Shape4,
      input(call, 'filter').shape as Shape4,
      attrs['strides'] as number,
      (attrs['dilations'] ?? 1) as number,
      'same',
      undefined,
      isDepthwise,
    );
    const pad = [
      [0, 0],
      [padInfo.top, padInfo.bottom],
      [padInfo.left, padInfo.right],
      [0, 0],
    ];
    return own.kernelFunc({ inputs, attrs: { ...attrs, pad, dimRoundingMode: 'floor' }, backend }) as TensorInfo;
  };
