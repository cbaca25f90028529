import type { TensorFlow, TensorInfo } from '../tensor-flow.ts';
import { input, type Shape4, type WasmBackend, type WasmKernel } from './wasm-backend.ts';

/**
 * The gradient of a convolution by its filter: a convolution of the input with dy, where channels and pictures have changed
 * places, and the stride of the one is the dilation of the other. For a filter of one pixel it is a product of matrices.
 */
export const conv2DBackpropFilter =
  (tf: TensorFlow): WasmKernel =>
  (call) => {
    const { attrs, backend } = call;
    const [x, dy] = [input(call, 'x'), input(call, 'dy')];
    const geometry = tf.backend_util.computeConv2DInfo(
      x.shape as Shape4,
      attrs['filterShape'] as Shape4,
      attrs['strides'] as number,
      1,
      attrs['pad'] as 'same',
      attrs['dimRoundingMode'] as 'floor',
    );
    const { outHeight, outWidth, outChannels, inChannels, batchSize, filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = geometry;
    const isPixel = filterHeight === 1 && filterWidth === 1;
    const step = isPixel ? ([strideHeight, strideWidth] as const) : ([1, 1] as const);
    const seen = isPixel ? [outHeight, outWidth] : [(outHeight - 1) * strideHeight + filterHeight, (outWidth - 1) * strideWidth + filterWidth];

    const pictures = backend.makeOutput([inChannels, ...seen, batchSize], 'float32');
    const errors = backend.makeOutput([outHeight, outWidth, batchSize, outChannels], 'float32');
    turnPictures(backend, x, pictures, { top: padInfo.top, left: padInfo.left, step });
    turnErrors(backend, dy, errors);
    const samples = outHeight * outWidth * batchSize;
    const turned = tf.getKernel('Conv2D', 'wasm').kernelFunc({
      inputs: isPixel
        ? { x: { ...pictures, shape: [1, 1, inChannels, samples] }, filter: { ...errors, shape: [1, 1, samples, outChannels] } }
        : { x: pictures, filter: errors },
      attrs: { strides: 1, dilations: isPixel ? 1 : [strideHeight, strideWidth], pad: 'valid', dataFormat: 'NHWC' },
      backend,
    }) as TensorInfo;
    const gradient = backend.makeOutput(geometry.filterShape, 'float32');
    turnGradient(backend, turned, gradient);
    for (const { dataId } of [pictures, errors, turned]) backend.disposeData(dataId);
    return gradient;
  };

interface Window {
  readonly top: number;
  readonly left: number;
  readonly step: readonly [number, number];
}

/** [picture, row, column, channel] to [channel, row, column, picture], with zeros around it, and without what no filter sees. */
function turnPictures(backend: WasmBackend, x: TensorInfo, to: TensorInfo, { top, left, step }: Window): void {
  const [pictures, height, width, channels] = x.shape as Shape4;
  const [, rows, columns] = to.shape as Shape4;
  const from = backend.typedArrayFromHeap(x);
  const values = backend.typedArrayFromHeap(to);
  const size = height * width * channels;
  let at = 0;
  for (let channel = 0; channel < channels; channel++) {
    for (let r = 0; r < rows; r++) {
      const row = r * step[0] - top;
      for (let c = 0; c < columns; c++) {
        const column = c * step[1] - left;
        const isInside = row >= 0 && row < height && column >= 0 && column < width;
        let first = (row * width + column) * channels + channel;
        for (const end = at + pictures; at < end; at++, first += size) values[at] = isInside ? (from[first] as number) : 0;
      }
    }
  }
}

/** [picture, row, column, channel] to [row, column, picture, channel]. */
function turnErrors(backend: WasmBackend, dy: TensorInfo, to: TensorInfo): void {
  const [rows, columns, pictures, channels] = to.shape as Shape4;
  const [, height = 0, width = 0] = dy.shape;
  const [from, values] = [backend.typedArrayFromHeap(dy), backend.typedArrayFromHeap(to)];
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let picture = 0; picture < pictures; picture++) {
        let first = ((picture * height + row) * width + column) * channels;
        for (const end = at + channels; at < end; ) values[at++] = from[first++] as number;
      }
    }
  }
}

/** [input channel, row, column, output channel] to [row, column, input channel, output channel]. */
function turnGradient(backend: WasmBackend, turned: TensorInfo, to: TensorInfo): void {
  const [height, width, inChannels, outChannels] = to.shape as Shape4;
  const [from, values] = [backend.typedArrayFromHeap(turned), backend.typedArrayFromHeap(to)];
  let at = 0;
  for (let tap = 0; tap < height * width; tap++) {
    for (let channel = 0; channel < inChannels; channel++) {
      let first = (channel * height * width + tap) * outChannels;
      for (const end = at + outChannels; at < end; ) values[at++] = from[first++] as number;
    }
  }
}
