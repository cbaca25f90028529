import { readFile } from 'node:fs/promises';
import { isAbsolute, join, normalize } from 'node:path';
import { AttuneError } from '../base/errors.ts';
import { describe } from '../base/options.ts';
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
 * @throws {AttuneError} `CHECKPOINT_INVALID` when `from` is neither, when a file is missing, something else or of another length, or a
 * weight is NaN, or what its optimizer has gathered
 */
export async function readModelFiles(where: string, from: string | { readonly path: string }): Promise<ModelFiles> {
  const dir = directoryOf(where, from);
  const text = await readFile(join(dir, 'model.json'), 'utf8').catch((cause: unknown) => reject(where, dir, 'a readable model.json', cause));
  const json = parseModelJson(where, dir, text);
  const paths = json.weightsManifest.flatMap((group) => group.paths);
  const parts = await Promise.all(paths.map((file) => readFile(join(dir, file)))).catch((cause: unknown) =>
    reject(where, dir, 'every file that model.json names', cause),
  );
  const files = { dir, json, specs: json.weightsManifest.flatMap((group) => group.weights), bytes: Uint8Array.from(Buffer.concat(parts)) };
  const length = files.specs.reduce((sum, { shape, dtype, quantization }) => sum + sizeOf(shape) * (BYTES[quantization?.dtype ?? dtype] ?? 0), 0);
  if (length !== files.bytes.length) reject(where, dir, `${length} bytes of weights, as model.json names them,`, new Error(String(files.bytes.length)));
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
 * @throws {AttuneError} `CHECKPOINT_INVALID` for the rest
 */
export function savedWeights(where: string, files: ModelFiles): readonly SavedWeight[] {
  const weights = [...plainWeights(files)];
  const odd = files.specs[weights.length];
  return odd === undefined ? weights : reject(where, files.dir, 'weights as saveModel writes them', new Error(`${odd.name}, which is something else`));
}

/** Those before the first one that is not plain. */
function* plainWeights({ specs, bytes }: ModelFiles): Generator<SavedWeight> {
  let begin = 0;
  for (const { name, shape, dtype, group, quantization } of specs) {
    const type = quantization === undefined ? ARRAYS[dtype] : undefined;
    if (type === undefined) return;
    const end = begin + sizeOf(shape) * type.BYTES_PER_ELEMENT;
    yield { name, shape, dtype, isOptimizer: group === 'optimizer', values: new type(bytes.buffer.slice(begin, end)) };
    begin = end;
  }
}

type ArrayType = Float32ArrayConstructor | Int32ArrayConstructor | Uint8ArrayConstructor;
const ARRAYS: Readonly<Record<string, ArrayType | undefined>> = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

/** Of a number in a file. What is quantized lies there in the type that it is quantized to. */
const BYTES: Readonly<Record<string, number | undefined>> = { float32: 4, int32: 4, bool: 1, float16: 2, uint16: 2, uint8: 1, complex64: 8 };

function directoryOf(where: string, from: unknown): string {
  const dir = typeof from === 'object' && from !== null ? (from as { readonly path?: unknown }).path : from;
  if (typeof dir === 'string' && dir !== '') return dir;
  throw new AttuneError('CHECKPOINT_INVALID', `${where}: expected a directory or a checkpoint, got ${describe(from)}.`, {
    hint: 'A trial that has saved nothing has no checkpoint: look at result.checkpoint, or trial.checkpoint, first.',
  });
}

/** The one place that knows what `model.json` has to look like. */
function parseModelJson(where: string, dir: string, text: string): SavedJson {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    reject(where, dir, 'a readable model.json', cause);
  }
  const refuse = (expected: string, got: unknown): never => reject(where, dir, `a model.json with ${expected}`, new Error(describe(got)));
  const { modelTopology, weightsManifest, attune } = (isObject(json) ? json : {}) as Partial<Record<keyof SavedJson, unknown>>;
  if (!isObject(modelTopology) || !Array.isArray(weightsManifest)) return reject(where, dir, 'a model.json with modelTopology and weightsManifest', undefined);
  for (const group of weightsManifest as unknown[]) {
    const { paths, weights } = (isObject(group) ? group : {}) as Readonly<Record<string, unknown>>;
    if (!Array.isArray(paths) || !Array.isArray(weights)) return refuse('paths and weights in each group of its weightsManifest', group);
    for (const path of paths as unknown[]) if (!isInside(path)) refuse('paths of files beside it', path);
    for (const weight of weights as unknown[]) if (!isWeightSpec(weight)) refuse('name, shape and a known dtype for each weight', weight);
  }
  const optimizer = isObject(attune) ? attune['optimizer'] : attune;
  if (optimizer !== undefined && !isOptimizer(optimizer)) refuse('kind and scalars of the optimizer', optimizer);
  return json as SavedJson;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Does not lead out of the directory. */
const isInside = (path: unknown): boolean => typeof path === 'string' && path !== '' && !isAbsolute(path) && !/^\.\.(?:[/\\]|$)/.test(normalize(path));

function isWeightSpec(value: unknown): value is WeightSpec {
  if (!isObject(value)) return false;
  const { name, shape, dtype, quantization } = value;
  const stored = isObject(quantization) ? quantization['dtype'] : quantization === undefined ? dtype : undefined;
  const isShape = Array.isArray(shape) && shape.every((length) => Number.isSafeInteger(length) && (length as number) >= 0);
  return typeof name === 'string' && isShape && typeof dtype === 'string' && typeof stored === 'string' && Object.hasOwn(BYTES, stored);
}

const isOptimizer = (value: unknown): boolean =>
  isObject(value) && typeof value['kind'] === 'string' && isObject(value['scalars']) && Object.values(value['scalars']).every((one) => typeof one === 'number');

/** The training had diverged: whatever goes on from here, or predicts, gives NaN for ever. */
function refuseNaN(where: string, files: ModelFiles): void {
  for (const { name, values } of plainWeights(files)) {
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
