import type { NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '../tensor-flow.ts';

/** What the kernels use of the wasm backend of tfjs. */
export interface WasmBackend {
  /** A new tensor; what it holds is undefined. */
  makeOutput(shape: readonly number[], dtype: 'float32' | 'int32' | 'bool'): TensorInfo;
  /** The values where they are. Any later `makeOutput` may grow the heap, which empties this view: make the outputs first. */
  typedArrayFromHeap(info: TensorInfo): Float32Array;
  /** Counts one reference to the data more. */
  incRef(dataId: object): void;
  /** Counts one reference to the data less, and frees them with the last. */
  disposeData(dataId: object): boolean;
}

export interface KernelCall {
  readonly inputs: NamedTensorInfoMap;
  readonly attrs: NamedAttrMap;
  readonly backend: WasmBackend;
}

/** A kernel of the wasm backend with one output. */
export type WasmKernel = (call: KernelCall) => TensorInfo;

export type Shape4 = [number, number, number, number];

/** The input called `name`, which the operation of tfjs has seen to. */
export function input({ inputs }: Pick<KernelCall, 'inputs'>, name: string): TensorInfo {
  const info = inputs[name];
  if (info === undefined) throw new Error(`expected a tensor '${name}'`);
  return info;
}
