import type { TensorFlow, TensorInfo } from '../tensor-flow.ts';
import { input, type Shape4, type WasmBackend, type WasmKernel } from './wasm-backend.ts';

/**
 * The gradient of a convolution by its input: dy convolved with the filter turned round. With a stride of s, every s-th row
 * of the result meets every s-th row of the filter, so that each of the s × s phases is a convolution of its own, without stride.
 */
export const conv2DBackpropInput =
  (tf: TensorFlow): WasmKernel =>
  (call) => {
    const { attrs, backend } = call;
    const [dy, filter] = [input(call, 'dy'), input(call, 'filter')];
    const inShape = attrs['inputShape'] as Shape4;
    const geometry = tf.backend_util.computeConv2DInfo(
      inShape,
      filter.shape as Shape4,
      attrs['strides'] as number,
      1,
      attrs['pad'] as 'same',
      attrs['dimRoundingMode'] as 'floor',
    );
    const { strideHeight, strideWidth, padInfo } = geometry;
    const rows = phases({ size: inShape[1], taps: geometry.filterHeight, stride: strideHeight, pad: padInfo.top });
    const columns = phases({ size: inShape[2], taps: geometry.filterWidth, stride: strideWidth, pad: padInfo.left });
    const part = (row: Phase, column: Phase): TensorInfo => {
      const errors = frame(backend, dy, row, column);
      const turned = turnFilter(backend, filter, row, column);
      const gradient = tf.getKernel('Conv2D', 'wasm').kernelFunc({
        inputs: { x: errors, filter: turned },
        attrs: { strides: 1, dilations: 1, pad: 'valid', dataFormat: 'NHWC' },
        backend,
      }) as TensorInfo;
      for (const { dataId } of [errors, turned]) backend.disposeData(dataId);
      return gradient;
    };
    const [row, column] = [rows[0], columns[0]];
    if (strideHeight === 1 && strideWidth === 1 && row && column) return part(row, column);
    const gradient = backend.makeOutput(inShape, 'float32');
    backend.typedArrayFromHeap(gradient).fill(0);
    for (const r of rows) {
      for (const c of columns) {
        const { dataId, ...rest } = part(r, c);
        spread(backend, { dataId, ...rest }, gradient, [r, c]);
        backend.disposeData(dataId);
      }
    }
    return gradient;
  };

/** The rows (or columns) of the input that are `first`, `first + stride`, …: what they are computed from. */
interface Phase {
  readonly stride: number;
  readonly first: number;
  readonly count: number;
  /** These rows of the filter: `tap`, `tap + stride`, …, so many of them. */
  readonly tap: number;
  readonly taps: number;
  /** The row of dy at which the window of `first` begins; may be outside of dy. */
  readonly from: number;
}

/** One phase for each remainder of `row + pad` by the stride that a row of the filter has, and a row of the input too. */
function phases({
  size,
  taps,
  stride,
  pad,
}: {
  readonly size: number;
  readonly taps: number;
  readonly stride: number;
  readonly pad: number;
}): readonly Phase[] {
  return Array.from({ length: Math.min(stride, taps) }, (_, tap) => {
    const quotient = Math.max(0, Math.ceil((pad - tap) / stride)); // the first row is stride × quotient + tap - pad
    const first = stride * quotient + tap - pad;
    const own = Math.ceil((taps - tap) / stride);
    return { stride, first, count: Math.ceil((size - first) / stride), tap, taps: own, from: quotient - own + 1 };
  }).filter(({ count }) => count > 0);
}

/** The rows and columns of dy that the phase sees, with zeros where there are none. */
function frame(backend: WasmBackend, dy: TensorInfo, row: Phase, column: Phase): TensorInfo {
  const [pictures, height, width, channels] = dy.shape as Shape4;
  const [rows, columns] = [row.count + row.taps - 1, column.count + column.taps - 1];
  const framed = backend.makeOutput([pictures, rows, columns, channels], 'float32');
  const [from, to] = [backend.typedArrayFromHeap(dy), backend.typedArrayFromHeap(framed)];
  const [left, right] = [Math.max(0, column.from), Math.min(width, column.from + columns)];
  to.fill(0);
  if (left >= right) return framed;
  for (let picture = 0; picture < pictures; picture++) {
    for (let r = Math.max(0, row.from); r < Math.min(height, row.from + rows); r++) {
      const start = (picture * height + r) * width;
      const at = ((picture * rows + r - row.from) * columns + left - column.from) * channels;
      to.set(from.subarray((start + left) * channels, (start + right) * channels), at);
    }
  }
  return framed;
}

/** The filter that the phase needs: its rows and columns backwards, its input and output channels changed over. */
function turnFilter(backend: WasmBackend, filter: TensorInfo, row: Phase, column: Phase): TensorInfo {
  const [, width, inChannels, outChannels] = filter.shape as Shape4;
  const turned = backend.makeOutput([row.taps, column.taps, outChannels, inChannels], 'float32');
  const [from, to] = [backend.typedArrayFromHeap(filter), backend.typedArrayFromHeap(turned)];
  let at = 0;
  for (let r = row.tap + (row.taps - 1) * row.stride; r >= 0; r -= row.stride) {
    for (let c = column.tap + (column.taps - 1) * column.stride; c >= 0; c -= column.stride) {
      const first = (r * width + c) * inChannels * outChannels;
      for (let o = 0; o < outChannels; o++) for (let i = 0; i < inChannels; i++) to[at++] = from[first + i * outChannels + o] as number;
    }
  }
  return turned;
}

/** Writes the rows and columns of a phase to their places. */
function spread(backend: WasmBackend, part: TensorInfo, whole: TensorInfo, [row, column]: readonly [Phase, Phase]): void {
  const [pictures, height, width, channels] = whole.shape as Shape4;
  const [from, to] = [backend.typedArrayFromHeap(part), backend.typedArrayFromHeap(whole)];
  let at = 0;
  for (let picture = 0; picture < pictures; picture++) {
    for (let r = row.first; r < height; r += row.stride) {
      for (let c = column.first; c < width; c += column.stride) {
        const first = ((picture * height + r) * width + c) * channels;
        for (let channel = 0; channel < channels; channel++) to[first + channel] = from[at++] as number;
      }
    }
  }
}
