import type { TensorFlow } from '../tensor-flow.ts';
import { input, type KernelCall, type Shape4, type WasmBackend, type WasmKernel } from './wasm-backend.ts';

/**
 * The gradient of a convolution by its filter: a convolution of the input with dy, where channels and pictures have changed
 * places, and the stride of the one is the dilation of the other. A filter of one pixel is a product of matrices.
 */
export const conv2DBackpropFilter =
  (tf: TensorFlow): WasmKernel =>
  (call) => {
    const { attrs, backend } = call;
    const [x, dy] = [input(call, 'x'), input(call, 'dy')];
    const filterShape = attrs['filterShape'] as Shape4;
    const geometry = tf.backend_util.computeConv2DInfo(
      x.shape as Shape4,
      filterShape,
      attrs['strides'] as number,
      1,
      attrs['pad'] as 'same',
      attrs['dimRoundingMode'] as 'floor',
    );
    const { outHeight, outWidth, outChannels, inChannels, batchSize, filterHeight, filterWidth, strideHeight, strideWidth } = geometry;
    const seen = [(outHeight - 1) * strideHeight + filterHeight, (outWidth - 1) * strideWidth + filterWidth] as const;
    const run = (name: string, inputs: KernelCall['inputs'], options: KernelCall['attrs']) =>
      tf.getKernel(name, 'wasm').kernelFunc({ inputs, attrs: options, backend }) as ReturnType<WasmKernel>;

    const pictures = backend.makeOutput([inChannels, seen[0], seen[1], batchSize], 'float32');
    const errors = backend.makeOutput([outHeight, outWidth, batchSize, outChannels], 'float32');
    turnPictures(backend, { x, to: pictures, top: geometry.padInfo.top, left: geometry.padInfo.left });
    turnErrors(backend, dy.shape as Shape4, { dy, to: errors });
    const turned = run('Conv2D', { x: pictures, filter: errors }, { strides: 1, dilations: [strideHeight, strideWidth], pad: 'valid', dataFormat: 'NHWC' });
    const gradient = run('Transpose', { x: turned }, { perm: [1, 2, 0, 3] });
    for (const { dataId } of [pictures, errors, turned]) backend.disposeData(dataId);
    return gradient;
  };

interface Turn {
  readonly x: ReturnType<WasmKernel>;
  readonly to: ReturnType<WasmKernel>;
  readonly top: number;
  readonly left: number;
}

/** [picture, row, column, channel] to [channel, row, column, picture], with rows and columns of zeros around it, or without those that no filter sees. */
function turnPictures(backend: WasmBackend, { x, to, top, left }: Turn): void {
  const [pictures, height, width, channels] = x.shape as Shape4;
  const [, rows, columns] = to.shape as Shape4;
  const from = backend.typedArrayFromHeap(x);
  const values = backend.typedArrayFromHeap(to);
  const size = height * width * channels;
  let at = 0;
  for (let channel = 0; channel < channels; channel++) {
    for (let row = -top; row < rows - top; row++) {
      for (let column = -left; column < columns - left; column++) {
        if (row >= 0 && row < height && column >= 0 && column < width) {
          const first = (row * width + column) * channels + channel;
          for (let picture = 0; picture < pictures; picture++) values[at + picture] = from[first + picture * size] as number;
        } else values.fill(0, at, at + pictures);
        at += pictures;
      }
    }
  }
}

/** [picture, row, column, channel] to [row, column, picture, channel]. */
function turnErrors(backend: WasmBackend, [pictures, height, width, channels]: Shape4, { dy, to }: { readonly dy: Turn['x']; readonly to: Turn['to'] }): void {
  const from = backend.typedArrayFromHeap(dy);
  const values = backend.typedArrayFromHeap(to);
  let at = 0;
  for (let pixel = 0; pixel < height * width; pixel++) {
    for (let picture = 0; picture < pictures; picture++) {
      const first = (picture * height * width + pixel) * channels;
      for (let channel = 0; channel < channels; channel++) values[at++] = from[first + channel] as number;
    }
  }
}
