/// <reference types="node" preserve="true" />
export { loadModel } from './load-model.ts';
export type { SavableModel, SaveModelOptions } from './save-model.ts';
export { saveModel } from './save-model.ts';
export type { Backend, BackendName, BackendOptions } from './use-backend.ts';
export { useBackend } from './use-backend.ts';
