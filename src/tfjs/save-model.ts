import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkOptions } from '../base/options.ts';
import type { ModelArtifacts, ModelJson, SaveResult } from './tensor-flow.ts';

/** Any `tf.LayersModel`, of whichever tfjs package and version. */
export interface SavableModel {
  save(handler: { save(artifacts: ModelArtifacts): Promise<SaveResult> }, options?: { includeOptimizer?: boolean }): Promise<unknown>;
}

export interface SaveModelOptions {
  /** Also the optimizer and its state, so that training can go on where it was. Default false: the files are smaller. */
  readonly includeOptimizer?: boolean;
}

/**
 * Writes a model as the standard tfjs LayersModel files, `model.json` and `weights.bin`, on any backend. `dir` is made
 * when it does not exist; files of an earlier model in it are replaced.
 *
 * @example
 * await trial.report({ loss }, { checkpoint: (dir) => saveModel(model, dir) });
 */
export async function saveModel(model: SavableModel, dir: string, options: SaveModelOptions = {}): Promise<void> {
  checkOptions('saveModel', options, ['includeOptimizer']);
  const save = async (artifacts: ModelArtifacts): Promise<SaveResult> => {
    await mkdir(dir, { recursive: true });
    const weightDataBytes = await writeWeights(join(dir, 'weights.bin'), artifacts.weightData ?? []);
    await writeFile(join(dir, 'model.json'), JSON.stringify(modelJson(artifacts)));
    return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON', weightDataBytes } };
  };
  await model.save({ save }, { includeOptimizer: options.includeOptimizer ?? false });
}

/** tfjs hands over one buffer or several; the file is all of them in a row. Returns how many bytes that is. */
async function writeWeights(path: string, data: ArrayBuffer | readonly ArrayBuffer[]): Promise<number> {
  const buffers = data instanceof ArrayBuffer ? [data] : data;
  const file = await open(path, 'w');
  try {
    for (const buffer of buffers) await file.writeFile(new Uint8Array(buffer));
  } finally {
    await file.close();
  }
  return buffers.reduce((bytes, { byteLength }) => bytes + byteLength, 0);
}

/** The same keys in the same order as tfjs's own writers. */
function modelJson({ modelTopology = {}, weightSpecs = [], weightData: _, ...rest }: ModelArtifacts): ModelJson {
  return { ...rest, modelTopology, weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }] };
}
