import { basename, extname, isAbsolute } from 'node:path';
import { setImmediate } from 'node:timers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { AttuneError } from '../base/errors.ts';
import { checkOptions, describe } from '../base/options.ts';
import type { Config } from '../space/config.ts';
import { formOf, ownName } from './implementation.ts';
import { findTrainable, register } from './registry.ts';
import type { TrainableClass, TrainableFunction, TrainableRef } from './trainable-ref.ts';
import type { Metrics } from './trial-context.ts';
import { workerMark } from './worker-global.ts';

/** What `defineTrainable` and `definePhases` take. */
export interface DefineOptions {
  /** How workers find it in its module, and how its trials are named. Default: the function's or class's own name, else the file's. */
  readonly name?: string;
}

/**
 * A trainable that any worker can find: it imports the module and looks the name up. Call it at top level, above the
 * first `fit()`, and keep what it returns.
 *
 * @param module - `import.meta.url`, or `__filename` in CommonJS
 * @throws {AttuneError} `TRAINABLE_DUPLICATE` when the module has defined another one of this name
 * @example
 * import { defineTrainable } from 'attune';
 *
 * export const train = defineTrainable(import.meta.url, async function train(config: { lr: number }, trial) {
 *   for (let epoch = trial.iteration; epoch < 10; epoch++) {
 *     await trial.report({ loss: 1 / (1 + epoch * config.lr) });
 *   }
 * });
 * train.name; // => 'train'
 */
export function defineTrainable<C = Config, M extends Metrics = Metrics>(
  module: string,
  implementation: TrainableFunction<C, M> | TrainableClass<C, M>,
  options: DefineOptions = {},
): TrainableRef<C, M> {
  checkOptions('defineTrainable', options, ['name']);
  const form = formOf('defineTrainable', implementation);
  const url = moduleUrl(module);
  const { name = ownName(implementation) ?? basename(fileURLToPath(url), extname(fileURLToPath(url))) } = options;
  if (typeof name !== 'string' || name === '') {
    throw new AttuneError('OPTION_RANGE', `defineTrainable: expected name to be a string that is not empty, got ${describe(name)}.`);
  }
  const ref: TrainableRef<C, M> = Object.freeze({ kind: 'trainable', name, module: url, form, implementation });
  claim(url, ref as unknown as TrainableRef, module);
  workerMark()?.defined();
  return ref;
}

/** The module as workers import it: the `file:` URL of its path, without the query that a reloading tool put there. */
function moduleUrl(module: unknown): string {
  const path = pathOf(module);
  if (path !== undefined) return pathToFileURL(path).href;
  throw new AttuneError('TRAINABLE_INVALID', `defineTrainable: expected import.meta.url or __filename first, got ${describe(module)}.`, {
    hint:
      module === undefined || module === ''
        ? 'In CommonJS, bundles of that format included, import.meta.url is empty: pass __filename.'
        : 'Workers import this file.',
  });
}

function pathOf(module: unknown): string | undefined {
  if (typeof module !== 'string') return undefined;
  if (isAbsolute(module)) return module;
  try {
    return fileURLToPath(module);
  } catch {
    return undefined; // no URL, or none of a file
  }
}

/** How a name was claimed: by which instance of the module, and in which turn of the event loop. */
const claims = new WeakMap<TrainableRef, { readonly module: string; readonly turn: object }>();
let turn: object | undefined;

/**
 * Two trainables of one name in one module are an error: a worker would find the wrong one. The same module evaluated
 * again (watch mode, test runners) is not: it comes under another query, or with the same source in a later turn.
 */
function claim(url: string, ref: TrainableRef, module: string): void {
  if (turn === undefined) {
    turn = {};
    setImmediate(() => (turn = undefined)).unref();
  }
  const earlier = findTrainable(url, ref.name);
  const claimed = earlier && claims.get(earlier);
  if (earlier && claimed?.module === module) {
    const reloaded = claimed.turn !== turn && String(earlier.implementation) === String(ref.implementation);
    if (!reloaded) throw new AttuneError('TRAINABLE_DUPLICATE', `defineTrainable: expected one trainable named "${ref.name}" in ${url}, got two.`);
  }
  claims.set(ref, { module, turn });
  register(url, ref);
}
