/** @ts-ignore: tfjs is an optional peer. Where it is not installed, what names it here is `any`, and nothing else breaks. */
import type * as tfjs from '@tensorflow/tfjs';

/** What `import * as tf from '@tensorflow/tfjs'` gives. */
export type TensorFlow = typeof tfjs;
export type LayersModel = tfjs.LayersModel;
export type ModelArtifacts = tfjs.io.ModelArtifacts;
export type ModelJson = tfjs.io.ModelJSON;
export type SaveResult = tfjs.io.SaveResult;
export type TensorInfo = tfjs.TensorInfo;
export type KernelConfig = tfjs.KernelConfig;
export type KernelFunc = tfjs.KernelFunc;
export type NamedTensorInfoMap = tfjs.NamedTensorInfoMap;
export type NamedAttrMap = tfjs.NamedAttrMap;
export type KernelBackend = tfjs.KernelBackend;
