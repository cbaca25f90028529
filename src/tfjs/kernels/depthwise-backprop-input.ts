import type { TensorFlow, TensorInfo } from '../tensor-flow.ts';
import { frame, inPhases, type Phase, phases } from './phases.ts';
import { input, type Shape4, type WasmBackend, type WasmKernel } from './wasm-backend.ts';

/**
 * The gradient of a depthwise convolution by its input: dy convolved depthwise with the filter turned round, and the
 * channels that came of one of the input summed up.
 */
export const depthwiseBackpropInput =
  (tf: TensorFlow): WasmKernel =>
  (call) => {
    const { attrs, backend } = call;
    const [dy, filter] = [input(call, 'dy'), input(call, 'filter')];
    const { inShape, inHeight, inWidth, filterHeight, filterWidth, strideHeight, strideWidth, padInfo, outHeight, outWidth } =
      tf.backend_util.computeConv2DInfo(
        attrs['inputShape'] as Shape4,
        filter.shape as Shape4,
        attrs['strides'] as number,
        1,
        attrs['pad'] as 'same',
        attrs['dimRoundingMode'] as 'floor',
        true,
      );
    return inPhases(backend, inShape, {
      rows: phases({ size: inHeight, taps: filterHeight, stride: strideHeight, pad: padInfo.top }),
      columns: phases({ size: inWidth, taps: filterWidth, stride: strideWidth, pad: padInfo.left }),
      part(both) {
        const errors = frame(backend, dy, both, [outHeight, outWidth]);
        const turned = turnFilter(backend, filter, both);
        const gradient = tf.getKernel('DepthwiseConv2dNative', 'wasm').kernelFunc({
          inputs: { x: errors, filter: turned },
          attrs: { strides: 1, dilations: 1, pad: 'valid', dataFormat: 'NHWC' },
          backend,
        }) as TensorInfo;
        for (const { dataId } of [errors, turned]) backend.disposeData(dataId);
        return gradient;
      },
    });
  };

/** The filter that the phase needs, its rows and columns backwards, for as many channels as dy has. */
function turnFilter(backend: WasmBackend, filter: TensorInfo, [row, column]: readonly [Phase, Phase]): TensorInfo {
  const [, width, inChannels, each] = filter.shape as Shape4;
  const channels = inChannels * each;
  const turned = backend.makeOutput([row.taps, column.taps, channels, 1], 'float32');
  const [from, to] = [backend.typedArrayFromHeap(filter), backend.typedArrayFromHeap(turned)];
  let at = 0;
  for (let r = row.tap + (row.taps - 1) * row.stride; r >= 0; r -= row.stride) {
    for (let c = column.tap + (column.taps - 1) * column.stride; c >= 0; c -= column.stride) {
      const first = (r * width + c) * channels;
      for (let channel = 0; channel < channels; channel++) to[at++] = from[first + channel] as number;
    }
  }
  return turned;
}
