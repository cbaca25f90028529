import type { NamedAttrMap, NamedTensorInfoMap, TensorFlow, TensorInfo } from '../tensor-flow.ts';
import type { Shape4, WasmBackend } from './wasm-backend.ts';

interface Call {
  readonly inputs: NamedTensorInfoMap;
  readonly attrs?: NamedAttrMap;
  readonly backend: unknown;
}
type Condition = (call: Call, tf: TensorFlow) => boolean;

const channelsFirst: Condition = ({ attrs }) => attrs?.['dataFormat'] === 'NCHW';
const biasOfOtherRank: Condition = ({ inputs }) => inputs['bias'] !== undefined && inputs['bias'] !== null && inputs['bias'].shape.length !== 1;
const notFloats: Condition = ({ inputs }) => Object.values(inputs).some((info) => (info?.dtype ?? 'float32') !== 'float32');
const bools: Condition = ({ inputs }) => Object.values(inputs).some((info) => info?.dtype === 'bool');

/** NaN, which wasm makes a number of, so that the loss of a diverged model looks healthy. */
const holdsNaN: Condition = ({ inputs, backend }) =>
  Object.values(inputs).some((info) => info !== undefined && (backend as WasmBackend).typedArrayFromHeap(info).includes(Number.NaN));
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

/** Of integers these give the dtype of floats, or read their bits as those of floats. Of booleans they write beyond what they were given. */
const ONLY_OF_FLOATS = [
  ...['Abs', 'Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atan2', 'Atanh', 'Ceil', 'ClipByValue', 'Cos', 'Cosh', 'Cumprod'],
  ...['Cumsum', 'Elu', 'Erf', 'Exp', 'Expm1', 'Floor', 'IsFinite', 'IsInf', 'IsNan', 'LeakyRelu', 'Log', 'Log1p', 'LogSoftmax'],
  ...['Mod', 'Neg', 'Prod', 'Reciprocal', 'Relu', 'Round', 'Rsqrt', 'Selu', 'Sigmoid', 'Sign', 'Sin', 'Sinh', 'Softmax'],
  ...['Softplus', 'Sqrt', 'Square', 'Step', 'Tan', 'Tanh'],
];

/** What a kernel of wasm refuses, or gets wrong, though it has the name. */
const REFUSED: Readonly<Record<string, readonly Condition[]>> = {
  ...Object.fromEntries(ONLY_OF_FLOATS.map((name) => [name, [notFloats]])),
  Add: [bools],
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
  FloorDiv: [always], // its integers are floats
  FusedConv2D: [channelsFirst, biasOfOtherRank],
  FusedDepthwiseConv2D: [channelsFirst, biasOfOtherRank],
  MaxPool: [paddedByWindows],
  MaxPool3D: [always], // none of its numbers is below 0
  Maximum: [notFloats, holdsNaN],
  Minimum: [notFloats, holdsNaN],
  Pow: [notFloats, holdsNaN],
  Prelu: [notFloats, holdsNaN],
  RealDiv: [bools],
  Relu6: [notFloats],
  ResizeNearestNeighborGrad: [always], // what tf.layers.upSampling2d trains with
  Reverse: [bools],
  Select: [({ inputs }) => inputs['t']?.dtype === 'bool' || inputs['t']?.dtype !== inputs['e']?.dtype],
  Sub: [bools],
  TopK: [bools, holdsNaN],
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
