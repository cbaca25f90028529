import type { TensorFlow } from '../tensor-flow.ts';
import { input, type Shape4, type WasmKernel } from './wasm-backend.ts';

/** The gradient of max pooling: every dy goes to the first of the largest values that its window saw. */
export const maxPoolGrad =
  (tf: TensorFlow): WasmKernel =>
  (call) => {
    const { attrs, backend } = call;
    const [dy, x] = [input(call, 'dy'), input(call, 'input')];
    const [pictures, height, width, channels] = x.shape as Shape4;
    const geometry = tf.backend_util.computePool2DInfo(
      [pictures, height, width, channels],
      attrs['filterSize'] as number,
      attrs['strides'] as number,
      1,
      attrs['pad'] as 'same',
      attrs['dimRoundingMode'] as 'floor',
    );
    const { outHeight, outWidth, filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = geometry;
    const dx = backend.makeOutput(x.shape, 'float32');
    const [errors, seen, gradient] = [backend.typedArrayFromHeap(dy), backend.typedArrayFromHeap(x), backend.typedArrayFromHeap(dx)];
    gradient.fill(0);
    let at = 0;
    for (let picture = 0; picture < pictures; picture++) {
      for (let row = 0; row < outHeight; row++) {
        const top = row * strideHeight - padInfo.top;
        const firstRow = Math.max(0, top);
        const lastRow = Math.min(height, top + filterHeight);
        for (let column = 0; column < outWidth; column++) {
          const left = column * strideWidth - padInfo.left;
          const firstColumn = Math.max(0, left);
          const columns = Math.min(width, left + filterWidth) - firstColumn;
          for (let channel = 0; channel < channels; channel++, at++) {
            let largest = Number.NEGATIVE_INFINITY;
            let place = -1;
            for (let r = firstRow; r < lastRow; r++) {
              let here = ((picture * height + r) * width + firstColumn) * channels + channel;
              for (let c = 0; c < columns; c++, here += channels) {
                const value = seen[here] as number;
                if (value > largest) {
                  largest = value;
                  place = here;
                }
              }
            }
            if (place >= 0) gradient[place] = (gradient[place] as number) + (errors[at] as number);
          }
        }
      }
    }
    return dx;
  };
