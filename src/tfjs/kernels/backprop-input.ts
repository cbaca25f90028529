import type { TensorFlow, TensorInfo } from '../tensor-flow.ts';
import { frame, inPhases, type Phase, phases } from './phases.ts';
import { input, type Shape4, type WasmBackend, type WasmKernel } from './wasm-backend.ts';

/** The filter that a phase needs: its rows and columns backwards. */
export type TurnFilter = (backend: WasmBackend, filter: TensorInfo, phase: readonly [Phase, Phase]) => TensorInfo;

/** The gradient of a convolution by its input: dy convolved, by the kernel of that name, with the filter turned round. */
export const backpropInput =
  (kernel: 'Conv2D' | 'DepthwiseConv2dNative', turnFilter: TurnFilter) =>
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
        kernel === 'DepthwiseConv2dNative',
      );
    return inPhases(backend, inShape, {
      rows: phases({ size: inHeight, taps: filterHeight, stride: strideHeight, pad: padInfo.top }),
      columns: phases({ size: inWidth, taps: filterWidth, stride: strideWidth, pad: padInfo.left }),
      part(both) {
        const errors = frame(backend, dy, both, [outHeight, outWidth]);
        const turned = turnFilter(backend, filter, both);
        const gradient = tf.getKernel(kernel, 'wasm').kernelFunc({
          inputs: { x: errors, filter: turned },
          attrs: { strides: 1, dilations: 1, pad: 'valid', dataFormat: 'NHWC' },
          backend,
        }) as TensorInfo;
        for (const { dataId } of [errors, turned]) backend.disposeData(dataId);
        return gradient;
      },
    });
  };
