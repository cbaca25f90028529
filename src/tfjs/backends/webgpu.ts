import { readdirSync } from 'node:fs';
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
interface Gpu {
  requestAdapter(options: { readonly powerPreference: 'high-performance' }): Promise<Adapter | null>;
}

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

interface Dawn {
  create(options: readonly string[]): Gpu;
  readonly globals: Readonly<Record<string, unknown>>;
}

/** What tfjs uses of an adapter beyond the least that WebGPU promises. */
const LIMITS = [
  ...['maxComputeWorkgroupStorageSize', 'maxComputeWorkgroupsPerDimension', 'maxComputeWorkgroupSizeX', 'maxComputeInvocationsPerWorkgroup'],
  ...['maxStorageBufferBindingSize', 'maxBufferSize'],
];

/** Held on to: without them Dawn's garbage collection takes the device away under tfjs. */
const instances: Gpu[] = [];

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
  const others = (await listAdapters()).filter((other) => other !== name);
  const note = others.length === 0 ? `, on ${name}` : `, on ${name}; there is also ${others.join(', ')}`;
  return { tf, note, device: name, isLost };
}

/**
 * @param name - the adapter's name, or a part of it
 * @throws {Lack} when there is none, or only a slow one that was not asked for
 */
async function findAdapter(name: string | undefined, forced: boolean): Promise<Adapter> {
  if (!forced && name === undefined && !hasVulkanLoader()) {
    throw new Lack('device', 'there is no Vulkan loader (libvulkan.so.1)', { fix: "apt-get install libvulkan1, and the vendor's GPU driver" });
  }
  const found = await request(name);
  if (found instanceof Error || found === null) {
    const what = name === undefined ? 'Dawn finds no GPU' : `Dawn finds no GPU whose name contains ${describe(name)}`;
    const others = adaptersIn(found?.message ?? '');
    const problem = others.length > 0 ? `${what}, only ${others.map((other) => describe(other)).join(', ')}` : what;
    throw new Lack('device', problem, { fix: "Install the GPU's driver; `vulkaninfo --summary` lists what it offers", cause: found });
  }
  if (isSoftware(found) && !forced) throw new Lack('device', `the only adapter is ${await nameOf(found)}, which computes on the CPU`);
  return found;
}

/** The names of all adapters, software ones too; none where Dawn cannot be loaded. */
export async function listAdapters(): Promise<readonly string[]> {
  const answer = await request('none has this name').catch(() => null);
  return answer instanceof Error ? adaptersIn(answer.message) : [];
}

/** Dawn lists the adapters only when it is asked for one that is not there. */
const adaptersIn = (message: string): readonly string[] => Array.from(message.matchAll(/ name: '(.*)'$/gm), ([, name = '']) => name);

async function request(name: string | undefined): Promise<Adapter | Error | null> {
  const dawn = await loadPackage<Dawn>('webgpu');
  for (const [key, value] of Object.entries(dawn.globals)) (globalThis as Record<string, unknown>)[key] ??= value;
  const gpu = dawn.create(name === undefined ? [] : [`adapter=${name}`]);
  instances.push(gpu);
  offer(gpu);
  return gpu.requestAdapter({ powerPreference: 'high-performance' }).catch((error: unknown) => error as Error);
}

/** tfjs looks for it before it takes a device; Node 20 has no `navigator` at all. */
function offer(gpu: Gpu): void {
  const scope = globalThis as { navigator?: object };
  if (scope.navigator === undefined) Object.defineProperty(scope, 'navigator', { value: {}, configurable: true, writable: true });
  Object.defineProperty(scope.navigator, 'gpu', { value: gpu, configurable: true });
}

/** Names as Dawn lists them; an adapter says its own in small letters and hyphens. */
async function nameOf({ info: { vendor, device, description } }: Adapter): Promise<string> {
  const listed = (await listAdapters()).find((name) => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-') === device);
  return listed ?? (device || description || vendor || 'an adapter without a name');
}

const isSoftware = ({ info }: Adapter): boolean =>
  info.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe/i.test(`${info.device} ${info.description}`);

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

/** Dawn writes a complaint of its own to standard error without one, so it is not tried. Elsewhere than on Linux there is no such file. */
function hasVulkanLoader(): boolean {
  if (process.platform !== 'linux') return true;
  const { LD_LIBRARY_PATH = '' } = process.env;
  const arch = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const folders = [...LD_LIBRARY_PATH.split(':'), `/usr/lib/${arch}-linux-gnu`, '/usr/lib64', '/usr/lib', '/usr/local/lib', `/lib/${arch}-linux-gnu`];
  return folders.some((folder) => folder !== '' && filesIn(folder).includes('libvulkan.so.1'));
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
