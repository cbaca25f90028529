import { AttuneError } from '../base/errors.ts';
import { checkNumber, checkOptions, describe } from '../base/options.ts';
import { type Rng, rng } from '../base/rng.ts';
import { shared } from '../trainable/shared.ts';
import { Trainable } from '../trainable/trainable.ts';
import type { TrainableClass } from '../trainable/trainable-ref.ts';
import type { TrialContext } from '../trainable/trial-context.ts';
import { workerMark } from '../trainable/worker-global.ts';
import { disposeModel } from './dispose-model.ts';
import { checkData, type FitData, type TensorsOf, toTensors } from './fit-data.ts';
import { keyedRandom } from './keyed-random.ts';
import { restoreModel } from './restore-model.ts';
import { saveModel } from './save-model.ts';
import type { AnyModel, AnyTensor, LayersModel, ModelFitArgs, Tensor, TensorFlow } from './tensor-flow.ts';
import { tensorMaker } from './tensor-maker.ts';
import { BACKENDS, type BackendName, useBackend } from './use-backend.ts';

/** How an epoch is trained: options of `model.fit`, with its defaults. */
export interface FitOptions extends Pick<ModelFitArgs, 'batchSize' | 'shuffle' | 'validationSplit' | 'classWeight' | 'callbacks' | 'yieldEvery'> {
  /** After so many the trial has completed. Default: it trains until a stop rule or the scheduler stops it. */
  readonly epochs?: number;
}

/** What each epoch reports: `loss`, the metrics that the model is compiled with (`acc`), and with validation data the same again (`val_loss`). */
export type EpochMetrics = { readonly loss: number; readonly [metric: string]: number };

/** For metrics of your own. */
export interface Epoch<C, D extends FitData> {
  readonly tf: TensorFlow;
  readonly config: C;
  /** The epochs that are done: 1 after the first. */
  readonly epoch: number;
  /** What `data` gave, as tensors: they are not yours to dispose of. */
  readonly data: TensorsOf<D>;
}

/** What `tfjsTrainable` takes. */
export interface TfjsTrainableOptions<C, D extends FitData, X extends Readonly<Record<string, number | Tensor>>> {
  /** A compiled model. Layers and initialisers need no seed. */
  build(config: C, tf: TensorFlow): LayersModel | Promise<LayersModel>;
  /**
   * The numbers to train on, read once and then kept; in `threads()` once for all of them, unless this trainable was made within a
   * trial.
   */
  data(): D | Promise<D>;
  /** Default: `model.fit`'s own, batches of 32 in a shuffled order. */
  readonly fit?: FitOptions | ((config: C) => FitOptions);
  /** More metrics after an epoch: numbers, or tensors of one number. Runs in `tf.tidy`, so it cannot be `async`. */
  metrics?(model: LayersModel, epoch: Epoch<C, D>): X;
  /** Default: the best one that is installed. */
  readonly backend?: BackendName;
}

type Reported<X> = EpochMetrics & { readonly [K in keyof X]: number };

const OPTIONS = ['build', 'data', 'fit', 'metrics', 'backend'];
const FIT_OPTIONS = ['batchSize', 'epochs', 'shuffle', 'validationSplit', 'classWeight', 'callbacks', 'yieldEvery'];

/**
 * A class trainable that trains a tfjs model, an epoch for each step, and reports what `model.fit` logs. Checkpoints hold the model and
 * the state of its optimizer, in the standard files of tfjs; from one a trial goes on to the same losses as if it had not been
 * interrupted, to 1e-6 on `cpu` and `wasm`, since what tfjs draws is keyed by seed, trial and epoch. With the checkpoint of another
 * trial (population based training) the weights and the optimizer's state are that one's; learning rate, dropout and all else that
 * `build` makes are its own; it has completed when that one's epochs are all it was to train. At the end of a run all of its tensors are disposed of.
 *
 * @throws {AttuneError} `OPTION_UNKNOWN` and `OPTION_RANGE` for bad options. In the trial: `TRAINABLE_INVALID` when `build` gives no
 * compiled model or `data` no samples; `CHECKPOINT_INVALID` when a checkpoint does not fit the model, or has NaN among its weights
 * @example
 * import { defineTrainable } from 'attune';
 * import { tfjsTrainable } from 'attune/tfjs';
 *
 * const trainable = tfjsTrainable({
 *   build(config: { lr: number }, tf) {
 *     const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [2], units: 1 })] });
 *     model.compile({ optimizer: tf.train.adam(config.lr), loss: 'meanSquaredError' });
 *     return model;
 *   },
 *   data: () => ({ x: { values: new Float32Array(200), shape: [100, 2] }, y: { values: new Float32Array(100), shape: [100, 1] } }),
 * });
 * export const train = defineTrainable(import.meta.url, trainable, { name: 'train' });
 */
export function tfjsTrainable<C, D extends FitData, X extends Readonly<Record<string, number | Tensor>> = Record<never, never>>(
  options: TfjsTrainableOptions<C, D, X>,
): TrainableClass<C, Reported<X>> {
  checkOptions('tfjsTrainable', options, OPTIONS);
  const { fit } = options;
  for (const name of ['build', 'data', 'metrics'] as const) {
    if (typeof options[name] === 'function' || (name === 'metrics' && options[name] === undefined)) continue;
    throw new AttuneError('OPTION_RANGE', `tfjsTrainable: expected ${name} to be a function, got ${describe(options[name])}.`);
  }
  if (typeof fit !== 'function') checkFit(fit ?? {});
  checkBackend(options.backend);
  const load = async (): Promise<D> => {
    const data = await options.data();
    checkData(data);
    return data;
  };
  const number = workerMark()?.loading === true ? (made += 1) : undefined;
  let loaded: Promise<D> | undefined;
  const loadData = ({ id, name }: TrialContext<Reported<X>>): Promise<D> => {
    loaded ??= (number === undefined ? load() : shared(`data ${number} of ${name.slice(0, -id.length)}`, load)).catch((error: unknown) => {
      loaded = undefined; // the next trial tries again
      throw error;
    });
    return loaded;
  };
  return class extends Trainable<C, Reported<X>> {
    #run: TfjsRun<C, D, X> | undefined;

    async setup(config: C, trial: TrialContext<Reported<X>>): Promise<void> {
      const { tf } = await useBackend({ ...(options.backend === undefined ? {} : { backend: options.backend }), ...deviceOf(trial.device, options.backend) });
      this.#run = new TfjsRun(options, tf, config, trial);
      await this.#run.open(await loadData(trial));
    }

    step(): Promise<Reported<X>> {
      return this.#opened.epoch();
    }

    save(dir: string): Promise<void> {
      return saveModel(this.#opened.model, dir, { includeOptimizer: true });
    }

    async restore(dir: string): Promise<{ readonly done: boolean }> {
      await restoreModel(this.#opened.model as unknown as AnyModel, dir);
      return { done: this.#opened.isDone };
    }

    override cleanup(): void {
      this.#run?.close();
    }

    get #opened(): TfjsRun<C, D, X> {
      if (this.#run === undefined) throw new Error('attune: a tfjsTrainable was used before setup().');
      return this.#run;
    }
  };
}

/** How many were made while the trainable's module was loaded: every thread of a pool loads it alike, so that they all give one the same number. */
let made = 0;

/** The model of one run of a trial, and the tensors it trains on. */
class TfjsRun<C, D extends FitData, X extends Readonly<Record<string, number | Tensor>>> {
  readonly #options: TfjsTrainableOptions<C, D, X>;
  readonly #tf: TensorFlow;
  readonly #config: C;
  readonly #trial: TrialContext<Reported<X>>;
  readonly #random: Rng;
  readonly #fit: FitOptions;
  #model: LayersModel | undefined;
  #data: TensorsOf<D> | undefined;
  #tensors: readonly AnyTensor[] = [];

  constructor(options: TfjsTrainableOptions<C, D, X>, tf: TensorFlow, config: C, trial: TrialContext<Reported<X>>) {
    this.#options = options;
    this.#tf = tf;
    this.#config = config;
    this.#trial = trial;
    this.#random = rng(trial.seed);
    const { fit = {} } = options;
    this.#fit = typeof fit === 'function' ? fit(config) : fit;
    checkFit(this.#fit);
  }

  get model(): LayersModel {
    if (this.#model === undefined) throw new Error('attune: a tfjsTrainable was used before its model was built.');
    return this.#model;
  }

  /** All epochs lie behind it: those of the trial whose checkpoint it took over, for instance. */
  get isDone(): boolean {
    const { epochs } = this.#fit;
    return epochs !== undefined && this.#trial.iteration >= epochs;
  }

  async open(data: D): Promise<void> {
    const model = await keyedRandom(this.#random.fork('build'), () => this.#options.build(this.#config, this.#tf));
    checkCompiled(model);
    this.#model = model;
    const { tensors, all } = toTensors(data, await tensorMaker(model as unknown as AnyModel));
    this.#data = tensors;
    this.#tensors = all;
  }

  async epoch(): Promise<Reported<X>> {
    const { epochs, ...fit } = this.#fit;
    const { x, y, validation } = this.#data as TensorsOf<Required<FitData>>;
    const done = this.#trial.iteration;
    const args: ModelFitArgs = { ...fit, initialEpoch: done, epochs: done + 1, verbose: 0 };
    if (validation !== undefined) args.validationData = [validation.x, validation.y] as NonNullable<ModelFitArgs['validationData']>;
    const { history } = await keyedRandom(this.#random.fork('epoch', done), () => this.model.fit(x as Tensor, y as Tensor, args));
    const logged = Object.entries(history).map(([name, values]) => [name, values[0] as number] as const);
    const metrics = { ...Object.fromEntries(logged), ...(await this.#own(done + 1)) } as Reported<X>;
    return epochs !== undefined && done + 1 >= epochs ? { ...metrics, done: true } : metrics;
  }

  /** The metrics of the user's own. */
  async #own(epoch: number): Promise<Readonly<Record<string, number>>> {
    const { metrics } = this.#options;
    if (metrics === undefined) return {};
    const context = { tf: this.#tf, config: this.#config, epoch, data: this.#data as TensorsOf<D> };
    const given = this.#tf.tidy(() => {
      const returned: unknown = metrics(this.model, context);
      if (typeof returned !== 'object' || returned === null || isPromise(returned)) throw badMetrics('an object', returned);
      return Object.fromEntries(Object.entries(returned).map(([name, value]) => [name, ownMetric(name, value)])) as Record<string, Tensor>;
    }) as Readonly<Record<string, number | Tensor>>;
    try {
      const entries: (readonly [string, number])[] = [];
      for (const [name, value] of Object.entries(given)) entries.push([name, typeof value === 'number' ? value : ((await value.data())[0] as number)]);
      return Object.fromEntries(entries);
    } finally {
      this.#tf.dispose(given as Record<string, Tensor>);
    }
  }

  close(): void {
    for (const tensor of this.#tensors) tensor.dispose();
    if (this.#model !== undefined) disposeModel(this.#model);
  }
}

/** The device that the trial was given; not for a backend that was chosen although it computes on the CPU. */
const deviceOf = (device: string | undefined, backend: BackendName | undefined): { readonly device?: string } =>
  device === undefined || (backend !== undefined && !COMPUTES_ON_GPU.includes(backend)) ? {} : { device };

const COMPUTES_ON_GPU: readonly BackendName[] = ['tfjs-node-gpu', 'webgpu'];

function checkBackend(backend: unknown): void {
  if (backend === undefined || BACKENDS.some(({ name }) => name === backend)) return;
  const names = BACKENDS.map(({ name }) => describe(name)).join(', ');
  throw new AttuneError('OPTION_RANGE', `tfjsTrainable: expected backend to be one of ${names}, got ${describe(backend)}.`);
}

function checkFit(fit: FitOptions): void {
  if (isPromise(fit)) throw new AttuneError('OPTION_RANGE', 'tfjsTrainable: expected fit to return one object of options, got a promise.');
  checkOptions('tfjsTrainable: fit', fit, FIT_OPTIONS);
  const { epochs, batchSize, validationSplit, shuffle } = fit;
  const isCount = (value: number): boolean => Number.isInteger(value) && value >= 1;
  if (epochs !== undefined) checkNumber('tfjsTrainable: fit', 'epochs', epochs, 'an integer >= 1', isCount);
  if (batchSize !== undefined) checkNumber('tfjsTrainable: fit', 'batchSize', batchSize, 'an integer >= 1', isCount);
  if (validationSplit !== undefined)
    checkNumber('tfjsTrainable: fit', 'validationSplit', validationSplit, 'a number >= 0 and < 1', (split) => split >= 0 && split < 1);
  if (shuffle !== undefined && typeof shuffle !== 'boolean')
    throw new AttuneError('OPTION_RANGE', `tfjsTrainable: fit: expected shuffle to be true or false, got ${describe(shuffle)}.`);
}

const isPromise = (value: object | null | undefined): boolean => typeof (value as { then?: unknown } | null | undefined)?.then === 'function';

/** A metric as `metrics` returned it. Of a tensor another handle: it may be one of the data, or of the model. */
function ownMetric(name: string, value: unknown): number | Tensor {
  if (typeof value === 'number') return value;
  const { size, shape } = (value ?? {}) as Partial<Tensor>;
  if (size === 1) return (value as Tensor).clone();
  throw badMetrics(`a number, or a tensor of one, as ${name}`, value, shape && `a tensor of shape [${shape.join(', ')}]`);
}

const badMetrics = (expected: string, value: unknown, got = isPromise(value as object) ? 'a promise' : describe(value)): AttuneError =>
  new AttuneError('METRIC_INVALID', `tfjsTrainable: expected metrics to return ${expected}, got ${got}.`, {
    hint: 'Return numbers, or tensors of one number, which are read for you: metrics cannot be async.',
  });

function checkCompiled(model: unknown): asserts model is LayersModel {
  const { fit, optimizer, weights } = (model ?? {}) as Partial<LayersModel>;
  if (typeof fit === 'function' && optimizer && weights && weights.length > 0) return;
  const got = typeof fit !== 'function' ? describe(model) : optimizer ? 'one without weights' : 'one that is not compiled';
  if (typeof fit === 'function') (model as LayersModel).dispose();
  throw new AttuneError('TRAINABLE_INVALID', `tfjsTrainable: expected build to return a compiled tf.LayersModel, got ${got}.`, {
    hint: 'Call model.compile({ optimizer, loss }), then return model.',
  });
}
