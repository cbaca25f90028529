import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import type { TensorFlow } from '../tensor-flow.ts';
import { activate } from './activate.ts';
import { type BackendKind, Lack, type Opened, type Wanted } from './backend-kind.ts';
import { loadPackage } from './load-package.ts';
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

/** Without a GPU the package computes on the CPU and says nothing, so it is asked. */
async function openGpu({ forced, device }: Wanted): Promise<Opened> {
  if (typeof device === 'number') pin(device);
  if (isMainThread) process.env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true'; // else the first process takes all of the memory
  const tf = await loadNative(GPU);
  const { isUsingGpuDevice } = tf.backend() as unknown as { readonly isUsingGpuDevice?: boolean };
  if (isUsingGpuDevice === true) return { tf, note: `, on ${device === undefined ? 'a GPU' : `GPU ${device}`}`, device: 'gpu' };
  const fix = 'nvidia-smi shows what the driver sees; TensorFlow needs CUDA and cuDNN beside it: npx attune tfjs build --gpu --force.';
  const problem = `TensorFlow sees no GPU${device === undefined ? '' : ` ${device}`}`;
  if (forced && device === undefined) return { tf, note: `, on the CPU: ${problem}`, device: 'cpu' };
  retire(tf);
  throw new Lack('device', problem, { fix });
}

/** The GPU that the library will see, of those that this process may use. It reads this once, when it is loaded. */
function pin(device: number): void {
  if (opened !== undefined || retired)
    throw new Lack('device', 'a GPU can be chosen only before TensorFlow is loaded', { fix: 'Call useBackend({ device }) first.' });
  if (!isMainThread)
    throw new Lack('device', 'a worker thread cannot choose a GPU: the process has one for all', { fix: 'Use processes(), or set CUDA_VISIBLE_DEVICES.' });
  const visible = process.env['CUDA_VISIBLE_DEVICES']?.split(',').map((id) => id.trim());
  const chosen = visible === undefined ? String(device) : visible[device];
  if (chosen === undefined) throw new Lack('device', `there is no GPU ${device} among CUDA_VISIBLE_DEVICES=${visible?.join(',')}`);
  process.env['CUDA_VISIBLE_DEVICES'] = chosen;
}

let opened: string | undefined;
let retired = false;

async function loadNative(id: string): Promise<TensorFlow> {
  // Both packages call themselves `tensorflow`: the second one would compute with the library of the first.
  if ((opened !== undefined && opened !== id) || (retired && id === GPU)) {
    throw new Lack('loading', `${opened ?? CPU} is loaded in this thread, and tfjs takes both for one backend`, { fix: 'Use one of them in a process.' });
  }
  mendNodeUtil();
  if (isMainThread) process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '1'; // else four lines about the CPU in every process
  try {
    const tf = await loadPackage<TensorFlow>(id);
    opened = id;
    await activate(tf, 'tensorflow');
    return tf;
  } catch (error) {
    throw loaderLack(error, id === GPU ? 'npx attune tfjs build --gpu' : 'npx attune tfjs build');
  }
}

/** Makes room for the other package. */
function retire(tf: TensorFlow): void {
  for (const { kernelName } of tf.getKernelsForBackend('tensorflow')) tf.unregisterKernel(kernelName, 'tensorflow');
  tf.removeBackend('tensorflow');
  opened = undefined;
  retired = true;
}

/** Node 23 has removed two functions that the packages call, and Node 22 warns of them. */
function mendNodeUtil(): void {
  const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>;
  util['isNullOrUndefined'] = (value: unknown) => value === null || value === undefined;
  util['isArray'] = Array.isArray;
}
