import type { Device } from './device.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The environment of a process that is to see these devices only, before it loads anything. An index of nvidia-smi counts
 * by PCI bus, whatever order the user's environment has CUDA count in; one of the user's own `CUDA_VISIBLE_DEVICES` counts
 * as the user's order says. What the user's environment says of growth stays.
 */
export function pinTo(devices: readonly Device[], outer: Variables): Variables {
  const cuda = devices.flatMap((device) => device.cuda ?? []);
  if (cuda.length === 0) return {};
  const isOurs = outer['CUDA_VISIBLE_DEVICES'] === undefined;
  return {
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    ...keptFrom(outer, ['TF_FORCE_GPU_ALLOW_GROWTH', 'CUDA_DEVICE_ORDER']),
    ...(isOurs ? { CUDA_DEVICE_ORDER: 'PCI_BUS_ID' } : {}),
    CUDA_VISIBLE_DEVICES: cuda.join(','),
  };
}

const THREADS = ['TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS', 'OMP_NUM_THREADS'];

/** The environment of a process that is to compute on so many cores. What the user's environment says stays. */
export const threadsFor = (cpu: number, outer: Variables): Variables => ({
  ...Object.fromEntries(THREADS.map((name) => [name, String(Math.max(1, Math.floor(cpu)))])),
  ...keptFrom(outer, THREADS),
});

const keptFrom = (outer: Variables, names: readonly string[]): Variables =>
  Object.fromEntries(names.flatMap((name) => (outer[name] === undefined ? [] : [[name, outer[name]]])));
