import { describe, expect, test } from 'vitest';
import { checkDevices, discoverDevices } from '../../../src/execute/devices/discover.ts';
import { processes } from '../../../src/execute/processes.ts';
import { threads } from '../../../src/execute/threads.ts';

const TWO = '0, GPU-aaaa-1, 570.86, NVIDIA H200, 143771\n1, GPU-bbbb-2, 570.86, NVIDIA RTX, Ti, 8192\n';
const find = (smi: string | undefined, visible?: string, wanted?: readonly string[]) => discoverDevices('processes', { smi, visible, wanted });
/** What each is called, and what CUDA is told. */
const brief = (...args: Parameters<typeof find>) => find(...args).map(({ id, cuda }) => `${id} ${cuda ?? '-'}`);

describe('which devices there are', () => {
  test('those that nvidia-smi lists, with all that it says of them', () => {
    expect(find(TWO)).toEqual([
      { id: 'cuda:0', name: 'NVIDIA H200', uuid: 'GPU-aaaa-1', driver: '570.86', cuda: '0', memoryMb: 143_771 },
      { id: 'cuda:1', name: 'NVIDIA RTX, Ti', uuid: 'GPU-bbbb-2', driver: '570.86', cuda: '1', memoryMb: 8192 },
    ]);
    expect(find('0, GPU-cccc, 580.1, NVIDIA GB10, [N/A]')).toEqual([{ id: 'cuda:0', name: 'NVIDIA GB10', uuid: 'GPU-cccc', driver: '580.1', cuda: '0' }]);
    expect(find('')).toEqual([]);
    expect(find(undefined)).toEqual([]);
  });

  test('of those the ones in CUDA_VISIBLE_DEVICES, in its order and in its words', () => {
    expect(brief(TWO, '1,0')).toEqual(['cuda:1 1', 'cuda:0 0']);
    expect(brief(TWO, 'GPU-bbbb')).toEqual(['cuda:1 GPU-bbbb']);
    expect(brief(TWO, '')).toEqual([]);
    expect(brief(TWO, '1,-1,0')).toEqual(['cuda:1 1']);
    expect(brief(TWO, 'MIG-1234')).toEqual(['cuda:MIG-1234 MIG-1234']);
    expect(brief(undefined, '2, 3')).toEqual(['cuda:2 2', 'cuda:3 3']);
  });

  test('of those the ones in a list, which may name others than CUDA devices', () => {
    expect(brief(TWO, undefined, ['cuda:1'])).toEqual(['cuda:1 1']);
    expect(brief(TWO, undefined, ['cuda:GPU-bbbb-2'])).toEqual(['cuda:1 1']);
    expect(brief(TWO, undefined, ['webgpu:NVIDIA H200', 'cuda:0'])).toEqual(['webgpu:NVIDIA H200 -', 'cuda:0 0']);
    expect(brief(undefined, undefined, ['cuda:1'])).toEqual(['cuda:1 1']); // nobody knows better
  });

  test('one that does not exist is refused, with those that do', () => {
    expect(() => find(TWO, undefined, ['cuda:0', 'cuda:2'])).toThrow('processes: expected devices that exist (cuda:0, cuda:1), got "cuda:2".');
    expect(() => find(TWO, '1', ['cuda:0'])).toThrow('expected devices that exist (cuda:1, with CUDA_VISIBLE_DEVICES=1), got "cuda:0".');
    expect(() => find(TWO, '0,7')).toThrow('CUDA_VISIBLE_DEVICES: expected GPUs that exist (cuda:0, cuda:1), got "7".');
    expect(() => find('', undefined, ['cuda:0'])).toThrow('expected devices that exist (none), got "cuda:0".');
  });
});

test.each([[0], [['cuda']], [[0]], [[]], [['cuda:0', 'cuda:0']], [['cuda:0,cuda:1']], ['cuda:0']])(
  'devices: %j is refused when the executor is made',
  (devices) => {
    for (const make of [processes, threads]) expect(() => make({ devices: devices as never })).toThrow(/expected devices to be names such as 'cuda:0'/);
    expect(() => checkDevices('processes', [3])).toThrow("Hint: Write 'cuda:3'.");
  },
);
