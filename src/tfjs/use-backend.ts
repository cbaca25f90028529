import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { AttuneError } from '../base/errors.ts';
import { checkOptions, describe } from '../base/options.ts';
import { registerTrainingKernels } from './kernels/training-kernels.ts';
import type { TensorFlow } from './tensor-flow.ts';

const resolve = (name: string): string => createRequire(import.meta.url).resolve(name); // not at once: a bundle may have no URL

/** Every backend, the fastest first: `useBackend` takes the first one that is installed and computes. */
const BACKENDS = [
  { name: 'tfjs-node-gpu', packages: ['@tensorflow/tfjs-node-gpu'], open: openNative },
  { name: 'tfjs-node', packages: ['@tensorflow/tfjs-node'], open: openNative },
  { name: 'wasm', packages: ['@tensorflow/tfjs', '@tensorflow/tfjs-backend-wasm'], open: openWasm },
  { name: 'cpu', packages: ['@tensorflow/tfjs'], open: openCpu },
] as const;

export type BackendName = (typeof BACKENDS)[number]['name'];

export interface BackendOptions {
  /** This one and no other. Default: the best that is installed. */
  readonly backend?: BackendName;
  /** Is given each line of `why` as it is found out, such as `console.log`. Default: silent. */
  readonly log?: (line: string) => void;
}

export interface Backend {
  /** The tfjs namespace, with `backend` active. */
  readonly tf: TensorFlow;
  readonly backend: BackendName;
  /** One line for each backend that was looked at, in order: the reason it was not used, and last the one that is. */
  readonly why: readonly string[];
}

let current: Backend | undefined;
let queue: Promise<unknown> = Promise.resolve(); // one change at a time: the active backend is global to the thread

/**
 * Makes the best tfjs backend that is installed the active one of this thread: `tfjs-node-gpu`, `tfjs-node`, `wasm`,
 * `cpu`, in this order. A backend is passed over when a package of it is missing or it fails to add two numbers.
 *
 * Called again without `backend` it answers with what is active already; with one, it switches to that. Each thread has
 * a backend of its own. wasm computes on one core, so give every core a worker.
 *
 * @throws {AttuneError} `BACKEND_UNAVAILABLE` when the backend asked for, or every one of them, is passed over; the hint
 * says what to install. `OPTION_UNKNOWN` and `OPTION_RANGE` for options that do not exist
 * @example
 * const { tf, backend, why } = await useBackend();
 */
export async function useBackend(options: BackendOptions = {}): Promise<Backend> {
  checkOptions('useBackend', options, ['backend', 'log']);
  const { backend, log } = options;
  const candidates = BACKENDS.filter(({ name }) => backend === undefined || name === backend);
  if (candidates.length === 0) {
    const names = BACKENDS.map(({ name }) => describe(name)).join(', ');
    throw new AttuneError('OPTION_RANGE', `useBackend: expected backend to be one of ${names}, got ${describe(backend)}.`);
  }
  const turn = queue.then(async () => {
    if (current === undefined || backend !== undefined) current = await choose(candidates, log);
    return current;
  });
  queue = turn.catch(() => undefined);
  return turn;
}

async function choose(candidates: readonly (typeof BACKENDS)[number][], log: ((line: string) => void) | undefined): Promise<Backend> {
  const why: string[] = [];
  const say = (line: string): void => {
    why.push(line);
    log?.(line);
  };
  for (const { name, packages, open } of candidates) {
    try {
      const missing = packages.filter((id) => !isInstalled(id));
      if (missing.length > 0) {
        say(`${name}: not used, ${missing.join(' and ')} is not installed`);
        continue;
      }
      const { tf, note } = await open(packages[0]);
      say(`${name}: used${note}`);
      return { tf, backend: name, why };
    } catch (error) {
      say(`${name}: not used, it does not start (${error instanceof Error ? error.message.split('\n')[0] : String(error)})`);
    }
  }
  throw unavailable(candidates, why);
}

function unavailable(candidates: readonly (typeof BACKENDS)[number][], why: readonly string[]): AttuneError {
  const forced = candidates.length === 1 ? candidates[0] : undefined;
  const wanted = forced === undefined ? 'a tfjs backend' : `the backend '${forced.name}'`;
  const packages = forced?.packages ?? ['@tensorflow/tfjs', '@tensorflow/tfjs-backend-wasm'];
  return new AttuneError('BACKEND_UNAVAILABLE', `useBackend: expected ${wanted} to work, got: ${why.join('; ')}.`, {
    hint: `npm install ${packages.join(' ')} (docs/tfjs.md tells them apart).`,
  });
}

interface Opened {
  readonly tf: TensorFlow;
  /** What else the user should know, to be put behind `used`. */
  readonly note: string;
}

async function openNative(id: string): Promise<Opened> {
  const tf = await load<TensorFlow>(id);
  await activate(tf, 'tensorflow');
  if (!id.endsWith('-gpu')) return { tf, note: '' };
  const { isUsingGpuDevice } = tf.backend() as unknown as { readonly isUsingGpuDevice?: boolean };
  return { tf, note: isUsingGpuDevice === true ? ', on a GPU' : ', on the CPU: it finds no GPU' };
}

async function openWasm(id: string): Promise<Opened> {
  const tf = await load<TensorFlow>(id);
  const wasm = await load<{ setWasmPaths(directory: string): void }>('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(dirname(resolve('@tensorflow/tfjs-backend-wasm')) + sep);
  await activate(tf, 'wasm');
  registerTrainingKernels(tf);
  removeRethrowers();
  return { tf, note: '' };
}

/**
 * The wasm module of tfjs listens to the errors of the whole process, to throw them again: any later error of the user's
 * would end the process with code 7, behind a page of minified source.
 */
function removeRethrowers(): void {
  const rethrows = (listener: object): boolean => /instanceof ExitStatus|^function *\(reason\) *\{ *throw reason;? *\}$/.test(String(listener));
  for (const listener of process.listeners('uncaughtException')) if (rethrows(listener)) process.off('uncaughtException', listener);
  for (const listener of process.listeners('unhandledRejection')) if (rethrows(listener)) process.off('unhandledRejection', listener);
}

async function openCpu(id: string): Promise<Opened> {
  const tf = await load<TensorFlow>(id);
  await activate(tf, 'cpu');
  return { tf, note: '' };
}

/** Makes `name` the active backend and sees that it computes: a native backend may load and fail at its first kernel. */
async function activate(tf: TensorFlow, name: string): Promise<void> {
  if (!(await tf.setBackend(name))) throw new Error(`tfjs does not start its backend '${name}'`);
  const test = tf.env().getBool('IS_TEST');
  tf.env().set('IS_TEST', true); // tfjs greets at the first tensor of its cpu backend, unless this is a test
  try {
    const three = tf.tidy(() => tf.add(1, 2).dataSync()[0]);
    if (three !== 3) throw new Error(`1 + 2 gives ${three}`);
  } finally {
    tf.env().set('IS_TEST', test);
  }
}

const isInstalled = (id: string): boolean => {
  try {
    resolve(id);
    return true;
  } catch {
    return false;
  }
};

/** The tfjs packages are CommonJS: what they export is the default export of the namespace. */
async function load<T>(id: string): Promise<T> {
  const module = (await import(id)) as { readonly default?: T };
  return module.default ?? (module as T);
}
