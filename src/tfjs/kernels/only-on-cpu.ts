import type { NamedAttrMap, NamedTensorInfoMap, TensorFlow, TensorInfo } from '../tensor-flow.ts';
import type { Shape4 } from './wasm-backend.ts';

interface Call {
  readonly inputs: NamedTensorInfoMap;
  readonly attrs?: NamedAttrMap;
}
type Condition = (call: Call, tf: TensorFlow) => boolean;

const channelsFirst: Condition = ({ attrs }) => attrs?.['dataFormat'] === 'NCHW';
const biasOfOtherRank: Condition = ({ inputs }) => inputs['bias'] !== undefined && inputs['bias'] !== null && inputs['bias'].shape.length !== 1;
const notFloats: Condition = ({ inputs }) => inputs['a']?.dtype !== 'float32' || inputs['b']?.dtype !== 'float32';
const dilated: Condition = ({ attrs }) => [attrs?.['dilations'] ?? 1].flat().some((dilation) => dilation !== 1);
const always: Condition = () => true;

/** Windows that see nothing but padding, of which wasm makes whatever is in memory. */
const paddedByWindows: Condition = ({ inputs, attrs = {} }, tf) => {
  if (typeof attrs['pad'] === 'string') return false;
  const { padInfo, effectiveFilterHeight, effectiveFilterWidth } = tf.backend_util.computePool2DInfo(
    (inputs['x'] as TensorInfo).shape as Shape4,
    attrs['filterSize'] as number,
    attrs['strides'] as number,
    1,
    attrs['pad'] as number,
    attrs['dimRoundingMode'] as 'floor',
  );
  return Math.max(padInfo.top, padInfo.bottom) >= effectiveFilterHeight || Math.max(padInfo.left, padInfo.right) >= effectiveFilterWidth;
};

/** What a kernel of wasm refuses, or gets wrong, though it has the name. */
const REFUSED: Readonly<Record<string, readonly Condition[]>> = {
  AvgPool: [paddedByWindows],
  BatchMatMul: [notFloats],
  Bincount: [always],
  Cast: [({ attrs }) => attrs?.['dtype'] === 'bool'], // it keeps the bits of the number
  Conv2D: [channelsFirst],
  Conv2DBackpropFilter: [channelsFirst],
  Conv2DBackpropInput: [channelsFirst],
  Conv3DBackpropFilterV2: [always],
  Conv3DBackpropInputV2: [always],
  DenseBincount: [always],
  DepthwiseConv2dNative: [channelsFirst],
  DepthwiseConv2dNativeBackpropFilter: [dilated],
  DepthwiseConv2dNativeBackpropInput: [dilated],
  Dilation2D: [always], // none of its numbers is below 0
  Dilation2DBackpropFilter: [always],
  Dilation2DBackpropInput: [always],
  FusedConv2D: [channelsFirst, biasOfOtherRank],
  FusedDepthwiseConv2D: [channelsFirst, biasOfOtherRank],
  MaxPool: [paddedByWindows],
  ResizeNearestNeighborGrad: [always], // what tf.layers.upSampling2d trains with
  _FusedMatMul: [notFloats, biasOfOtherRank],
};

/** Whether this call must be computed by the cpu backend. wasm has no complex numbers, and few kernels for strings. */
export function onlyOnCpu(tf: TensorFlow, kernelName: string): (call: Call) => boolean {
  const conditions = REFUSED[kernelName] ?? [];
  return (call) => {
    for (const name in call.inputs) if (isForeign(call.inputs[name]?.dtype)) return true;
    return isForeign(call.attrs?.['dtype']) || conditions.some((refuses) => refuses(call, tf));
  };
}

const isForeign = (dtype: unknown): boolean => dtype === 'complex64' || dtype === 'string';
