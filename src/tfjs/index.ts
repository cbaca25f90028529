/// <reference types="node" preserve="true" />
import { provideTfjsArtifacts } from './tfjs-artifacts.ts';

export type { DisposableModel } from './dispose-model.ts';
export { disposeModel } from './dispose-model.ts';
export type { FitData, Samples, SamplesOrSeveral, TensorsOf } from './fit-data.ts';
export { loadModel } from './load-model.ts';
export type { EpochReporter, ReportEpochsOptions } from './report-epochs.ts';
export { reportEpochs } from './report-epochs.ts';
export { restoreModel } from './restore-model.ts';
export type { SavableModel, SaveModelOptions } from './save-model.ts';
export { saveModel } from './save-model.ts';
export type { AnyModel } from './tensor-flow.ts';
export type { Epoch, EpochMetrics, FitOptions, TfjsTrainableOptions } from './tfjs-trainable.ts';
export { tfjsTrainable } from './tfjs-trainable.ts';
export type { Backend, BackendName, BackendOptions } from './use-backend.ts';
export { useBackend } from './use-backend.ts';

provideTfjsArtifacts();
