import { adaptersIn, hasVulkanLoader, isSoftwareName, listAdapters, requestAdapter } from '../../base/dawn.ts';
import { describe } from '../../base/options.ts';
import { workerMark } from '../../trainable/worker-global.ts';
import type { KernelBackend, TensorFlow } from '../tensor-flow.ts';
import { activate } from './activate.ts';
import { type BackendKind, Lack, type Opened, type Wanted } from './backend-kind.ts';
import { loadPackage } from './load-package.ts';

const TFJS = '@tensorflow/tfjs-backend-webgpu';
const INSTALL = `npm install @tensorflow/tfjs ${TFJS} webgpu`;

/** GPUs of any vendor, by Vulkan, Metal or Direct3D: Dawn, which is Chrome's WebGPU, as a Node module. */
export const webgpu: BackendKind<'webgpu'> = {
  name: 'webgpu',
  packages: ['@tensorflow/tfjs', TFJS, 'webgpu'],
  install: INSTALL,
  device: 'name',
  open,
};

/** The parts of WebGPU that are used here. */
interface Adapter {
  readonly info: { readonly vendor: string; readonly device: string; readonly description: string; readonly isFallbackAdapter?: boolean };
  readonly features: ReadonlySet<string>;
  readonly limits: Readonly<Record<string, number>>;
  requestDevice(options: { readonly requiredFeatures: readonly string[]; readonly requiredLimits: Readonly<Record<string, number>> }): Promise<Device>;
}

interface Device {
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
  readonly queue: { onSubmittedWorkDone(): Promise<unknown> };
  addEventListener(type: 'uncapturederror', listener: (event: { readonly error: Error; preventDefault(): void }) => void): void;
}

/** What tfjs uses of an adapter beyond the least that WebGPU promises. */
const LIMITS = [
  ...['maxComputeWorkgroupStorageSize', 'maxComputeWorkgroupsPerDimension', 'maxComputeWorkgroupSizeX', 'maxComputeInvocationsPerWorkgroup'],
  ...['maxStorageBufferBindingSize', 'maxBufferSize'],
];

async function open({ forced, device: wanted }: Wanted): Promise<Opened> {
  const tf = await loadPackage<TensorFlow>('@tensorflow/tfjs');
  const { WebGPUBackend } = await loadPackage<{ WebGPUBackend: new (device: Device, info: Adapter['info']) => KernelBackend }>(TFJS);
  const adapter = await findAdapter(wanted === undefined ? undefined : String(wanted).replace(/^webgpu:/, ''), forced);
  const device = await adapter.requestDevice({
    requiredFeatures: adapter.features.has('timestamp-query') ? ['timestamp-query'] : [],
    requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name] as number])),
  });
  const backend = new WebGPUBackend(device, adapter.info);
  const isLost = failLoudly(device, backend);
  if (tf.findBackendFactory('webgpu') !== null) tf.removeBackend('webgpu'); // another device's, one that was lost, or tfjs's own
  tf.registerBackend('webgpu', () => backend);
  await activate(tf, 'webgpu');
  const name = await nameOf(adapter);
  const others = (await names()).filter((other) => other !== name);
  const note = others.length === 0 ? `, on ${name}` : `, on ${name}; there is also ${others.join(', ')}`;
  return { tf, note, device: name, isLost };
}

/**
 * @param name - the adapter's name, or a part of it
 * @throws {Lack} when there is none, or only a slow one that was not asked for
 */
async function findAdapter(name: string | undefined, forced: boolean): Promise<Adapter> {
  if (!forced && name === undefined && !hasVulkanLoader(process.env['LD_LIBRARY_PATH'])) {
    throw new Lack('device', 'there is no Vulkan loader (libvulkan.so.1)', { fix: "apt-get install libvulkan1, and the vendor's GPU driver" });
  }
  const { CUDA_VISIBLE_DEVICES: visible } = process.env;
  const found = await requestAdapter<Adapter>(name ?? pinnedAdapter(visible, visible ? await names() : []));
  if (found instanceof Error || found === null) {
    const what = name === undefined ? 'Dawn finds no GPU' : `Dawn finds no GPU whose name contains ${describe(name)}`;
    const others = adaptersIn(found?.message ?? '');
    const problem = others.length > 0 ? `${what}, only ${others.map((other) => describe(other)).join(', ')}` : what;
    throw new Lack('device', problem, { fix: "Install the GPU's driver; `vulkaninfo --summary` lists what it offers", cause: found });
  }
  if (isSoftware(found) && !forced && name === undefined) throw new Lack('device', `the only adapter is ${await nameOf(found)}, which computes on the CPU`);
  const own = await nameOf(found);
  if (name !== undefined && own !== name && (await names()).includes(name))
    throw new Lack('device', `Dawn opens ${own} for the name ${describe(name)}, which is a part of it`);
  return found;
}

/**
 * `CUDA_VISIBLE_DEVICES` pins a process, and Vulkan does not know of it.
 *
 * @param listed - the names of all adapters
 * @returns the only adapter that `visible` can mean; `undefined` where it says nothing
 * @throws {Lack} when there are several
 */
export function pinnedAdapter(visible: string | undefined, listed: readonly string[]): string | undefined {
  if (!visible) return undefined;
  const hardware = listed.filter((name) => !isSoftwareName(name));
  const nvidia = hardware.filter((name) => /nvidia/i.test(name));
  const able = nvidia.length > 0 ? nvidia : hardware;
  if (able.length <= 1) return able[0];
  const problem = `it cannot tell which of ${able.map((name) => describe(name)).join(', ')} is the GPU of CUDA_VISIBLE_DEVICES=${visible}`;
  throw new Lack('device', problem, { fix: `Name the adapter: devices: ['webgpu:${able[0]}'] of the executor, or useBackend({ device })` });
}

/** As Dawn lists them; none where it cannot. */
const names = (): Promise<readonly string[]> => listAdapters().catch(() => []);

/** Names as Dawn lists them; an adapter says its own in small letters and hyphens. */
async function nameOf({ info: { vendor, device, description } }: Adapter): Promise<string> {
  const listed = (await names()).find((name) => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-') === device);
  return listed ?? (device || description || vendor || 'an adapter without a name');
}

const isSoftware = ({ info }: Adapter): boolean => info.isFallbackAdapter === true || isSoftwareName(`${info.device} ${info.description}`);

/**
 * tfjs goes on with zeros when a command fails on the GPU. Here what was computed since is refused where it is read, or at
 * the end of the trial, so that it fails with the device's own words, and no other does; a device that is lost stays so,
 * and its worker is not used again.
 *
 * @returns whether the device was lost
 */
function failLoudly(device: Device, backend: KernelBackend): () => boolean {
  let fault: Error | undefined;
  let lost = false;
  device.addEventListener('uncapturederror', (event) => {
    event.preventDefault(); // Dawn would print it
    const { error } = event;
    fault ??= new Error(`WebGPU: ${error.constructor.name}: ${error.message}`);
  });
  const mark = workerMark();
  void device.lost.then(({ reason, message }) => {
    lost = true;
    fault = new Error(`WebGPU: the device was lost (${reason}): ${message}`);
    if (mark !== undefined) mark.worn = true;
  });
  const take = (): Error | undefined => {
    const error = fault;
    if (!lost) fault = undefined; // told once
    return error;
  };
  if (mark !== undefined) {
    mark.fault = async () => {
      await device.queue.onSubmittedWorkDone().catch(() => undefined); // what is still under way is this trial's
      return take();
    };
  }
  const check = (): void => {
    const error = take();
    if (error !== undefined) throw error;
  };
  const read = backend.read.bind(backend);
  backend.read = async (id) => {
    if (lost) check();
    const values = await read(id).catch((error: unknown) => {
      check(); // says more
      throw error;
    });
    check();
    return values;
  };
  const readSync = backend.readSync.bind(backend);
  backend.readSync = (id) => {
    try {
      return readSync(id);
    } catch (cause) {
      throw new Error('WebGPU: tensors are read asynchronously: `await tensor.data()`, not `dataSync()`.', { cause });
    }
  };
  return () => lost;
}
