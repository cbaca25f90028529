import { disposeOptimizer } from './optimizer-state.ts';

/** A model of whichever tfjs package and version. */
export interface DisposableModel {
  dispose(): unknown;
  /** Of a compiled model. */
  readonly optimizer?: object;
}

/**
 * Gives back all memory of a model: its weights, and what its optimizer holds, which `model.dispose()` leaves when the
 * optimizer was made by you, and some optimizers of tfjs forget in part. Call it once, when a trial is done with the model.
 *
 * @example
 * import type { LayersModel, Tensor } from '@tensorflow/tfjs';
 * import { disposeModel } from 'attune/tfjs';
 *
 * declare const model: LayersModel, x: Tensor, y: Tensor;
 *
 * try {
 *   await model.fit(x, y);
 * } finally {
 *   disposeModel(model);
 * }
 */
export function disposeModel(model: DisposableModel): void {
  const { optimizer } = model;
  model.dispose();
  if (optimizer) disposeOptimizer(optimizer);
}
