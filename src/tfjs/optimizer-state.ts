import type { AnyModel, AnyTensor, Numbers } from './tensor-flow.ts';
import { sizeOf, type TensorMaker } from './tensor-maker.ts';

/** What an optimizer has gathered while it trained. Its settings, such as the learning rate, are no part of it. */
export interface OptimizerState {
  /** Only an optimizer of the same kind can go on with it: `Adam`. */
  readonly kind: string;
  readonly iterations: number;
  /** As `optimizer.getWeights()` has them: for each kind of moment, one for each trainable weight. */
  readonly slots: readonly { readonly name: string; readonly shape: readonly number[]; readonly values: Numbers }[];
  /** Running products, which tfjs does not save, and makes anew with another rounding. */
  readonly scalars: Readonly<Record<string, number>>;
}

interface NamedTensor {
  readonly name: string;
  readonly tensor: AnyTensor;
}

/** What every `tf.Optimizer` has. */
interface Optimizer {
  readonly iterations: number;
  getClassName(): string;
  getConfig(): Readonly<Record<string, unknown>>;
  getWeights(): Promise<readonly NamedTensor[]>;
  setWeights(weights: readonly NamedTensor[]): Promise<void>;
}

interface Slot {
  readonly originalName: string;
  readonly variable: AnyTensor;
}

/** The one optimizer of tfjs that can give and take no state; these are its own fields. */
const ADAMAX = 'Adamax';
type Adamax = Optimizer & { accumulatedFirstMoment: Slot[]; accumulatedWeightedInfNorm: Slot[]; iterations_: number };

/** Whether tfjs itself can load the state of this kind again. */
export const isRestorable = (kind: string): boolean => kind !== ADAMAX;

export async function readOptimizer(optimizer: object): Promise<OptimizerState> {
  const from = optimizer as Optimizer;
  const weights = await weightsOf(from);
  const slots = await Promise.all(weights.map(async ({ name, tensor }) => ({ name, shape: tensor.shape, values: await tensor.data() })));
  const scalars = await Promise.all(scalarsOf(from).map(async ([name, tensor]) => [name, (await tensor.data())[0] ?? 0] as const));
  return { kind: kindOf(from), iterations: from.iterations, slots, scalars: Object.fromEntries(scalars) };
}

/**
 * Puts the state into the optimizer of a model, which keeps its own settings. Left alone is an optimizer of another kind, and one that
 * trains other weights: it starts afresh.
 */
export async function putOptimizer(model: AnyModel, { kind, iterations, slots, scalars }: OptimizerState, make: TensorMaker): Promise<void> {
  const optimizer = model.optimizer as Optimizer;
  const shapes = model.trainableWeights.map(({ shape }) => String(shape));
  const fits = slots.length % shapes.length === 0 && slots.every(({ shape }, at) => String(shape) === shapes[at % shapes.length]);
  if (kind !== kindOf(optimizer) || !fits) return;
  for (const variable of tensorsIn(optimizer, isSlots)) variable.dispose();
  const weights = slots.map(({ name, shape, values }) => ({ name, tensor: make(values, shape, 'float32') }));
  const all = [{ name: 'iter', tensor: make(Int32Array.of(iterations), [], 'int32') }, ...weights];
  await setWeights(optimizer, all);
  for (const { tensor } of all) tensor.dispose(); // the variables made of them live on
  for (const [name, variable] of scalarsOf(optimizer)) {
    const saved = scalars[name];
    if (saved === undefined) continue;
    const tensor = make(Float32Array.of(saved), [], 'float32');
    (variable as AnyTensor & { assign(value: AnyTensor): void }).assign(tensor);
    tensor.dispose();
  }
}

/** Gives back everything that the optimizer holds; what its own `dispose` forgets too (the learning rate of `momentum`). */
export function disposeOptimizer(optimizer: object): void {
  for (const tensor of tensorsIn(optimizer, () => true)) if (!tensor.isDisposed) tensor.dispose();
}

/** Moments of a centered RMSProp are three for each weight, of any other two. */
const kindOf = (optimizer: Optimizer): string => (optimizer.getConfig()['centered'] === true ? 'centered ' : '') + optimizer.getClassName();

/** Its slots, without the counter that comes first and is a tensor of its own. */
async function weightsOf(optimizer: Optimizer): Promise<readonly NamedTensor[]> {
  if (optimizer.getClassName() === ADAMAX) {
    const { accumulatedFirstMoment, accumulatedWeightedInfNorm } = optimizer as Adamax;
    return [...accumulatedFirstMoment, ...accumulatedWeightedInfNorm].map(({ originalName, variable }) => ({ name: originalName, tensor: variable }));
  }
  const [iterations, ...slots] = await optimizer.getWeights();
  iterations?.tensor.dispose();
  return slots;
}

async function setWeights(optimizer: Optimizer, weights: readonly NamedTensor[]): Promise<void> {
  if (optimizer.getClassName() !== ADAMAX) return optimizer.setWeights(weights);
  const [iterations, ...rest] = weights;
  const slots = rest.map(({ name, tensor }) => ({ originalName: name, variable: tensor.variable(false) }));
  Object.assign(optimizer as Adamax, {
    accumulatedFirstMoment: slots.slice(0, slots.length / 2),
    accumulatedWeightedInfNorm: slots.slice(slots.length / 2),
    iterations_: (await iterations?.tensor.data())?.[0] ?? 0,
  });
}

/** Variables of one number: what it multiplies up or counts. A setting is a plain tensor. */
const scalarsOf = (optimizer: object): (readonly [string, AnyTensor])[] =>
  Object.entries(optimizer).filter((entry): entry is [string, AnyTensor] => isTensor(entry[1]) && 'assign' in entry[1] && sizeOf(entry[1].shape) === 1);

/** The tensors in its fields, and in lists of slots there. */
const tensorsIn = (optimizer: object, wanted: (field: unknown) => boolean): readonly AnyTensor[] =>
  Object.values(optimizer)
    .filter(wanted)
    .flatMap((field: unknown) => (isSlots(field) ? field.map(({ variable }) => variable) : isTensor(field) ? [field] : []));

const isSlots = (field: unknown): field is readonly Slot[] =>
  Array.isArray(field) && field.every((slot: unknown) => isTensor((slot as Slot | undefined)?.variable));

const isTensor = (value: unknown): value is AnyTensor => typeof (value as AnyTensor | undefined)?.dispose === 'function' && 'dataId' in (value as object);
