import { hasVulkanLoader, isDawnInstalled, listAdapters } from '../../base/dawn.ts';

/** What Dawn said of WebGPU adapters. */
export interface Adapters {
  /** As it lists them, software ones too; `undefined` when it is not installed or does not load. */
  readonly names: readonly string[] | undefined;
  /** Why there is none, in words. */
  readonly trouble: string;
}

/** Asks Dawn for the adapters of this machine. Never rejects. */
export async function queryAdapters(): Promise<Adapters> {
  if (!isDawnInstalled()) return { names: undefined, trouble: 'for WebGPU the package webgpu is not installed' };
  if (!hasVulkanLoader(process.env['LD_LIBRARY_PATH'])) return { names: [], trouble: 'for WebGPU there is no Vulkan loader (libvulkan.so.1)' };
  try {
    return { names: await listAdapters(), trouble: 'Dawn finds no WebGPU adapter but those that compute on the CPU' };
  } catch (error) {
    return { names: undefined, trouble: `the package webgpu does not load: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}` };
  }
}
