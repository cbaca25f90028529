import { AttuneError } from '../base/errors.ts';
import { describe } from '../base/options.ts';
import type { Config } from '../space/config.ts';
import { formOf, ownName } from './implementation.ts';
import type { TrainableClass, TrainableFunction, TrainableRef } from './trainable-ref.ts';
import type { Metrics } from './trial-context.ts';

/** Whatever `new Tuner` accepts first. */
export type AnyTrainable<C = Config, M extends Metrics = Metrics> = TrainableRef<C, M> | TrainableFunction<C, M> | TrainableClass<C, M>;

/**
 * A defined trainable as it is; a bare function or class as one that only this thread can reach.
 *
 * @throws {AttuneError} `TRAINABLE_INVALID` for anything else
 */
export function toTrainableRef<C = Config, M extends Metrics = Metrics>(value: AnyTrainable<C, M>): TrainableRef<C, M> {
  if (isTrainableRef(value)) return value;
  if (typeof value !== 'function') {
    throw new AttuneError('TRAINABLE_INVALID', `trainable: expected a function, a class or a defined trainable, got ${describe(value)}.`);
  }
  return { kind: 'trainable', name: ownName(value) ?? 'trainable', form: formOf('trainable', value), implementation: value };
}

function isTrainableRef(value: unknown): value is TrainableRef<never> {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'trainable' && 'implementation' in value;
}
