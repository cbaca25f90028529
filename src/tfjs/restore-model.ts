import { AttuneError } from '../base/errors.ts';
import { checkModel } from './check-model.ts';
import { putState } from './load-model.ts';
import { readModelFiles, type SavedWeight, savedWeights } from './model-files.ts';
import type { AnyModel, AnyWeight } from './tensor-flow.ts';
import { tensorMaker } from './tensor-maker.ts';

/**
 * Puts what `saveModel` wrote into a model that you have built: its weights, and, when they were saved with it and the model is
 * compiled, the state of its optimizer. Everything else is the model's own: learning rate, dropout, loss. So a trial goes on from the
 * checkpoint of another one with its own configuration. An optimizer of another kind than the saved one starts afresh.
 *
 * @param from - the directory that holds `model.json`, or a checkpoint
 * @throws {AttuneError} `CHECKPOINT_INVALID`, with the model unchanged: when the weights are of another model (the message names the
 * first layer that differs), when one is NaN, or when the directory holds no whole model; `OPTION_RANGE` for what is no model
 * @example
 * import type { LayersModel } from '@tensorflow/tfjs';
 * import type { TrialContext } from 'attune';
 * import { restoreModel } from 'attune/tfjs';
 *
 * declare const model: LayersModel, trial: TrialContext;
 *
 * if (trial.checkpoint) await restoreModel(model, trial.checkpoint);
 */
export async function restoreModel(model: AnyModel, from: string | { readonly path: string }): Promise<void> {
  checkModel('restoreModel', model, ({ weights, trainableWeights }) => Array.isArray(weights) && Array.isArray(trainableWeights));
  const files = await readModelFiles('restoreModel', from);
  const saved = savedWeights('restoreModel', files).filter(({ isOptimizer }) => !isOptimizer);
  const pairs = pairUp(model.weights, saved, files.dir);
  if (pairs.length === 0) return;
  const make = await tensorMaker(model);
  for (const { weight, value } of pairs) {
    const tensor = make(value.values, value.shape, value.dtype);
    weight.write(tensor);
    tensor.dispose(); // the weight holds the values now
  }
  await putState('restoreModel', model, files);
}

/**
 * Which saved weight belongs to which of the model. Their names are the same but for the numbers: tfjs counts layers through the life
 * of a thread, so that `dense_Dense7` here was `dense_Dense1` there.
 */
function pairUp(weights: readonly AnyWeight[], saved: readonly SavedWeight[], dir: string): { readonly weight: AnyWeight; readonly value: SavedWeight }[] {
  const [mine, theirs] = [groups(weights, ({ originalName }) => originalName), groups(saved, ({ name }) => name)];
  const values = new Map([...mine].flatMap(([pattern, group]) => group.map((weight, at) => [weight, theirs.get(pattern)?.[at]] as const)));
  const pairs = weights.map((weight) => {
    const value = values.get(weight);
    if (value !== undefined && String(value.shape) === String(weight.shape)) return { weight, value };
    throw misfit(dir, shown(weight.originalName, weight.shape), value && shown(value.name, value.shape));
  });
  const extra = [...theirs].flatMap(([pattern, group]) => group.slice(mine.get(pattern)?.length ?? 0))[0];
  if (extra) throw misfit(dir, `no more than the ${weights.length} weights of the model`, shown(extra.name, extra.shape));
  return pairs;
}

/** By name without its numbers; within a group by those. */
function groups<T>(weights: readonly T[], nameOf: (weight: T) => string): ReadonlyMap<string, readonly T[]> {
  const map = new Map<string, T[]>();
  const order = new Intl.Collator('en', { numeric: true });
  for (const weight of [...weights].sort((one, other) => order.compare(nameOf(one), nameOf(other)))) {
    const pattern = nameOf(weight).replaceAll(/\d+/g, '#');
    const group = map.get(pattern);
    if (group) group.push(weight);
    else map.set(pattern, [weight]);
  }
  return map;
}

const shown = (name: string, shape: readonly (number | null)[]): string => `${name} of shape [${shape.join(', ')}]`;

const misfit = (dir: string, expected: string, got: string | undefined): AttuneError =>
  new AttuneError('CHECKPOINT_INVALID', `restoreModel: expected ${expected} in ${dir}, got ${got ?? 'no such weight'}.`, {
    hint: 'The checkpoint is of another model: build the one that was saved, with as many units in each layer.',
  });
