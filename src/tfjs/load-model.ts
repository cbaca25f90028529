import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AttuneError } from '../base/errors.ts';
import type { LayersModel, ModelArtifacts, ModelJson } from './tensor-flow.ts';
import { useBackend } from './use-backend.ts';

/**
 * Reads a model that `saveModel` wrote, or any other tfjs LayersModel files (also ones with several weight files), onto
 * the active backend; when there is none yet, onto the best that is installed. A model saved with its optimizer comes
 * back compiled; any other must be compiled before it is trained or evaluated.
 *
 * @param from - the directory that holds `model.json`, or a checkpoint
 * @throws {AttuneError} `CHECKPOINT_INVALID` when the directory holds no whole model
 * @example
 * const model = await loadModel(grid.getBestResult().getBestCheckpoint());
 */
export async function loadModel(from: string | { readonly path: string }): Promise<LayersModel> {
  const dir = typeof from === 'string' ? from : from.path;
  const artifacts = await readArtifacts(dir);
  const { tf } = await useBackend();
  return tf.loadLayersModel({ load: () => Promise.resolve(artifacts) }).catch((cause: unknown) => reject(dir, 'a model that tfjs can load', cause));
}

async function readArtifacts(dir: string): Promise<ModelArtifacts> {
  const { weightsManifest, ...rest } = await readModelJson(dir);
  const files = weightsManifest.flatMap(({ paths }) => paths);
  const weights = Buffer.concat(
    await Promise.all(files.map((file) => readFile(join(dir, file)))).catch((cause: unknown) => reject(dir, 'every file that model.json names', cause)),
  );
  return { ...rest, weightSpecs: weightsManifest.flatMap((group) => group.weights), weightData: Uint8Array.from(weights).buffer };
}

async function readModelJson(dir: string): Promise<ModelJson> {
  const path = join(dir, 'model.json');
  const json = await readFile(path, 'utf8')
    .then((text) => JSON.parse(text) as Partial<ModelJson> | null)
    .catch((cause: unknown) => reject(dir, 'a readable model.json', cause));
  if (json?.modelTopology === undefined || !Array.isArray(json.weightsManifest))
    return reject(dir, 'a model.json with modelTopology and weightsManifest', undefined);
  return json as ModelJson;
}

function reject(dir: string, expected: string, cause: unknown): never {
  const got = cause instanceof Error ? cause.message : 'a file without them';
  throw new AttuneError('CHECKPOINT_INVALID', `loadModel: expected ${expected} in ${dir}, got: ${got}.`, { cause });
}
