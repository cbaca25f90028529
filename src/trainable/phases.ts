import { AttuneError } from '../base/errors.ts';
import { checkOptions, describe } from '../base/options.ts';
import type { Config } from '../space/config.ts';
import { type DefineOptions, defineTrainable } from './define-trainable.ts';
import type { TrainableRef } from './trainable-ref.ts';
import type { Metrics } from './trial-context.ts';

/** An experiment in three steps, of which the middle one is timed. */
export interface Phases<C, P, F, M extends Metrics> {
  /** Prepares: its result is handed to `fit`. Without it `fit` gets the configuration alone. */
  readonly pre?: (config: C) => P;
  readonly fit: (config: C, pre: Awaited<P>) => F;
  /** Scores: the metrics of the trial, `{}` if there are none. */
  readonly post?: (config: C, fitted: Awaited<F>) => M | Promise<M>;
}

/**
 * A function trainable made of `pre`, `fit` and `post`. Its metrics are what `post` returns and `fit_time`, the seconds
 * that `fit` alone took. Named by `options.name`, else after the file.
 *
 * @throws {AttuneError} in the trial, `METRIC_INVALID` when `post` returns no object, or one with a `fit_time` of its own
 * @example
 * import { definePhases } from 'attune';
 *
 * export const scores = definePhases(
 *   import.meta.url,
 *   {
 *     pre: ({ size }: { size: number }) => Array.from({ length: size }, (_, i) => i), // not timed
 *     fit: (_, data) => data.reduce((sum, x) => sum + x, 0), // timed: `fit_time`
 *     post: (_, sum) => ({ sum }),
 *   },
 *   { name: 'scores' },
 * );
 */
export function definePhases<C = Config, P = undefined, F = unknown, M extends Metrics = Record<never, never>>(
  module: string,
  phases: Phases<C, P, F, M>,
  options: DefineOptions = {},
): TrainableRef<C, M & { readonly fit_time: number }> {
  checkOptions('definePhases', phases, ['pre', 'fit', 'post']);
  const { pre, fit, post } = phases;
  for (const [name, phase] of Object.entries(phases)) {
    if (phase !== undefined && typeof phase !== 'function')
      throw new AttuneError('TRAINABLE_INVALID', `definePhases: expected ${name} to be a function, got ${describe(phase)}.`);
  }
  if (fit === undefined) throw new AttuneError('TRAINABLE_INVALID', 'definePhases: expected a function `fit`, got none.');
  const run = async (config: C): Promise<M & { readonly fit_time: number }> => {
    const prepared = pre && (await pre(config));
    const start = seconds();
    const fitted = await (pre ? fit(config, prepared as Awaited<P>) : (fit as (config: C) => F)(config));
    const fit_time = seconds() - start;
    const metrics: unknown = post ? await post(config, fitted) : {};
    return { ...checkMetrics(metrics), fit_time } as M & { readonly fit_time: number };
  };
  // An arrow function has the name of its variable; this one is to be named after the file.
  return defineTrainable<C, M & { readonly fit_time: number }>(module, Object.defineProperty(run, 'name', { value: '' }), options);
}

function checkMetrics(metrics: unknown): object {
  if (typeof metrics !== 'object' || metrics === null || Array.isArray(metrics)) {
    throw new AttuneError('METRIC_INVALID', `definePhases: expected post to return an object, got ${describe(metrics)}.`, {
      hint: 'Return the metrics, or {}.',
    });
  }
  if ('fit_time' in metrics) {
    throw new AttuneError('METRIC_INVALID', 'definePhases: expected metrics without the reserved key "fit_time", got one.', {
      hint: 'Give your own time another name.',
    });
  }
  return metrics;
}

// eslint-disable-next-line no-restricted-properties -- how long `fit` took is what this measures; nothing is decided by it
const seconds = (): number => performance.now() / 1000;
