import type { TensorFlow } from '../tensor-flow.ts';
import { input, type Shape4, type WasmKernel } from './wasm-backend.ts';

/** The gradient of a depthwise convolution by its filter, summed in double precision. */
export const depthwiseBackpropFilter =
  (tf: TensorFlow): WasmKernel =>
  (call) => {
    const { attrs, backend } = call;
    const [x, dy] = [input(call, 'x'), input(call, 'dy')];
    const { filterShape, batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, padInfo, ...geometry } = tf.backend_util.computeConv2DInfo(
      x.shape as Shape4,
      attrs['filterShape'] as Shape4,
      attrs['strides'] as number,
      1,
      attrs['pad'] as 'same',
      attrs['dimRoundingMode'] as 'floor',
      true,
    );
    const { filterHeight, filterWidth, strideHeight, strideWidth } = geometry;
    const each = outChannels / inChannels;
    const gradient = backend.makeOutput(filterShape, 'float32');
    const [pictures, errors] = [backend.typedArrayFromHeap(x), backend.typedArrayFromHeap(dy)];
    const sums = new Float64Array(filterHeight * filterWidth * outChannels);
    const add = (at: number, pixel: number, error: number): void => {
      for (let channel = 0; channel < inChannels; channel++) {
        const value = pictures[pixel + channel] as number;
        for (let i = channel * each; i < (channel + 1) * each; i++) sums[at + i] = (sums[at + i] as number) + value * (errors[error + i] as number);
      }
    };
    for (let picture = 0; picture < batchSize; picture++) {
      for (let row = 0; row < outHeight; row++) {
        const top = row * strideHeight - padInfo.top;
        for (let column = 0; column < outWidth; column++) {
          const error = ((picture * outHeight + row) * outWidth + column) * outChannels;
          const left = column * strideWidth - padInfo.left;
          for (let r = Math.max(0, -top); r < Math.min(filterHeight, inHeight - top); r++) {
            for (let c = Math.max(0, -left); c < Math.min(filterWidth, inWidth - left); c++) {
              add((r * filterWidth + c) * outChannels, ((picture * inHeight + top + r) * inWidth + left + c) * inChannels, error);
            }
          }
        }
      }
    }
    backend.typedArrayFromHeap(gradient).set(sums);
    return gradient;
  };
