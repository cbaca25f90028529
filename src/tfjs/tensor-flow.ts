/** @ts-ignore: tfjs is an optional peer. Where it is not installed, what names it here is `any`, and nothing else breaks. */
import type * as tfjs from '@tensorflow/tfjs';

/** What `import * as tf from '@tensorflow/tfjs'` gives. */
export type TensorFlow = typeof tfjs;
export type KernelBackend = tfjs.KernelBackend;
export type LayersModel = tfjs.LayersModel;
export type ModelArtifacts = tfjs.io.ModelArtifacts;
export type ModelJson = tfjs.io.ModelJSON;
export type SaveResult = tfjs.io.SaveResult;
