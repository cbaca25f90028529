import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import { pinTo, threadsFor } from '../../../src/execute/devices/pin.ts';
import { checkResources } from '../../../src/execute/devices/resources.ts';
import { checkAdapters, divide } from '../../../src/execute/devices/share.ts';

const GPUS = [
  { id: 'cuda:0', name: 'one', memoryMb: 16_000, cuda: '0' },
  { id: 'cuda:1', name: 'two', memoryMb: 16_000, cuda: '1' },
];
interface Case {
  readonly workers?: number;
  readonly cores?: number;
  readonly most?: number;
}
const share = (resources: JsonObject | undefined, { workers, cores = 8, most }: Case = {}) => {
  const session = { ...(resources ? { resources } : {}), ...(most === undefined ? {} : { maxConcurrentTrials: most }) };
  const { slots, cpu } = divide({ name: 'processes', workers }, session, resources?.['gpu'] ? GPUS : [], cores);
  return { slots, cpu };
};

describe('how many trials run at once, and what each has', () => {
  test('of the cores: one trial for each, unless they take more or less, or the user says how many', () => {
    expect(share(undefined)).toEqual({ slots: 8, cpu: 1 });
    expect(share({ cpu: 2 })).toEqual({ slots: 4, cpu: 2 });
    expect(share({ cpu: 3 })).toEqual({ slots: 2, cpu: 3 });
    expect(share({ cpu: 0.1 })).toEqual({ slots: 80, cpu: 0.1 });
    expect(share({ cpu: 16 })).toEqual({ slots: 1, cpu: 16 });
    expect(share({ cpu: 2 }, { workers: 8 })).toEqual({ slots: 8, cpu: 2 });
    expect(share(undefined, { workers: 3 })).toEqual({ slots: 3, cpu: 2 });
    expect(share(undefined, { workers: 99 })).toEqual({ slots: 99, cpu: 1 });
    expect(share(undefined, { most: 2 })).toEqual({ slots: 8, cpu: 4 });
  });

  test('of the devices: as many as fit, and the cores are shared out among those', () => {
    expect(share({ gpu: 0.5 })).toEqual({ slots: 4, cpu: 2 });
    expect(share({ gpu: 0.25 })).toEqual({ slots: 8, cpu: 1 });
    expect(share({ gpu: 0.25 }, { workers: 2 })).toEqual({ slots: 2, cpu: 4 });
    expect(share({ gpu: 1 })).toEqual({ slots: 2, cpu: 4 });
    expect(share({ gpu: 2, cpu: 1 })).toEqual({ slots: 1, cpu: 1 });
    expect(share({ gpu: 0.1, gpuMemoryMb: 7000 })).toEqual({ slots: 4, cpu: 2 });
  });

  test('what fits nowhere is refused, with what there is', () => {
    expect(() => share({ gpu: 3 })).toThrow('processes: expected 3 devices for each trial (runConfig.resources.gpu), got 2 (cuda:0, cuda:1).');
    expect(() => share({ gpu: 0.5, gpuMemoryMb: 20_000 })).toThrow(
      'the 20000 MB of runConfig.resources.gpuMemoryMb, got cuda:0 with 16000 MB, cuda:1 with 16000 MB.',
    );
  });
});

test('adapters of one name count as one device, and that is said; more than one adapter no trial can open', () => {
  const check = (gpu: number, adapters: readonly string[]): readonly string[] => {
    const said: string[] = [];
    checkAdapters('processes', gpu, { devices: [{ id: 'webgpu:A', name: 'A' }], adapters }, (message) => void said.push(message));
    return said;
  };
  expect(check(1, ['A', 'B', 'B'])).toEqual([]);
  expect(check(0.5, ['A', 'B', 'A'])).toEqual(['processes: there are 2 adapters named "A", which cannot be told apart: they count as one device, webgpu:A.']);
  expect(() => check(2, ['A', 'B'])).toThrow(
    'expected runConfig.resources.gpu to be at most 1 with WebGPU adapters (webgpu:A), since a trial opens one, got 2.',
  );
});

describe('the names of amounts', () => {
  test.each(['gpus', 'GPU', 'cpus', 'gpuMemoryMB', 'gpuMemory', 'gpu_memory_mb', 'gpuMemMb'])('%s is nearly one of ours, and refused', (name) => {
    expect(() => checkResources('runConfig', { [name]: 1 })).toThrow(/Did you mean "(cpu|gpu|gpuMemoryMb)"\? \[OPTION_UNKNOWN\]$/);
  });

  test.each(['tpu', 'npu', 'memory', 'own', 'licences', 'custom', ''])('%s is an amount of the user', (name) => {
    expect(() => checkResources('runConfig', { cpu: 1, [name]: 1 })).not.toThrow();
  });
});

describe('the environment of a process', () => {
  test('has the devices of its trial, and growth; what the user has set of growth and order stays', () => {
    const [first] = GPUS;
    expect(pinTo([], {})).toEqual({});
    expect(pinTo([{ id: 'webgpu:x', name: 'x' }], {})).toEqual({});
    expect(pinTo(GPUS, {})).toEqual({ CUDA_VISIBLE_DEVICES: '0,1', CUDA_DEVICE_ORDER: 'PCI_BUS_ID', TF_FORCE_GPU_ALLOW_GROWTH: 'true' });
    expect(pinTo(GPUS, { CUDA_DEVICE_ORDER: 'FASTEST_FIRST' })).toMatchObject({ CUDA_DEVICE_ORDER: 'PCI_BUS_ID' }); // indexes of nvidia-smi
    const kept = { CUDA_DEVICE_ORDER: 'FASTEST_FIRST', TF_FORCE_GPU_ALLOW_GROWTH: 'false' };
    expect(pinTo(first ? [first] : [], { ...kept, CUDA_VISIBLE_DEVICES: '0,1' })).toEqual({ ...kept, CUDA_VISIBLE_DEVICES: '0' });
  });

  test('has its share of the cores, in whole numbers; what the user has set stays', () => {
    expect(threadsFor(0.5, {})).toEqual({ TF_NUM_INTRAOP_THREADS: '1', TF_NUM_INTEROP_THREADS: '1', OMP_NUM_THREADS: '1' });
    expect(threadsFor(3.9, { OMP_NUM_THREADS: '16' })).toEqual({ TF_NUM_INTRAOP_THREADS: '3', TF_NUM_INTEROP_THREADS: '3', OMP_NUM_THREADS: '16' });
  });
});
