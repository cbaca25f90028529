import { auto } from '../../algorithms/auto.ts';
import { avoidDuplicates } from '../../algorithms/avoid-duplicates.ts';
import { basicVariant } from '../../algorithms/basic-variant.ts';
import { cmaes } from '../../algorithms/cmaes.ts';
import { evolution } from '../../algorithms/evolution.ts';
import { gp } from '../../algorithms/gp.ts';
import { grid } from '../../algorithms/grid.ts';
import { halton } from '../../algorithms/halton.ts';
import { limitConcurrency } from '../../algorithms/limit-concurrency.ts';
import { list } from '../../algorithms/list.ts';
import { nsga2 } from '../../algorithms/nsga2.ts';
import { random } from '../../algorithms/random.ts';
import { repeat } from '../../algorithms/repeat.ts';
import { sobol } from '../../algorithms/sobol.ts';
import { tpe } from '../../algorithms/tpe.ts';
import { type Observed, warmStart } from '../../algorithms/warm-start.ts';
import { allOf } from '../../schedulers/all-of.ts';
import { asha } from '../../schedulers/asha.ts';
import { experimentPlateau } from '../../schedulers/experiment-plateau.ts';
import { fifo } from '../../schedulers/fifo.ts';
import { firstOf } from '../../schedulers/first-of.ts';
import { hyperband } from '../../schedulers/hyperband.ts';
import { maximumIteration } from '../../schedulers/maximum-iteration.ts';
import { medianStopping } from '../../schedulers/median-stopping.ts';
import { moAsha } from '../../schedulers/mo-asha.ts';
import { onMetric } from '../../schedulers/on-metric.ts';
import { patience } from '../../schedulers/patience.ts';
import { pb2 } from '../../schedulers/pb2.ts';
import { pbt } from '../../schedulers/pbt.ts';
import { pbtReplay } from '../../schedulers/pbt-replay.ts';
import { percentileStopping } from '../../schedulers/percentile-stopping.ts';
import { threshold } from '../../schedulers/threshold.ts';
import { trialPlateau } from '../../schedulers/trial-plateau.ts';
import { wilcoxon } from '../../schedulers/wilcoxon.ts';
import type { Json } from '../base/json.ts';
import type { Executor } from '../execute/executor.ts';
import { processes } from '../execute/processes.ts';
import { threads } from '../execute/threads.ts';
import type { Scheduler } from '../schedule/scheduler.ts';
import type { StopRule } from '../schedule/stop-rules.ts';
import type { Searcher } from '../search/searcher.ts';
import type { Config } from '../space/config.ts';
import type { PluginRecord } from '../trial/events.ts';

/** The plug-ins that a restore rebuilds from their recorded name and options; all others are passed again. */
const SEARCHERS: Readonly<Record<string, (options: never) => Searcher>> = {
  ...{ auto, basicVariant, cmaes, evolution, gp, grid, halton, nsga2, random, sobol, tpe },
  list: ({ configs }: { readonly configs: readonly Config[] }) => list(configs),
};
/** They go on for ever when `numSamples` is -1, unless they draw without replacement. */
export const ENDLESS: readonly string[] = Object.keys(SEARCHERS);
const SCHEDULERS: Readonly<Record<string, (options: never) => Scheduler>> = {
  ...{ fifo, asha, hyperband, pbt, pbtReplay, pb2, maximumIteration, trialPlateau, experimentPlateau },
  ...{ medianStopping, percentileStopping, patience, threshold, wilcoxon, moAsha },
} as Readonly<Record<string, (options: never) => Scheduler>>;

/** Executors that need no code of this process: a trainable is found from anywhere by its module. */
const EXECUTORS: Readonly<Record<string, (options: never) => Executor>> = { threads, processes };

/** What stands around another searcher, from what is recorded of it. */
const WRAPPERS: Readonly<Record<string, (inner: Searcher, options: WrapperOptions) => Searcher>> = {
  avoidDuplicates: (inner) => avoidDuplicates(inner),
  limitConcurrency: (inner, { n = 1, batch = false }) => limitConcurrency(inner, n, { batch }),
  repeat: (inner, { n = 1 }) => repeat(inner, n),
  warmStart: (inner, { rows = [] }) => warmStart(inner, rows),
};

/** They go on as long as the searcher within. */
export const AROUND: readonly string[] = Object.keys(WRAPPERS);

interface WrapperOptions {
  readonly n?: number;
  readonly batch?: boolean;
  readonly rows?: readonly Observed[];
  readonly searcher?: PluginRecord;
}

/** `undefined` when it is not a built-in; one around another is one when that is. */
export function rebuildSearcher({ name, options }: PluginRecord): Searcher | undefined {
  if (Object.hasOwn(WRAPPERS, name)) {
    const given = (options ?? {}) as WrapperOptions;
    const inner = given.searcher && rebuildSearcher(given.searcher);
    return inner && WRAPPERS[name]?.(inner, given);
  }
  return Object.hasOwn(SEARCHERS, name) ? SEARCHERS[name]?.((options ?? {}) as never) : undefined;
}

/** `undefined` when it is not a built-in; a composition is one when all of its parts are. */
export function rebuildScheduler({ name, options }: PluginRecord): Scheduler | undefined {
  if (name === 'firstOf' || name === 'allOf') {
    const parts = ((options as { readonly schedulers?: readonly PluginRecord[] } | undefined)?.schedulers ?? []).map(rebuildScheduler);
    const built = parts.filter((part) => part !== undefined);
    return built.length === 0 || built.length < parts.length ? undefined : { firstOf, allOf }[name](...built);
  }
  if (name === 'onMetric') {
    const { metric = '', scheduler } = (options ?? {}) as { readonly metric?: string; readonly scheduler?: PluginRecord };
    const part = scheduler && rebuildScheduler(scheduler);
    return part && onMetric(metric, part);
  }
  return Object.hasOwn(SCHEDULERS, name) && !hasCode(options ?? {}) ? SCHEDULERS[name]?.((options ?? {}) as never) : undefined;
}

/** Some option is a function, recorded as a marker. */
const hasCode = (options: Json): boolean =>
  typeof options === 'object' &&
  options !== null &&
  Object.values(options).some((value) => typeof value === 'object' && value !== null && 'function' in value && value.function === true);

export const rebuildExecutor = ({ name, options = {} }: PluginRecord): Executor | undefined =>
  Object.hasOwn(EXECUTORS, name) ? EXECUTORS[name]?.(options as never) : undefined;

/** An executor as data, if another one can be made of that. */
export const executorRecord = ({ name, options }: Executor): PluginRecord | undefined =>
  Object.hasOwn(EXECUTORS, name) && options !== undefined ? { name, options } : undefined;

/** A stop rule from its record; `undefined` for code: a function, or a scheduler that is not a built-in. */
export function rebuildStopRule(recorded: Json): StopRule | undefined {
  const { function: isFunction, scheduler, options } = typeof recorded === 'object' ? (recorded as Readonly<Record<string, Json>>) : {};
  if (isFunction === true) return undefined;
  if (typeof scheduler === 'string') return rebuildScheduler({ name: scheduler, options: options ?? {} });
  return recorded as StopRule;
}

/** What the error message calls a rule that is code. */
export function stopRuleName(recorded: Json): string {
  const { scheduler } = recorded as Readonly<Record<string, Json>>;
  return typeof scheduler === 'string' ? `the scheduler "${scheduler}"` : 'a function';
}
