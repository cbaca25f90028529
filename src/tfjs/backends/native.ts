import type { TensorFlow } from '../tensor-flow.ts';
import { activate } from './activate.ts';
import { type BackendKind, Lack, type Opened, type Wanted } from './backend-kind.ts';
import { loadPackage } from './load-package.ts';

/** TensorFlow's C library on NVIDIA GPUs. */
export const tfjsNodeGpu: BackendKind<'tfjs-node-gpu'> = {
  name: 'tfjs-node-gpu',
  packages: ['@tensorflow/tfjs-node-gpu'],
  install: 'npm install --ignore-scripts @tensorflow/tfjs-node-gpu && npx attune tfjs build --gpu',
  device: 'index',
  open: (wanted) => openGpu('@tensorflow/tfjs-node-gpu', wanted),
};

/** TensorFlow's C library on the CPU. */
export const tfjsNode: BackendKind<'tfjs-node'> = {
  name: 'tfjs-node',
  packages: ['@tensorflow/tfjs-node'],
  install: 'npm install --ignore-scripts @tensorflow/tfjs-node && npx attune tfjs build',
  open: async () => ({ tf: await loadNative('@tensorflow/tfjs-node') }),
};

/** Without a GPU the package computes on the CPU and says nothing, so it is asked. */
async function openGpu(id: string, { forced }: Wanted): Promise<Opened> {
  const tf = await loadNative(id);
  const { isUsingGpuDevice } = tf.backend() as unknown as { readonly isUsingGpuDevice?: boolean };
  if (isUsingGpuDevice === true) return { tf, note: ', on a GPU', device: 'gpu' };
  if (!forced) throw new Lack('TensorFlow sees no GPU');
  return { tf, note: ', on the CPU: TensorFlow sees no GPU', device: 'cpu' };
}

async function loadNative(id: string): Promise<TensorFlow> {
  const tf = await loadPackage<TensorFlow>(id);
  await activate(tf, 'tensorflow');
  return tf;
}
