import { realpathSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { AttuneError } from '../base/errors.ts';
import { findTrainable, namesIn } from '../trainable/registry.ts';
import type { TrainableRef } from '../trainable/trainable-ref.ts';
import { setWorkerMark, type WorkerMark } from '../trainable/worker-global.ts';
import { toErrorData } from '../trial/error-data.ts';
import type { Target, Unreachable } from './protocol.ts';
import { registerTsx } from './tsx.ts';

/** How long a module may take to define the name. */
const LOAD_S = 30;

interface Load {
  /** The module without symbolic links, which are left in its URL by `--preserve-symlinks-main` or by a path that was put together. */
  readonly real: string;
  state: 'evaluating' | 'parked' | 'done' | 'failed';
  error?: unknown;
}

const loads = new Map<string, Load>();
let wake = (): void => {};

const mark: WorkerMark = {
  running: false,
  loading: false,
  defined: () => wake(),
  parked: () => {
    for (const load of loads.values()) if (load.state === 'evaluating') settle(load, 'parked');
  },
};

/** Makes this thread a worker of ours. Before any user code, and before anything that looks at the mark. */
export function markWorker(): WorkerMark {
  setWorkerMark(mark);
  return mark;
}

/**
 * Finds a trainable in this thread: imports its module, and goes on as soon as the name is defined, however much of the
 * module is still to come. A module is imported once.
 *
 * @returns why not, when the module has ended, waits in a `fit()` or had 30 s, without the name
 */
export async function loadTrainable(target: Target): Promise<{ readonly found: TrainableRef } | { readonly unreachable: Unreachable }> {
  const { module, name } = target;
  const load = loads.get(module) ?? begin(target);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    wake();
  }, LOAD_S * 1000);
  try {
    for (;;) {
      const found = findTrainable(module, name) ?? findTrainable(load.real, name);
      if (found) return { found };
      if (late || load.state !== 'evaluating') return { unreachable: describeMissing(target, load) };
      await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    clearTimeout(timer);
  }
}

function begin(target: Target): Load {
  const load: Load = { real: withoutLinks(target.module), state: 'evaluating' };
  loads.set(target.module, load);
  mark.loading = true;
  importModule(target).then(
    () => settle(load, 'done'),
    (error: unknown) => {
      load.error = error;
      settle(load, 'failed');
    },
  );
  return load;
}

async function importModule({ module, tsx }: Target): Promise<unknown> {
  if (tsx !== undefined) await registerTsx(tsx, module);
  return import(module);
}

function withoutLinks(module: string): string {
  try {
    return pathToFileURL(realpathSync(fileURLToPath(module))).href;
  } catch {
    return module; // the import says what is wrong with it
  }
}

function settle(load: Load, state: Load['state']): void {
  if (load.state === 'evaluating') load.state = state;
  mark.loading = [...loads.values()].some((one) => one.state === 'evaluating');
  wake();
}

function describeMissing({ module, name, by }: Target, { real, state, error }: Load): Unreachable {
  const names = [...new Set([...namesIn(module), ...namesIn(real)])].map((one) => `"${one}"`);
  const found = names.length > 0 ? `only ${names.join(', ')}` : 'no trainable at all';
  const why = {
    evaluating: ` within ${LOAD_S} s`,
    parked: ' before its first call that opens an experiment',
    done: '',
    failed: `: it failed to load (${error instanceof Error ? error.message : String(error)})`,
  }[state];
  const problem = `${by}: expected ${fileURLToPath(module)} to define the trainable "${name}" in a worker, got ${found}${why}.`;
  if (state !== 'failed') return { problem };
  return { problem, hint: error instanceof AttuneError ? error.hint : 'See the cause.', cause: toErrorData(error) };
}
