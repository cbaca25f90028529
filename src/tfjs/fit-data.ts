import { AttuneError } from '../base/errors.ts';
import { describe } from '../base/options.ts';
import type { AnyTensor, Numbers, Tensor } from './tensor-flow.ts';
import { sizeOf, type TensorMaker } from './tensor-maker.ts';

/** The numbers of one tensor. */
export interface Samples {
  readonly values: Numbers;
  /** The first is how many samples there are: `[60000, 28, 28, 1]`. */
  readonly shape: readonly number[];
  /** Of the tensor. Default: `float32` for a Float32Array and in `y`, since the losses of tfjs take nothing else, and else `int32`. */
  readonly dtype?: 'float32' | 'int32' | 'bool';
}

/** For a model with one input or output; with several, in their order, or by name. */
export type SamplesOrSeveral = Samples | readonly Samples[] | { readonly [name: string]: Samples };

/** What a model learns from. */
export interface FitData {
  readonly x: SamplesOrSeveral;
  readonly y: SamplesOrSeveral;
  /** What the model is evaluated on after each epoch: `val_loss` and so on. */
  readonly validation?: { readonly x: SamplesOrSeveral; readonly y: SamplesOrSeveral };
}

/** The tensors of `D`, in the same places. */
export type TensorsOf<D> = D extends Samples ? Tensor : { readonly [K in keyof D]: TensorsOf<D[K]> };

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

/** @throws {AttuneError} `TRAINABLE_INVALID` for data of another form, naming the place */
export function checkData(data: unknown): asserts data is FitData {
  const { x, y, validation } = partsOf('', data, ['x', 'y', 'validation']);
  checkXY('', { x, y });
  if (validation !== undefined) checkXY('validation.', partsOf('as validation ', validation, ['x', 'y']));
}

/** The fields of an object that has no others. */
function partsOf(place: string, value: unknown, allowed: readonly string[]): Readonly<Record<string, unknown>> {
  const expected = `${place}{ ${allowed.join(', ')} }`;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(expected, describe(value));
  const odd = Object.keys(value).find((key) => !allowed.includes(key));
  if (odd !== undefined) throw invalid(expected, `also ${describe(odd)}`);
  return value as Readonly<Record<string, unknown>>;
}

function checkXY(prefix: string, { x, y }: Readonly<Record<string, unknown>>): void {
  for (const [key, part] of Object.entries({ x, y })) {
    const name = `${prefix}${key}`;
    if (isSamples(part)) checkSamples(name, part);
    else if (typeof part !== 'object' || part === null || ArrayBuffer.isView(part)) throw invalid(`samples as ${name}`, describe(part));
    else if (Object.keys(part).length === 0) throw invalid(`samples as ${name}`, 'none');
    else for (const [inner, samples] of Object.entries(part)) checkSamples(`${name}.${inner}`, samples);
  }
}

function checkSamples(name: string, samples: unknown): void {
  if (!isSamples(samples)) throw invalid(`samples as ${name}`, describe(samples));
  const { values, shape, dtype } = partsOf(`as ${name} `, samples, ['values', 'shape', 'dtype']) as unknown as Samples;
  const shown = `[${shape.map((length) => describe(length)).join(', ')}]`;
  if (shape.length === 0 || !shape.every((length) => Number.isSafeInteger(length) && length >= 1))
    throw invalid(`samples as ${name}, with a shape of integers >= 1`, `the shape ${shown}`);
  if (sizeOf(shape) !== values.length) throw invalid(`samples as ${name}`, `${values.length} values for the shape ${shown}, which has ${sizeOf(shape)}`);
  if (dtype !== undefined && !Object.hasOwn(ARRAYS, dtype))
    throw invalid(`samples as ${name}, with a dtype among ${Object.keys(ARRAYS).join(', ')}`, `the dtype ${describe(dtype)}`);
}

/** The numbers of `data` as tensors, in the same places. Dispose of each of `all`. */
export function toTensors<D extends FitData>(data: D, make: TensorMaker): { readonly tensors: TensorsOf<D>; readonly all: readonly AnyTensor[] } {
  const all: AnyTensor[] = [];
  const convert = (value: SamplesOrSeveral, whole: 'float32' | 'int32'): unknown => {
    if (Array.isArray(value)) return value.map((one: Samples) => convert(one, whole));
    if (!isSamples(value)) return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, convert(one as Samples, whole)]));
    const { values, shape, dtype = values instanceof Float32Array ? 'float32' : whole } = value;
    const tensor = make(values instanceof ARRAYS[dtype] ? values : ARRAYS[dtype].from(values), shape, dtype);
    all.push(tensor);
    return tensor;
  };
  const pair = ({ x, y }: Omit<FitData, 'validation'>) => ({ x: convert(x, 'int32'), y: convert(y, 'float32') });
  const { validation } = data;
  return { tensors: { ...pair(data), ...(validation === undefined ? {} : { validation: pair(validation) }) } as unknown as TensorsOf<D>, all };
}

const isNumbers = (value: unknown): value is Numbers => value instanceof Float32Array || value instanceof Int32Array || value instanceof Uint8Array;

const isSamples = (value: unknown): value is Samples => isNumbers((value as Samples | undefined)?.values) && Array.isArray((value as Samples).shape);

const invalid = (expected: string, got: string): AttuneError =>
  new AttuneError('TRAINABLE_INVALID', `tfjsTrainable: expected data() to give ${expected}, got ${got}.`, {
    hint: 'Samples are { values, shape }: a Float32Array, Int32Array or Uint8Array, and as many numbers as the shape has.',
  });
