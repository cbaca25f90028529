import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AttuneError } from '../base/errors.ts';
import type { OptimizerState } from './optimizer-state.ts';
import type { ModelArtifacts, ModelJson, Numbers, WeightSpec } from './tensor-flow.ts';
import { sizeOf } from './tensor-maker.ts';

/** `model.json` as `saveModel` writes it: tfjs's own, and what tfjs does not know and passes over. */
export type SavedJson = ModelJson & { readonly attune?: { readonly optimizer?: Pick<OptimizerState, 'kind' | 'scalars'> } };

export interface ModelFiles {
  readonly dir: string;
  readonly json: SavedJson;
  readonly specs: readonly WeightSpec[];
  /** The weights of all files in a row. */
  readonly bytes: Uint8Array & { readonly buffer: ArrayBuffer };
}

/** A weight as it lies in the files. */
export interface SavedWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly isOptimizer: boolean;
  readonly values: Numbers;
}

/**
 * Reads the files of a LayersModel, also several weight files.
 *
 * @param where - begins the message: `loadModel`
 * @throws {AttuneError} `CHECKPOINT_INVALID` when a file is missing or something else, or a weight is NaN
 */
export async function readModelFiles(where: string, from: string | { readonly path: string }): Promise<ModelFiles> {
  const dir = typeof from === 'string' ? from : from.path;
  const json = await readModelJson(where, dir);
  const paths = json.weightsManifest.flatMap((group) => group.paths);
  const parts = await Promise.all(paths.map((file) => readFile(join(dir, file)))).catch((cause: unknown) =>
    reject(where, dir, 'every file that model.json names', cause),
  );
  const files = { dir, json, specs: json.weightsManifest.flatMap((group) => group.weights), bytes: Uint8Array.from(Buffer.concat(parts)) };
  refuseNaN(where, files);
  return files;
}

export const artifactsOf = ({ json, specs, bytes }: ModelFiles): ModelArtifacts => {
  const { weightsManifest: _, attune: __, ...rest } = json;
  return { ...rest, weightSpecs: [...specs], weightData: bytes.buffer };
};

/**
 * The weights one by one. Only what lies in the files as it is, which is what `saveModel` writes: no text, nothing quantized.
 *
 * @throws {AttuneError} `CHECKPOINT_INVALID` for the rest, and when the files are too short
 */
export function savedWeights(where: string, files: ModelFiles): readonly SavedWeight[] {
  const weights = [...plainWeights(files)];
  const { dir, specs, bytes } = files;
  const odd = specs[weights.length];
  if (odd !== undefined)
    return reject(where, dir, 'weights as saveModel writes them', new Error(`${odd.name}, which is something else or cut short at ${bytes.length} bytes`));
  return weights;
}

/** Those before the first one that is not plain, or not whole. */
function* plainWeights({ specs, bytes }: ModelFiles): Generator<SavedWeight> {
  let begin = 0;
  for (const { name, shape, dtype, group, quantization } of specs) {
    const type = quantization === undefined ? ARRAYS[dtype] : undefined;
    const end = begin + sizeOf(shape) * (type?.BYTES_PER_ELEMENT ?? 0);
    if (type === undefined || end > bytes.length) return;
    yield { name, shape, dtype, isOptimizer: group === 'optimizer', values: new type(bytes.buffer.slice(begin, end)) };
    begin = end;
  }
}

type ArrayType = Float32ArrayConstructor | Int32ArrayConstructor | Uint8ArrayConstructor;
const ARRAYS: Readonly<Record<string, ArrayType | undefined>> = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

async function readModelJson(where: string, dir: string): Promise<SavedJson> {
  const json = await readFile(join(dir, 'model.json'), 'utf8')
    .then((text) => JSON.parse(text) as Partial<SavedJson> | null)
    .catch((cause: unknown) => reject(where, dir, 'a readable model.json', cause));
  if (json?.modelTopology === undefined || !Array.isArray(json.weightsManifest))
    return reject(where, dir, 'a model.json with modelTopology and weightsManifest', undefined);
  return json as SavedJson;
}

/** The training had diverged: whatever goes on from here, or predicts, gives NaN for ever. */
function refuseNaN(where: string, files: ModelFiles): void {
  for (const { name, values, isOptimizer } of plainWeights(files)) {
    if (isOptimizer) continue;
    let sick = 0;
    for (const value of values) if (Number.isNaN(value)) sick += 1;
    if (sick === 0) continue;
    throw new AttuneError('CHECKPOINT_INVALID', `${where}: expected numbers in ${files.dir}, got ${sick} NaN among the ${values.length} of ${name}.`, {
      hint: 'The training had diverged when this was saved: use an earlier checkpoint, or a lower learning rate.',
    });
  }
}

export function reject(where: string, dir: string, expected: string, cause: unknown): never {
  const got = cause instanceof Error ? cause.message : 'a file without them';
  throw new AttuneError('CHECKPOINT_INVALID', `${where}: expected ${expected} in ${dir}, got: ${got}.`, { cause });
}
