import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkOptions } from '../base/options.ts';
import { checkModel, hasSave } from './check-model.ts';
import type { SavedJson } from './model-files.ts';
import { isRestorable, type OptimizerState, readOptimizer } from './optimizer-state.ts';
import type { ModelArtifacts, SaveResult, WeightSpec } from './tensor-flow.ts';

/** Any `tf.LayersModel`, of whichever tfjs package and version. */
export interface SavableModel {
  save(handler: { save(artifacts: ModelArtifacts): Promise<SaveResult> }, options?: { includeOptimizer?: boolean }): Promise<unknown>;
  readonly optimizer?: object;
}

/** What `saveModel` takes. */
export interface SaveModelOptions {
  /** Also the optimizer and its state, so that training can go on where it was. Default false: the files are smaller. */
  readonly includeOptimizer?: boolean;
}

/**
 * Writes a model as the standard tfjs LayersModel files, `model.json` and `weights.bin`, on any backend. `dir` is made
 * when it does not exist; files of an earlier model in it are replaced. NaN is written as it is: nothing will load it.
 *
 * @throws {AttuneError} `OPTION_RANGE` for what is no model, `OPTION_UNKNOWN` for other options
 * @example
 * import type { LayersModel } from '@tensorflow/tfjs';
 * import type { TrialContext } from 'attune';
 * import { saveModel } from 'attune/tfjs';
 *
 * declare const model: LayersModel, trial: TrialContext, loss: number;
 *
 * await trial.report({ loss }, { checkpoint: (dir) => saveModel(model, dir) });
 */
export async function saveModel(model: SavableModel, dir: string, options: SaveModelOptions = {}): Promise<void> {
  checkOptions('saveModel', options, ['includeOptimizer']);
  checkModel('saveModel', model, hasSave);
  const { optimizer } = model;
  const state = options.includeOptimizer === true && optimizer ? await readOptimizer(optimizer) : undefined;
  const save = async (artifacts: ModelArtifacts): Promise<SaveResult> => {
    await mkdir(dir, { recursive: true });
    const buffers = [artifacts.weightData ?? [], state === undefined ? [] : [Int32Array.of(state.iterations), ...state.slots.map(({ values }) => values)]];
    const weightDataBytes = await writeWeights(join(dir, 'weights.bin'), buffers.flat());
    await writeFile(join(dir, 'model.json'), JSON.stringify(modelJson(model, artifacts, state)));
    return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON', weightDataBytes } };
  };
  await model.save({ save }, { includeOptimizer: false }); // tfjs would lose a tensor with each optimizer that it saves
}

/** tfjs hands over one buffer or several; the file is all of them in a row. Returns how many bytes that is. */
async function writeWeights(path: string, buffers: readonly (ArrayBuffer | ArrayBufferView)[]): Promise<number> {
  const file = await open(path, 'w');
  try {
    for (const buffer of buffers) {
      const bytes = ArrayBuffer.isView(buffer) ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength) : new Uint8Array(buffer);
      await file.writeFile(bytes);
    }
  } finally {
    await file.close();
  }
  return buffers.reduce((bytes, { byteLength }) => bytes + byteLength, 0);
}

/** The same keys in the same order as tfjs's own writers. */
function modelJson(
  model: object,
  { modelTopology = {}, weightSpecs = [], weightData: _, ...rest }: ModelArtifacts,
  state: OptimizerState | undefined,
): SavedJson {
  const weightsManifest = (weights: readonly WeightSpec[]): SavedJson['weightsManifest'] => [{ paths: ['weights.bin'], weights: [...weights] }];
  if (state === undefined) return { ...rest, modelTopology, weightsManifest: weightsManifest(weightSpecs) };
  const { kind, scalars, slots } = state;
  const trainingConfig = isRestorable(kind) ? trainingConfigOf(model) : undefined;
  const optimizerSpecs: readonly WeightSpec[] = [
    { name: 'iter', shape: [], dtype: 'int32', group: 'optimizer' },
    ...slots.map(({ name, shape }): WeightSpec => ({ name, shape: [...shape], dtype: 'float32', group: 'optimizer' })),
  ];
  return {
    ...rest,
    ...(trainingConfig === undefined ? {} : { trainingConfig }),
    modelTopology,
    weightsManifest: weightsManifest([...weightSpecs, ...optimizerSpecs]),
    attune: { optimizer: { kind, scalars } },
  };
}

type TrainingConfig = NonNullable<ModelArtifacts['trainingConfig']>;

/** How the model is compiled, as far as it has names that tfjs finds again: a function of the user's own is none. */
function trainingConfigOf(model: object): TrainingConfig | undefined {
  const { loss, metrics } = model as { readonly loss?: unknown; readonly metrics?: unknown };
  if (!areNames(loss)) return undefined;
  try {
    const config = (model as { getTrainingConfig(): TrainingConfig }).getTrainingConfig();
    return areNames(metrics ?? []) ? config : { ...config, metrics: [] };
  } catch {
    return undefined; // several metrics for one output, for instance: tfjs cannot write that
  }
}

const areNames = (value: unknown): boolean =>
  typeof value === 'string' || (typeof value === 'object' && value !== null && Object.values(value).every((one) => typeof one === 'string'));
