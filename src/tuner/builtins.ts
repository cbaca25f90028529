import { basicVariant } from '../../algorithms/basic-variant.ts';
import { grid } from '../../algorithms/grid.ts';
import { random } from '../../algorithms/random.ts';
import { asha } from '../../schedulers/asha.ts';
import { fifo } from '../../schedulers/fifo.ts';
import type { Executor } from '../execute/executor.ts';
import { threads } from '../execute/threads.ts';
import type { Scheduler } from '../schedule/scheduler.ts';
import type { Searcher } from '../search/searcher.ts';
import type { PluginRecord } from '../trial/events.ts';

/** The plug-ins that a restore rebuilds from their recorded name and options; all others are passed again. */
const SEARCHERS: Readonly<Record<string, (options: never) => Searcher>> = { basicVariant, grid, random };
const SCHEDULERS: Readonly<Record<string, (options: never) => Scheduler>> = { fifo, asha } as Readonly<Record<string, (options: never) => Scheduler>>;

/** Executors that need no code of this process: a trainable is found from anywhere by its module. */
const EXECUTORS: Readonly<Record<string, (options: never) => Executor>> = { threads };

/** `undefined` when it is not a built-in. */
export const rebuildSearcher = ({ name, options = {} }: PluginRecord): Searcher | undefined =>
  Object.hasOwn(SEARCHERS, name) ? SEARCHERS[name]?.(options as never) : undefined;

export const rebuildScheduler = ({ name, options = {} }: PluginRecord): Scheduler | undefined =>
  Object.hasOwn(SCHEDULERS, name) ? SCHEDULERS[name]?.(options as never) : undefined;

export const rebuildExecutor = ({ name, options = {} }: PluginRecord): Executor | undefined =>
  Object.hasOwn(EXECUTORS, name) ? EXECUTORS[name]?.(options as never) : undefined;
