import { describe, expect, test } from 'vitest';
import { deviceMemoryError, deviceMemoryLine } from '../../../src/execute/devices/out-of-memory.ts';

const GPU = [{ id: 'cuda:0', name: 'one', cuda: '0' }];
const OOM = 'OOM when allocating tensor with shape[64,64] and type float on /job:localhost/replica:0/task:0/device:GPU:0 by allocator GPU_0_bfc';

describe('a full device is recognised by what libraries say', () => {
  test.each([
    `Invalid TF_Status: 8\nMessage: ${OOM}`,
    'Resource exhausted: OOM when allocating tensor with shape[1,187,103,4] and type float',
    'RESOURCE_EXHAUSTED: Out of memory while trying to allocate 8589934592 bytes.',
    'failed to allocate 2.00G (2147483648 bytes) from device: CUDA_ERROR_OUT_OF_MEMORY: out of memory',
    'failed to create cublas handle: CUBLAS_STATUS_ALLOC_FAILED',
    'Dst tensor is not initialized.',
    'vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY\n    at CheckVkOOMThenSuccessImpl',
    'GPUOutOfMemoryError: not enough memory left',
    'Device was lost: unknown, out of memory',
    'createBuffer failed, size (68719476736) is too large for the implementation when mappedAtCreation == true',
  ])('%s', (text) => expect(deviceMemoryLine(text)).toBeDefined());

  test.each([
    'OOM when allocating tensor with shape[64,64] and type float on /job:localhost/replica:0/task:0/device:CPU:0 by allocator cpu',
    'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
    'RESOURCE_EXHAUSTED: quota of requests',
    'WebAssembly.Memory(): could not allocate memory: out of memory',
    'Array buffer allocation failed',
    'the room is full',
    '',
  ])('and not by: %s', (text) => expect(deviceMemoryLine(text)).toBeUndefined());

  test('also in what caused an error; a run without a device has none that could be full', () => {
    const run = { name: 'train_abc_00001', config: { batch: 4096 } };
    const error = { name: 'Error', message: 'training failed', cause: { name: 'Error', message: OOM } };
    expect(deviceMemoryError(run, [], error)).toBe(error);
    expect(deviceMemoryError(run, GPU, { name: 'Error', message: 'something else' })).toEqual({ name: 'Error', message: 'something else' });
    expect(deviceMemoryError(run, GPU, error)).toMatchObject({ code: 'DEVICE_OUT_OF_MEMORY', cause: error });
    expect(deviceMemoryError({ ...run, alone: true }, GPU, error).message).toMatch(
      /^train_abc_00001: expected the configuration \{"batch":4096\} to fit into the memory of cuda:0, which it had for itself, got "Error: OOM/,
    );
  });
});
