import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import type { TensorFlow } from '../tensor-flow.ts';
import { activate } from './activate.ts';
import { type BackendKind, Lack, type Opened, type Wanted } from './backend-kind.ts';
import { loadPackage, resolvePackage } from './load-package.ts';
import { loaderLack } from './loader-lack.ts';

const GPU = '@tensorflow/tfjs-node-gpu';
const CPU = '@tensorflow/tfjs-node';

/** TensorFlow's C library on NVIDIA GPUs. */
export const tfjsNodeGpu: BackendKind<'tfjs-node-gpu'> = {
  name: 'tfjs-node-gpu',
  packages: [GPU],
  install: `npm install --ignore-scripts ${GPU} && npx attune tfjs build --gpu`,
  device: 'index',
  open: openGpu,
};

/** TensorFlow's C library on the CPU. */
export const tfjsNode: BackendKind<'tfjs-node'> = {
  name: 'tfjs-node',
  packages: [CPU],
  install: `npm install --ignore-scripts ${CPU} && npx attune tfjs build`,
  open: async () => ({ tf: await loadNative(CPU) }),
};

/** What is used of the binding of the packages. */
interface Binding {
  isUsingGpuDevice(): boolean;
}

/** Without a GPU the package computes on the CPU and says nothing, so the library is asked first. */
async function openGpu({ forced, device }: Wanted): Promise<Opened> {
  bindingOf(GPU); // else the pin would be for nothing
  const unpin = pin(device);
  if (isMainThread) process.env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true'; // else the first process takes all of the memory
  try {
    const seen = loadBinding(GPU).isUsingGpuDevice();
    if (unpin !== undefined) pinned = device; // the library has read it, whatever came of it
    if (seen) return { tf: await loadNative(GPU), note: `, on ${device === undefined ? 'a GPU' : `GPU ${device}`}`, device: 'gpu' };
    const problem = `TensorFlow sees no GPU${device === undefined ? '' : ` ${device}`}`;
    if (forced && device === undefined) return { tf: await loadNative(GPU), note: `, on the CPU: ${problem}`, device: 'cpu' };
    throw new Lack('device', problem, {
      fix: 'nvidia-smi shows what the driver sees; TensorFlow also needs CUDA and cuDNN: npx attune tfjs build --gpu --force',
    });
  } catch (error) {
    unpin?.();
    throw error;
  }
}

/**
 * The GPU that the library will see, of those that this process may use. It reads this once, when it is loaded. What a trial
 * is told, such as `cuda:1`, is the GPU that its process sees already; a process that was given none takes it as an index.
 *
 * @returns what puts the environment back, which other processes inherit; `undefined` where there is nothing to do
 */
function pin(device: number | string | undefined): (() => void) | undefined {
  if (device === undefined || device === pinned) return undefined;
  if (typeof device === 'string' && seesItsGpu()) return undefined;
  if (!isMainThread)
    throw new Lack('device', 'a worker thread cannot choose a GPU: the process has one for all', { fix: 'Use processes(), or set CUDA_VISIBLE_DEVICES.' });
  if (loaded) throw new Lack('device', 'a GPU can be chosen only before TensorFlow is loaded', { fix: 'Call useBackend({ device }) first.' });
  const visible = process.env['CUDA_VISIBLE_DEVICES']?.split(',').map((id) => id.trim());
  const chosen = typeof device === 'string' ? device.replaceAll('cuda:', '') : visible === undefined ? String(device) : visible[device];
  if (chosen === undefined) throw new Lack('device', `there is no GPU ${device} among CUDA_VISIBLE_DEVICES=${visible?.join(',')}`);
  const order = visible === undefined ? { CUDA_DEVICE_ORDER: process.env['CUDA_DEVICE_ORDER'] ?? 'PCI_BUS_ID' } : {}; // as nvidia-smi counts
  return setVariables({ CUDA_VISIBLE_DEVICES: chosen, ...order });
}

/** Whether somebody has said which GPU this process, or the process of this thread, sees: then a trial's `cuda:1` is that one. */
export const seesItsGpu = (): boolean => !isMainThread || process.env['CUDA_VISIBLE_DEVICES'] !== undefined;

/** @returns what puts them back */
function setVariables(variables: Readonly<Record<string, string>>): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}

let pinned: number | string | undefined;
let loaded = false;
let opened: string | undefined;

const buildOf = (id: string): string => (id === GPU ? 'npx attune tfjs build --gpu' : 'npx attune tfjs build');

/** @throws {Lack} when it is not there */
function bindingOf(id: string): string {
  const path = join(dirname(resolvePackage(`${id}/package.json`)), 'lib', 'napi-v8', 'tfjs_binding.node');
  if (!existsSync(path)) throw new Lack('loading', 'its binary (tfjs_binding.node) is not built', { fix: buildOf(id) });
  return path;
}

/**
 * The library alone, before the package: one that fails half-way leaves its kernels behind. A second package gets the library
 * of the first, since the system's loader goes by its name: either is whole, and computes on the CPU where it sees no GPU.
 */
function loadBinding(id: string): Binding {
  if (isMainThread) process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '1'; // else four lines about the CPU in every process
  const path = bindingOf(id);
  try {
    const binding = createRequire(import.meta.url)(path) as Binding;
    loaded = true;
    return binding;
  } catch (error) {
    throw loaderLack(error, buildOf(id));
  }
}

async function loadNative(id: string): Promise<TensorFlow> {
  if (opened !== undefined && opened !== id)
    throw new Lack('loading', `${opened} is loaded in this thread, and tfjs takes both for one backend`, { fix: 'Use one of them in a process.' });
  loadBinding(id);
  mendNodeUtil();
  const tf = await loadPackage<TensorFlow>(id);
  opened = id;
  await activate(tf, 'tensorflow');
  return tf;
}

/** Node 23 has removed two functions that the packages call, and Node 22 warns of them. */
function mendNodeUtil(): void {
  const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>;
  util['isNullOrUndefined'] = (value: unknown) => value === null || value === undefined;
  util['isArray'] = Array.isArray;
}
