import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Dawn, Chrome's WebGPU, is the optional npm package `webgpu`: loaded when an adapter is asked for, and no sooner. */
interface Dawn {
  create(options: readonly string[]): { requestAdapter(options: { readonly powerPreference: 'high-performance' }): Promise<unknown> };
  readonly globals: Readonly<Record<string, unknown>>;
}

const PACKAGE = 'webgpu';

/** Held on to: without them Dawn's garbage collection takes the device away under whoever computes on it. */
const instances: object[] = [];

async function load(): Promise<Dawn> {
  const module = (await import(PACKAGE)) as { readonly default?: Dawn };
  return module.default ?? (module as unknown as Dawn);
}

export function isDawnInstalled(): boolean {
  try {
    createRequire(import.meta.url).resolve(PACKAGE);
    return true;
  } catch {
    return false;
  }
}

/**
 * The adapter whose name contains `name`, the letters' case included, else the fastest; makes the globals of WebGPU and
 * `navigator.gpu`.
 *
 * @returns what Dawn says when there is none; sometimes it is just `null`
 * @throws when the package cannot be loaded
 */
export async function requestAdapter<Adapter>(name: string | undefined): Promise<Adapter | Error | null> {
  const dawn = await load();
  for (const [key, value] of Object.entries(dawn.globals)) (globalThis as Record<string, unknown>)[key] ??= value;
  const gpu = dawn.create(name === undefined ? [] : [`adapter=${name}`]);
  instances.push(gpu);
  offer(gpu);
  return gpu.requestAdapter({ powerPreference: 'high-performance' }).catch((error: unknown) => error as Error) as Promise<Adapter | Error | null>;
}

/** tfjs looks for it before it takes a device; Node 20 has no `navigator` at all. */
function offer(gpu: object): void {
  const scope = globalThis as { navigator?: object };
  if (scope.navigator === undefined) Object.defineProperty(scope, 'navigator', { value: {}, configurable: true, writable: true });
  Object.defineProperty(scope.navigator, 'gpu', { value: gpu, configurable: true });
}

/**
 * The names of all adapters, software ones too; a name as often as there are adapters that have it.
 *
 * @throws when the package cannot be loaded
 */
export async function listAdapters(): Promise<readonly string[]> {
  const gpu = (await load()).create(['adapter=none has this name']);
  instances.push(gpu);
  const answer = await gpu.requestAdapter({ powerPreference: 'high-performance' }).catch((error: unknown) => error);
  return answer instanceof Error ? adaptersIn(answer.message) : [];
}

/** Dawn lists the adapters only when it is asked for one that is not there: these are in its answer. */
export const adaptersIn = (message: string): readonly string[] => Array.from(message.matchAll(/ name: '(.*)'$/gm), ([, name = '']) => name);

/** Whether an adapter of this name computes on the CPU. */
export const isSoftwareName = (name: string): boolean => /swiftshader|llvmpipe|lavapipe|basic render/i.test(name);

/** Dawn writes a complaint of its own to standard error without one, so it is better not tried. Elsewhere than on Linux there is no such file. @param libraryPath - `LD_LIBRARY_PATH` */
export function hasVulkanLoader(libraryPath = ''): boolean {
  if (process.platform !== 'linux') return true;
  const arch = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const folders = [...libraryPath.split(':'), `/usr/lib/${arch}-linux-gnu`, '/usr/lib64', '/usr/lib', '/usr/local/lib', `/lib/${arch}-linux-gnu`];
  return folders.some((folder) => folder !== '' && filesIn(folder).includes('libvulkan.so.1'));
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
