import type { AnyModel, AnyTensor, Numbers } from './tensor-flow.ts';

export type TensorMaker = (values: Numbers, shape: readonly number[], dtype: string) => AnyTensor;

interface TensorBuffer {
  toTensor(): AnyTensor;
}

/**
 * Makes tensors of the copy of tfjs that a model belongs to, which need not be ours: its weights know how. Not for a model that has none.
 */
export async function tensorMaker({ weights }: Pick<AnyModel, 'weights'>): Promise<TensorMaker> {
  const tensors = weights.map((weight) => weight.read());
  const smallest = tensors.reduce((one, other) => (sizeOf(other.shape) < sizeOf(one.shape) ? other : one));
  const { constructor } = await smallest.buffer();
  const Buffer = constructor as new (shape: readonly number[], dtype: string, values: Numbers) => TensorBuffer;
  return (values, shape, dtype) => new Buffer(shape, dtype, values).toTensor();
}

export const sizeOf = (shape: readonly (number | null)[]): number => shape.reduce<number>((size, length) => size * (length ?? 1), 1);
