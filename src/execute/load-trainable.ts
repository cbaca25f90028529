import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { AttuneError } from '../base/errors.ts';
import { findTrainable, namesIn } from '../trainable/registry.ts';
import type { TrainableRef } from '../trainable/trainable-ref.ts';
import { setWorkerMark, type WorkerMark } from '../trainable/worker-global.ts';
import { toErrorData } from '../trial/error-data.ts';
import type { Target, Unreachable } from './protocol.ts';

/** How long a module may take to define the name. */
const LOAD_S = 30;

interface Load {
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
export async function loadTrainable({ module, name }: Target): Promise<{ readonly found: TrainableRef } | { readonly unreachable: Unreachable }> {
  const load = loads.get(module) ?? begin(module);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    wake();
  }, LOAD_S * 1000);
  try {
    for (;;) {
      const found = findTrainable(module, name);
      if (found) return { found };
      if (late || load.state !== 'evaluating') return { unreachable: describeMissing({ module, name }, load) };
      await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    clearTimeout(timer);
  }
}

function begin(module: string): Load {
  const load: Load = { state: 'evaluating' };
  loads.set(module, load);
  mark.loading = true;
  importModule(module).then(
    () => settle(load, 'done'),
    (error: unknown) => {
      load.error = error;
      settle(load, 'failed');
    },
  );
  return load;
}

function settle(load: Load, state: Load['state']): void {
  if (load.state === 'evaluating') load.state = state;
  mark.loading = [...loads.values()].some((one) => one.state === 'evaluating');
  wake();
}

function describeMissing({ module, name }: Target, { state, error }: Load): Unreachable {
  const names = namesIn(module).map((one) => `"${one}"`);
  const found = names.length > 0 ? `only ${names.join(', ')}` : 'no trainable at all';
  const why = {
    evaluating: ` within ${LOAD_S} s`,
    parked: ' before its first call that opens an experiment',
    done: '',
    failed: `: it failed to load (${error instanceof Error ? error.message : String(error)})`,
  }[state];
  const problem = `threads: expected ${fileURLToPath(module)} to define the trainable "${name}" in a worker, got ${found}${why}.`;
  if (state !== 'failed') return { problem };
  return { problem, hint: error instanceof AttuneError ? error.hint : 'See the cause.', cause: toErrorData(error) };
}

async function importModule(module: string): Promise<unknown> {
  const stripsTypes = Boolean((process.features as { typescript?: unknown }).typescript);
  if (!stripsTypes && /\.[cm]?tsx?$/.test(module)) await registerTsx(module);
  return import(module);
}

/** Lets this thread import TypeScript, with the tsx that the project of the module has. */
async function registerTsx(module: string): Promise<void> {
  const require = createRequire(module);
  let manifest: string;
  try {
    manifest = require.resolve('tsx/package.json');
  } catch (cause) {
    const problem = `worker: expected Node >= 22.18 or the package tsx to import ${fileURLToPath(module)}, got Node ${process.versions.node} without it.`;
    throw new AttuneError('PACKAGE_MISSING', problem, { hint: 'Run npm i -D tsx.', cause });
  }
  const { exports } = require(manifest) as { exports: Readonly<Record<string, { import: { default: string } }>> };
  for (const entry of ['./cjs/api', './esm/api']) {
    // Its ES module, by path: `require.resolve` would give the CommonJS one, whose hooks cannot find their own files.
    const path = exports[entry]?.import.default;
    if (path === undefined) continue;
    const api = (await import(new URL(path, pathToFileURL(manifest)).href)) as { register(): unknown };
    api.register();
  }
}
