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
  const { x, y, validation } = (data ?? {}) as Partial<FitData>;
  const parts = { x, y, ...(validation === undefined ? {} : { 'validation.x': validation.x, 'validation.y': validation.y }) };
  for (const [name, part] of Object.entries(parts)) {
    if (isSamples(part)) checkSamples(name, part);
    else if (typeof part !== 'object' || part === null || ArrayBuffer.isView(part)) throw invalid(name, describe(part));
    else for (const [key, samples] of Object.entries(part)) checkSamples(`${name}.${key}`, samples);
  }
}

function checkSamples(name: string, samples: unknown): void {
  if (!isSamples(samples)) throw invalid(name, describe(samples));
  const { values, shape } = samples;
  if (sizeOf(shape) !== values.length) throw invalid(name, `${values.length} values for the shape [${shape.join(', ')}], which has ${sizeOf(shape)}`);
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

const invalid = (name: string, got: string): AttuneError =>
  new AttuneError('TRAINABLE_INVALID', `tfjsTrainable: expected data() to give samples as ${name}, got ${got}.`, {
    hint: 'Samples are { values, shape }: a Float32Array, Int32Array or Uint8Array, and as many numbers as the shape has.',
  });
