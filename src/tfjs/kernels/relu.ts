import type { KernelConfig, TensorFlow, TensorInfo } from '../tensor-flow.ts';
import { input, type KernelCall, type WasmKernel } from './wasm-backend.ts';

/** max(x, 0), and NaN of NaN. wasm makes 0 of a NaN whose sign bit is set, as that of Infinity - Infinity is. */
export const relu =
  (_tf: TensorFlow, own: KernelConfig): WasmKernel =>
  (call) => {
    const result = own.kernelFunc(call) as TensorInfo;
    const values = call.backend.typedArrayFromHeap(input(call, 'x'));
    if (!values.includes(Number.NaN)) return result;
    const results = call.backend.typedArrayFromHeap(result);
    for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) results[i] = Number.NaN;
    return result;
  };

/** The above, and at most 6 if that is asked for: wasm's relu6 makes 0 of any NaN. */
function atLeastZero(tf: TensorFlow, x: TensorInfo, { backend }: KernelCall, isRelu6: boolean): TensorInfo {
  const result = tf.getKernel('Relu', 'wasm').kernelFunc({ inputs: { x }, attrs: {}, backend }) as TensorInfo;
  if (!isRelu6) return result;
  const values = backend.typedArrayFromHeap(result);
  for (let i = 0; i < values.length; i++) if ((values[i] as number) > 6) values[i] = 6;
  return result;
}

export const relu6 =
  (tf: TensorFlow): WasmKernel =>
  (call) =>
    atLeastZero(tf, input(call, 'x'), call, true);

/** A product or convolution, then its activation. The relu and relu6 that wasm's own kernels end with can make 0 of NaN. */
export const fusedRelu =
  (tf: TensorFlow, own: KernelConfig): WasmKernel =>
  (call) => {
    const activation = call.attrs['activation'];
    if (activation !== 'relu' && activation !== 'relu6') return own.kernelFunc(call) as TensorInfo;
    const linear = own.kernelFunc({ ...call, attrs: { ...call.attrs, activation: 'linear' } }) as TensorInfo;
    const result = atLeastZero(tf, linear, call, activation === 'relu6');
    call.backend.disposeData(linear.dataId);
    return result;
  };
