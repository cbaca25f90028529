import { AttuneError } from '../base/errors.ts';
import { checkOptions, describe } from '../base/options.ts';
import { warn } from '../base/warn.ts';
import { workerMark } from '../trainable/worker-global.ts';
import { type BackendKind, Lack } from './backends/backend-kind.ts';
import { cpu } from './backends/cpu.ts';
import { isInstalled } from './backends/load-package.ts';
import { seesItsGpu, tfjsNode, tfjsNodeGpu } from './backends/native.ts';
import { openBackend } from './backends/open-backend.ts';
import { wasm } from './backends/wasm.ts';
import { webgpu } from './backends/webgpu.ts';
import type { TensorFlow } from './tensor-flow.ts';

/** Every backend, the fastest first: `useBackend` takes the first one that lacks nothing. */
export const BACKENDS = [tfjsNodeGpu, webgpu, tfjsNode, wasm, cpu] as const satisfies readonly BackendKind[];

/** What computes: a native package of TensorFlow, or a backend of tfjs. */
export type BackendName = (typeof BACKENDS)[number]['name'];

/** What `useBackend` takes. */
export interface BackendOptions {
  /** This one and no other. Default: the best that is installed. */
  readonly backend?: BackendName | undefined;
  /**
   * The GPU to compute on: its index for `tfjs-node-gpu`, the name of its adapter or a part of it for `webgpu`, or what
   * `trial.device` says: `'cuda:1'` is the GPU that the process of the trial was given (in the main thread of a process that
   * was given none: that index), and `'webgpu:NVIDIA H200'` an adapter. Backends that have no such choice are passed over.
   * Default: the first.
   */
  readonly device?: number | string | undefined;
  /** Is given each line of `why` as it is found out, such as `console.log`. Default: silent. */
  readonly log?: ((line: string) => void) | undefined;
}

/** A backend that is active, and how it was found. */
export interface Backend {
  /** The tfjs namespace, with `backend` active. */
  readonly tf: TensorFlow;
  readonly backend: BackendName;
  /** What computes, where a backend may do it on several kinds of devices. */
  readonly device?: string;
  /** One line for each backend that was looked at, in order: what it lacked, and last the one that is used. */
  readonly why: readonly string[];
}

/** What this thread computes on: what was asked for, and what tfjs calls what came of it. */
interface Current {
  readonly answer: Backend;
  readonly asked: BackendOptions;
  readonly active: string;
  readonly isLost: () => boolean;
}

let current: Current | undefined;
let queue: Promise<unknown> = Promise.resolve(); // one change at a time: the active backend is global to the thread
let warnedOfCpu = false;

/**
 * Makes the best tfjs backend that is installed the active one of this thread: `tfjs-node-gpu` where TensorFlow sees a
 * GPU, `webgpu` on a GPU, `tfjs-node`, `wasm`, `cpu`, in this order. A backend is passed over when a package of it is
 * missing, when it does not load, or when it fails to add two numbers. Ending up with `cpu` is told by a warning of the
 * process, once a thread.
 *
 * Called again it answers with what is active already, and switches when that is not what is asked for now. A WebGPU
 * device that was lost is replaced by another. Each thread has a backend of its own. wasm computes on one core, so give every core a worker.
 *
 * @throws {AttuneError} `BACKEND_UNAVAILABLE` when the backend asked for, or every one of them, lacks something; the hint
 * says what to do. `OPTION_UNKNOWN` and `OPTION_RANGE` for options that do not exist
 * @example
 * import { useBackend } from 'attune/tfjs';
 *
 * const { tf, backend, why } = await useBackend();
 * console.log(backend, why, tf.tensor([1, 2]).shape);
 */
export async function useBackend(options: BackendOptions = {}): Promise<Backend> {
  checkOptions('useBackend', options, ['backend', 'device', 'log']);
  if (options.log !== undefined && typeof options.log !== 'function')
    throw new AttuneError('OPTION_RANGE', `useBackend: expected log to be a function, got ${describe(options.log)}.`);
  const candidates = candidatesFor(options.backend, options.device);
  const turn = queue.then(async () => {
    if (current === undefined || !does(current, options)) current = await chooseAnother(candidates, options);
    else if (current.isLost() || !isActive(current))
      current = await choose(candidatesFor(current.asked.backend, current.asked.device), { ...current.asked, log: options.log });
    watchTensors(current.answer.tf);
    return current.answer;
  });
  queue = turn.catch(() => undefined);
  return turn;
}

/** Whether it is what is asked for now. */
const does = ({ answer, asked }: Current, { backend = answer.backend, device = asked.device }: BackendOptions): boolean =>
  backend === answer.backend && device === asked.device;

const isActive = ({ answer, active }: Current): boolean => answer.tf.getBackend() === active;

/** One that fails after it has become the active one leaves the thread to the one before. */
async function chooseAnother(candidates: readonly BackendKind<BackendName>[], asked: BackendOptions): Promise<Current> {
  try {
    return await choose(candidates, asked);
  } catch (error) {
    if (current !== undefined && !isActive(current)) await current.answer.tf.setBackend(current.active);
    throw error;
  }
}

function candidatesFor(backend: BackendName | undefined, device: number | string | undefined): readonly BackendKind<BackendName>[] {
  const named = BACKENDS.filter(({ name }) => backend === undefined || name === backend);
  if (named.length === 0) {
    const names = BACKENDS.map(({ name }) => describe(name)).join(', ');
    throw new AttuneError('OPTION_RANGE', `useBackend: expected backend to be one of ${names}, got ${describe(backend)}.`);
  }
  if (device === undefined) return named;
  const able = named.filter((kind: BackendKind) => kind.device !== undefined && choicesFor(device, backend).includes(kind.device));
  if (able.length > 0) return able;
  const what =
    backend === undefined ? "the index of a GPU, the name of an adapter, or trial.device such as 'cuda:0'" : `something that '${backend}' can choose among`;
  throw new AttuneError('OPTION_RANGE', `useBackend: expected device to be ${what}, got ${describe(device)}.`);
}

/**
 * What a backend has to choose among for such a device to say something to it. To WebGPU the number of a CUDA device says
 * nothing: it takes the GPU that it finds, where it was asked for or nothing else is installed.
 */
function choicesFor(device: unknown, backend: BackendName | undefined): readonly BackendKind['device'][] {
  if (typeof device === 'number') return Number.isSafeInteger(device) && device >= 0 ? ['index'] : [];
  if (typeof device !== 'string' || /^(?:webgpu:)?$/.test(device)) return [];
  if (!isCuda(device)) return ['name'];
  if (!/^cuda:[^:,]+(?:,cuda:[^:,]+)*$/.test(device)) return [];
  const mayBeWebgpu = seesItsGpu() && (backend !== undefined || !tfjsNodeGpu.packages.every(isInstalled));
  return mayBeWebgpu ? ['index', 'name'] : ['index'];
}

const isCuda = (device: unknown): boolean => typeof device === 'string' && device.startsWith('cuda:');

async function choose(candidates: readonly BackendKind<BackendName>[], asked: BackendOptions): Promise<Current> {
  const { backend, log } = asked;
  const why: string[] = [];
  const fixes: string[] = [];
  const say = (line: string): void => {
    why.push(line);
    log?.(line);
  };
  for (const kind of candidates) {
    const device = kind.name === 'webgpu' && isCuda(asked.device) ? undefined : asked.device;
    const opened = await openBackend(kind, { forced: backend !== undefined, ...(device === undefined ? {} : { device }) });
    if (opened instanceof Lack) {
      say(`${kind.name}: not used, ${opened.message}`);
      if (opened.fix !== undefined) fixes.push(opened.fix);
      continue;
    }
    say(`${kind.name}: used${opened.note ?? ''}`);
    if (kind.name === 'cpu' && backend === undefined) warnOfCpu(why);
    const { tf } = opened;
    const answer = { tf, backend: kind.name, ...(opened.device === undefined ? {} : { device: opened.device }), why };
    return { answer, asked, active: tf.getBackend(), isLost: () => opened.isLost?.() ?? false };
  }
  throw unavailable(candidates, why, fixes);
}

function warnOfCpu(why: readonly string[]): void {
  if (warnedOfCpu) return;
  warnedOfCpu = true;
  const lacking = why.slice(0, -1).map((line) => `  ${line}`);
  warn(
    `useBackend: training in plain JavaScript, which is slow. Better: ${wasm.name} (${wasm.install}), or ${tfjsNode.name} (${tfjsNode.install}).`,
    [...lacking, '  `npx attune doctor` says more.'].join('\n'),
  );
}

function unavailable(candidates: readonly BackendKind[], why: readonly string[], fixes: readonly string[]): AttuneError {
  const [first] = candidates;
  const wanted = candidates.length === 1 ? `the backend '${first?.name}'` : 'a tfjs backend';
  const hint = candidates.length === BACKENDS.length ? `${wasm.install} (docs/tfjs.md tells the backends apart).` : (fixes[0] ?? 'npx attune doctor');
  return new AttuneError('BACKEND_UNAVAILABLE', `useBackend: expected ${wanted} to work, got: ${why.join('; ')}.`, { hint });
}

/** Lets the worker that this may be see what its trials leave in memory. */
function watchTensors(tf: TensorFlow): void {
  const mark = workerMark();
  if (mark === undefined) return;
  mark.tensors = () => {
    const { numTensors, numBytes } = tf.memory();
    return { count: numTensors, bytes: numBytes };
  };
}
