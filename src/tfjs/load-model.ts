import { artifactsOf, type ModelFiles, readModelFiles, reject, savedWeights } from './model-files.ts';
import { putOptimizer } from './optimizer-state.ts';
import type { AnyModel, AnyTensor, LayersModel } from './tensor-flow.ts';
import { tensorMaker } from './tensor-maker.ts';
import { useBackend } from './use-backend.ts';

/**
 * Reads a model that `saveModel` wrote, or any other tfjs LayersModel files (also ones with several weight files), onto
 * the active backend; when there is none yet, onto the best that is installed. A model saved with its optimizer comes
 * back compiled, unless its loss is a function of your own; any other must be compiled before it is trained or evaluated.
 *
 * To go on with a model that you can build yourself, with another learning rate for instance, use `restoreModel`.
 *
 * @param from - the directory that holds `model.json`, or a checkpoint
 * @throws {AttuneError} `CHECKPOINT_INVALID` when the directory holds no whole model, or one with NaN among its weights
 * @example
 * import type { ResultGrid } from 'attune';
 * import { loadModel } from 'attune/tfjs';
 *
 * declare const grid: ResultGrid;
 *
 * const model = await loadModel(grid.getBestResult().getBestCheckpoint());
 */
export async function loadModel(from: string | { readonly path: string }): Promise<LayersModel> {
  const files = await readModelFiles('loadModel', from);
  const { tf } = await useBackend();
  const variables = (): readonly AnyTensor[] => Object.values(tf.engine().registeredVariables);
  let before: ReadonlySet<unknown> | undefined;
  const load = async (): Promise<ReturnType<typeof artifactsOf>> => {
    await new Promise(setImmediate); // from here to the end or the failure of tfjs nothing else runs
    before = new Set(variables());
    return artifactsOf(files);
  };
  const model = await tf.loadLayersModel({ load }).catch((cause: unknown) => {
    for (const variable of variables()) if (before?.has(variable) === false) variable.dispose(); // of the half-made model
    return reject('loadModel', files.dir, 'a model that tfjs can load', cause);
  });
  if (files.json.trainingConfig !== undefined && files.json.attune?.optimizer !== undefined) await putState('loadModel', model as unknown as AnyModel, files);
  return model;
}

/** Puts the state of the optimizer that the files have into that of the model, to the last bit. */
export async function putState(where: string, model: AnyModel, files: ModelFiles): Promise<void> {
  const state = files.json.attune?.optimizer;
  if (state === undefined || model.optimizer === undefined || model.weights.length === 0) return;
  const [counter, ...slots] = savedWeights(where, files).filter(({ isOptimizer }) => isOptimizer);
  await putOptimizer(model, { ...state, iterations: counter?.values[0] ?? 0, slots }, await tensorMaker(model));
}
