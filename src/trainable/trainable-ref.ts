import type { Config } from '../space/config.ts';
import type { Trainable } from './trainable.ts';
import type { Metrics, TrialContext } from './trial-context.ts';

/** A function that is tuned. It may return its last metrics, or one number when the experiment has one metric. */
export type TrainableFunction<C, M extends Metrics = Metrics> = (config: C, trial: TrialContext<M>) => M | number | void | Promise<M | number | void>;

/** A class that extends `Trainable`, made without arguments. */
export type TrainableClass<C, M extends Metrics = Metrics> = new () => Trainable<C, M>;

/**
 * A trainable by reference. With `module` it can be found from any thread or process: import the module, look the
 * name up. Without, it exists in this thread only and runs `inline`.
 */
export interface TrainableRef<C = Config, M extends Metrics = Metrics> {
  readonly kind: 'trainable';
  readonly name: string;
  /** A `file:` URL. */
  readonly module?: string;
  readonly form: 'function' | 'class';
  /** The function or class itself, in the thread that defined it. */
  readonly implementation: TrainableFunction<C, M> | TrainableClass<C, M>;
}
