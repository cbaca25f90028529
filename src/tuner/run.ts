import type { JsonObject } from '../base/json.ts';
import { checkOptions } from '../base/options.ts';
import type { ResultGrid } from '../results/result-grid.ts';
import type { ConfigFor } from '../space/config-of.ts';
import type { NoStrayKeys, SpaceFor } from '../space/space-for.ts';
import type { AnyTrainable } from '../trainable/bare.ts';
import type { Metrics } from '../trainable/trial-context.ts';
import type { NeedsSpace, RunConfig, TuneConfig, TunerOptions } from './options.ts';
import { RUN, TUNE } from './plan.ts';
import { Tuner } from './tuner.ts';

/** Every option of a Tuner, flat; the space is `config`. */
export type RunOptions<S = unknown, M extends Metrics = Metrics> = TuneConfig<M> & RunConfig & { readonly config?: S; readonly signal?: AbortSignal };

/**
 * Tunes in one call: `await run(train, { config: { lr: uniform(0, 1) }, numSamples: 10, metric: 'loss', mode: 'min' })`.
 * The same as `new Tuner(trainable, …).fit()`, and resolves to the same `ResultGrid`.
 *
 * @example
 * import { run, uniform } from 'attune';
 *
 * const grid = await run(({ x }: { x: number }) => (x - 1) ** 2, {
 *   config: { x: uniform(0, 2) }, metric: 'loss', mode: 'min', numSamples: 10, seed: 1, verbose: 0,
 * });
 * grid.length; // => 10
 */
export async function run<C = JsonObject, M extends Metrics = Metrics, S extends SpaceFor<C> = SpaceFor<C>>(
  trainable: AnyTrainable<C, M>,
  options: RunOptions<S & NoStrayKeys<S, C>, M> = {} as RunOptions<S & NoStrayKeys<S, C>, M>,
): Promise<ResultGrid<ConfigFor<C, S>, M>> {
  checkOptions('run', options, ['config', 'signal', ...TUNE, ...RUN]);
  const { config, signal } = options;
  const pick = (keys: readonly string[]): object => Object.fromEntries(Object.entries(options).filter(([key]) => keys.includes(key)));
  const nested = { ...(config === undefined ? {} : { paramSpace: config }), tuneConfig: pick(TUNE), runConfig: pick(RUN) } as unknown as TunerOptions<
    S & NoStrayKeys<S, C>,
    M
  > &
    NeedsSpace<C>;
  return new Tuner<C, M, S>(trainable, nested).fit(signal ? { signal } : {});
}
