/** @ts-ignore: tfjs is an optional peer. Where it is not installed, what names it here is `any`, and nothing else breaks. */
import type * as tfjs from '@tensorflow/tfjs';

/** What `import * as tf from '@tensorflow/tfjs'` gives. */
export type TensorFlow = typeof tfjs;
export type KernelBackend = tfjs.KernelBackend;
export type LayersModel = tfjs.LayersModel;
export type Tensor = tfjs.Tensor;
export type ModelArtifacts = tfjs.io.ModelArtifacts;
export type ModelJson = tfjs.io.ModelJSON;
export type SaveResult = tfjs.io.SaveResult;
export type TensorInfo = tfjs.TensorInfo;
export type KernelConfig = tfjs.KernelConfig;
export type KernelFunc = tfjs.KernelFunc;
export type NamedTensorInfoMap = tfjs.NamedTensorInfoMap;
export type NamedAttrMap = tfjs.NamedAttrMap;
export type WeightSpec = tfjs.io.WeightsManifestEntry;
export type ModelFitArgs = tfjs.ModelFitArgs;

/** What `tensor.data()` gives for the types that weights have. */
export type Numbers = Float32Array | Int32Array | Uint8Array;

/** A tensor or variable of whichever tfjs package and version. */
export interface AnyTensor {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly isDisposed: boolean;
  data(): Promise<Numbers>;
  buffer(): Promise<object>;
  variable(trainable?: boolean): AnyTensor;
  dispose(): void;
}

/** A weight of a layer. */
export interface AnyWeight {
  /** `dense_Dense1/kernel` */
  readonly originalName: string;
  readonly shape: readonly (number | null)[];
  readonly dtype: string;
  read(): AnyTensor;
  write(value: AnyTensor): unknown;
}

/** A `tf.LayersModel` of whichever tfjs package and version, as far as its weights and its optimizer go. */
export interface AnyModel {
  readonly weights: readonly AnyWeight[];
  readonly trainableWeights: readonly AnyWeight[];
  /** Of a compiled model. */
  readonly optimizer?: object;
}
