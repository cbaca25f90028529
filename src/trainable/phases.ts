import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AttuneError } from '../base/errors.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { checkOptions, describe } from '../base/options.ts';
import type { Config } from '../space/config.ts';
import { copyMetrics } from './copy-metrics.ts';
import { type DefineOptions, defineTrainable } from './define-trainable.ts';
import { aggregate, checkRepetitions, checkScoreNames } from './repetitions.ts';
import type { TrainableRef } from './trainable-ref.ts';
import type { Metrics, TrialContext } from './trial-context.ts';
import { listsOf } from './typed-arrays.ts';

/** What the phases find in their configuration beside its own keys. */
export interface RunKeys {
  /** The number of the experiment: of its configuration in the list of `runExperiments`, of the trial under a `Tuner`. */
  readonly experiment_id: number;
  /** Which repetition this is, from 0. */
  readonly run_id: number;
  /** The folder of this repetition, which exists: the trial's, with the number of the repetition when there are several. */
  readonly out_path: string;
}

/** An experiment in three steps, of which the middle one is timed. */
export interface Phases<C, P, F, M extends Metrics> {
  /** Prepares: its result is handed to `fit`. Without it `fit` gets the configuration alone. */
  readonly pre?: ((config: C & RunKeys) => P) | undefined;
  readonly fit: (config: C & RunKeys, pre: Awaited<P>) => F;
  /** Scores: the metrics of the trial, `{}` if there are none. */
  readonly post?: ((config: C & RunKeys, fitted: Awaited<F>) => M | Promise<M>) | undefined;
}

/** What `definePhases` takes: a name, and how often the phases run. `OPTION_UNKNOWN` for another option. */
export interface PhasesOptions extends DefineOptions {
  /**
   * How often each trial runs the three; a configuration with a `repetitions` of its own wins. An integer >= 1, or `OPTION_RANGE`. Default 1. Once it is
   * given, be it 1, metrics must not begin with `mean_` or `std_`; above 1 each metric is a list, with `mean_` and `std_`.
   */
  readonly repetitions?: number;
}

/** The metrics of a trial with phases. */
export type Scores<M> = M & { readonly fit_time: number };

/** The metrics of a trial with several repetitions: each a list, with `mean_` and `std_`. */
export type RepeatedScores<M> = { readonly [K in keyof Scores<M>]: readonly Scores<M>[K][] } & {
  readonly [K in keyof Scores<M> & string as `mean_${K}` | `std_${K}`]: number;
};

/** A trainable that is made of phases, and has them. */
export type PhasesRef<C, P, F, M extends Metrics, S extends Metrics> = TrainableRef<C, S> & Phases<C, P, F, M>;

/**
 * A function trainable made of `pre`, `fit` and `post`, for a `Tuner` and for `runExperiments`. Its metrics are what `post` returns and
 * `fit_time`, the seconds that `fit` alone took. Named by `options.name`, else after the file. Typed arrays in the metrics become lists.
 *
 * The configuration that each phase gets is a copy, with `experiment_id`, `run_id` and `out_path` in it, and is written to
 * `<out_path>/config.json` first. With `repetitions` above 1 the three run so many times, one after the other, and a report follows each:
 * of each metric the list so far (null where a repetition lacks it), and where all are numbers `mean_<metric>` and `std_<metric>`, the population's.
 *
 * @returns the trainable, with the three functions: `const { pre, fit, post } = definePhases(import.meta.url, { … })`
 * @throws {AttuneError} `TRAINABLE_INVALID`, `TRAINABLE_DUPLICATE`, `OPTION_RANGE`; in the trial, `METRIC_INVALID` when `post` returns no
 * object, or one with a reserved key: `fit_time`, and where repetitions are asked for any that begins with `mean_` or `std_`;
 * `METRIC_NOT_JSON` for what is no list, such as a tensor; `CONFIG_INVALID` for a configuration that has `run_id` or `out_path`
 *
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
  options: PhasesOptions & { readonly repetitions: 1 },
): PhasesRef<C, P, F, M, Scores<M>>;
export function definePhases<C = Config, P = undefined, F = unknown, M extends Metrics = Record<never, never>>(
  module: string,
  phases: Phases<C, P, F, M>,
  options: PhasesOptions & { readonly repetitions: number },
): PhasesRef<C, P, F, M, RepeatedScores<M>>;
export function definePhases<C = Config, P = undefined, F = unknown, M extends Metrics = Record<never, never>>(
  module: string,
  phases: Phases<C, P, F, M>,
  options?: DefineOptions,
): PhasesRef<C, P, F, M, Scores<M>>;
export function definePhases<C, P, F, M extends Metrics>(
  module: string,
  phases: Phases<C, P, F, M>,
  options: PhasesOptions = {},
): PhasesRef<C, P, F, M, Metrics> {
  checkPhases('definePhases', phases);
  checkOptions('definePhases', options, ['name', 'repetitions']);
  const { repetitions, ...named } = options;
  if (repetitions !== undefined) checkRepetitions('definePhases', repetitions, 'OPTION_RANGE');
  const ref = defineTrainable<C, Metrics>(module, functionOf(phases as unknown as AnyPhases, repetitions) as never, named);
  const { pre, fit, post } = phases;
  const defined = Object.freeze({ ...ref, pre, fit, post });
  const known = DEFINED.get(fit) ?? [];
  const own: Definition = { pre, post, ref: ref as unknown as TrainableRef, repetitions };
  DEFINED.set(fit, [...known.filter((one) => one.ref.module !== ref.module || one.ref.name !== ref.name), own]);
  return defined;
}

interface Definition {
  readonly pre: unknown;
  readonly post: unknown;
  readonly ref: TrainableRef;
  readonly repetitions: number | undefined;
}

/** By `fit`: what it was defined with, so that the functions lead back to what workers can import. */
const DEFINED = new WeakMap<object, readonly Definition[]>();

/** The trainable that `definePhases` has made of these very functions, and its repetitions, if it has. */
export const definedBy = <C, P, F, M extends Metrics>({ pre, fit, post }: Phases<C, P, F, M>): Definition | undefined =>
  DEFINED.get(fit)?.find((one) => one.pre === pre && one.post === post);

/** The same trainable of functions that no worker can import: it runs in this thread. */
export const closuresOf = <C, P, F, M extends Metrics>(name: string, phases: Phases<C, P, F, M>): TrainableRef => ({
  kind: 'trainable',
  name,
  form: 'function',
  implementation: functionOf(phases as unknown as AnyPhases, undefined) as never,
});

/** @throws {AttuneError} `TRAINABLE_INVALID`, `OPTION_UNKNOWN` */
function checkPhases(where: string, phases: object): void {
  checkOptions(where, phases, ['pre', 'fit', 'post']);
  checkFunctions(where, phases as { readonly fit?: unknown });
}

/** @throws {AttuneError} `TRAINABLE_INVALID` unless `fit` is a function, and `pre` and `post` where they are given */
export function checkFunctions(where: string, { pre, fit, post }: { readonly pre?: unknown; readonly fit?: unknown; readonly post?: unknown }): void {
  for (const [name, phase] of Object.entries({ pre, fit, post })) {
    if (phase !== undefined && typeof phase !== 'function')
      throw new AttuneError('TRAINABLE_INVALID', `${where}: expected ${name} to be a function, got ${describe(phase)}.`, { hint: 'Pass the function itself.' });
  }
  if (fit === undefined) throw new AttuneError('TRAINABLE_INVALID', `${where}: expected a function \`fit\`, got none.`, { hint: 'Write { pre, fit, post }.' });
}

type AnyPhases = Phases<Config, unknown, unknown, Metrics>;

function functionOf(phases: AnyPhases, byDefault: number | undefined): (config: Config, trial: TrialContext) => Promise<Metrics> {
  const run = async (config: Config, trial: TrialContext): Promise<Metrics> => {
    checkFree(config);
    const asked = config['repetitions'] ?? byDefault;
    if (asked !== undefined) checkRepetitions('config', asked, 'CONFIG_INVALID');
    const repetitions = asked ?? 1;
    const finished: JsonObject[] = [];
    for (;;) {
      const scores = await once(phases, { config, trial, run_id: finished.length, isOnly: repetitions === 1 });
      if (asked !== undefined) checkScoreNames('post', scores);
      finished.push(scores);
      const metrics = repetitions === 1 ? scores : aggregate(finished);
      if (finished.length === repetitions) return metrics; // its report and the end of the trial are one
      await trial.report(metrics);
    }
  };
  // An arrow function has the name of its variable; this one is to be named after the file.
  return Object.defineProperty(run, 'name', { value: '' });
}

/** One repetition: its scores. */
async function once({ pre, fit, post }: AnyPhases, { config, trial, run_id, isOnly }: Repetition): Promise<JsonObject> {
  const out_path = isOnly ? trial.dir : join(trial.dir, String(run_id));
  const given = { ...config, experiment_id: config['experiment_id'] ?? numberOf(trial), run_id, out_path };
  mkdirSync(out_path, { recursive: true });
  writeFileSync(join(out_path, 'config.json'), `${JSON.stringify(given, null, 2)}\n`);
  const own = structuredClone(given) as Config & RunKeys; // of this repetition alone: it may change it
  const prepared = pre && (await pre(own));
  const start = seconds();
  const fitted = await (pre ? fit(own, prepared) : (fit as (config: Config) => unknown)(own));
  const fit_time = seconds() - start;
  const metrics: unknown = post ? await post(own, fitted) : {};
  return { ...copyMetrics('post', listsOf(checkMetrics(metrics))), fit_time };
}

interface Repetition {
  readonly config: Config;
  readonly trial: TrialContext;
  readonly run_id: number;
  /** There is no other: its folder is the trial's. */
  readonly isOnly: boolean;
}

/** `6e465_00007` is trial 7. */
const numberOf = ({ id }: TrialContext): Json => Number(id.slice(id.lastIndexOf('_') + 1));

function checkFree(config: Config): void {
  const taken = ['run_id', 'out_path'].find((key) => Object.hasOwn(config, key));
  if (taken === undefined) return;
  throw new AttuneError('CONFIG_INVALID', `config: expected a configuration without the reserved key "${taken}", got one.`, {
    hint: 'Give your own another name: the phases find this one in their configuration.',
  });
}

function checkMetrics(metrics: unknown): object {
  if (typeof metrics !== 'object' || metrics === null || Array.isArray(metrics)) {
    throw new AttuneError('METRIC_INVALID', `post: expected an object of metrics, got ${describe(metrics)}.`, {
      hint: 'Return the metrics, or {}.',
    });
  }
  if ('fit_time' in metrics) {
    throw new AttuneError('METRIC_INVALID', 'post: expected metrics without the reserved key "fit_time", got one.', {
      hint: 'Give your own time another name.',
    });
  }
  return metrics;
}

// eslint-disable-next-line no-restricted-properties -- how long `fit` took is what this measures; nothing is decided by it
const seconds = (): number => performance.now() / 1000;
