import { describe, expect, test } from 'vitest';
import { asksDawn, checkDevices, discoverDevices } from '../../../src/execute/devices/discover.ts';
import { processes } from '../../../src/execute/processes.ts';
import { threads } from '../../../src/execute/threads.ts';

const TWO = '0, GPU-aaaa-1, 570.86, NVIDIA H200, 143771\n1, GPU-bbbb-2, 570.86, NVIDIA RTX, Ti, 8192\n';
const ADAPTERS = ['NVIDIA H200', 'AMD Radeon, Pro', 'AMD Radeon W7', 'SwiftShader Device (Subzero)', 'llvmpipe (LLVM 19)'];
const find = (smi: string | undefined, visible?: string, wanted?: readonly string[], adapters?: readonly string[]) =>
  discoverDevices('processes', { smi, visible, wanted, adapters });
/** What each is called, and what CUDA is told. */
const brief = (...args: Parameters<typeof find>) => find(...args).map(({ id, cuda }) => `${id} ${cuda ?? '-'}`);

describe('which devices there are', () => {
  test('those that nvidia-smi lists, with all that it says of them', () => {
    expect(find(TWO)).toEqual([
      { id: 'cuda:0', name: 'NVIDIA H200', uuid: 'GPU-aaaa-1', driver: '570.86', cuda: 'GPU-aaaa-1', memoryMb: 143_771 },
      { id: 'cuda:1', name: 'NVIDIA RTX, Ti', uuid: 'GPU-bbbb-2', driver: '570.86', cuda: 'GPU-bbbb-2', memoryMb: 8192 },
    ]);
    expect(find('0, GPU-cccc, 580.1, NVIDIA GB10, [N/A]')).toEqual([
      { id: 'cuda:0', name: 'NVIDIA GB10', uuid: 'GPU-cccc', driver: '580.1', cuda: 'GPU-cccc' },
    ]);
    expect(brief('0, [N/A], 540.4, Orin, [N/A]')).toEqual(['cuda:0 0']); // without a UUID an index has to do
    expect(find('')).toEqual([]);
    expect(find(undefined)).toEqual([]);
  });

  test('of those the ones in CUDA_VISIBLE_DEVICES, in its order and in its words', () => {
    expect(brief(TWO, '1,0')).toEqual(['cuda:1 1', 'cuda:0 0']);
    expect(brief(TWO, 'GPU-bbbb')).toEqual(['cuda:1 GPU-bbbb']);
    expect(brief(TWO, '')).toEqual([]);
    expect(brief(TWO, '0,0,GPU-aaaa,1')).toEqual(['cuda:0 0', 'cuda:1 1']); // each is one device
    expect(brief(undefined, '3,3')).toEqual(['cuda:3 3']);
    expect(brief(TWO, '1,-1,0')).toEqual(['cuda:1 1']);
    expect(brief(TWO, 'MIG-1234')).toEqual(['cuda:MIG-1234 MIG-1234']);
    expect(brief(undefined, '2, 3')).toEqual(['cuda:2 2', 'cuda:3 3']);
  });

  test('of those the ones in a list, which may name others than CUDA devices', () => {
    expect(brief(TWO, undefined, ['cuda:1'])).toEqual(['cuda:1 GPU-bbbb-2']);
    expect(brief(TWO, undefined, ['cuda:GPU-bbbb-2'])).toEqual(['cuda:1 GPU-bbbb-2']);
    expect(brief(TWO, undefined, ['webgpu:AMD Radeon W7', 'cuda:0'], ADAPTERS)).toEqual(['webgpu:AMD Radeon W7 -', 'cuda:0 GPU-aaaa-1']);
    expect(brief(undefined, undefined, ['cuda:1'])).toEqual(['cuda:1 1']); // nobody knows better
  });

  test('one that does not exist is refused, with those that do', () => {
    expect(() => find(TWO, undefined, ['cuda:0', 'cuda:2'])).toThrow('processes: expected devices that exist (cuda:0, cuda:1), got "cuda:2".');
    expect(() => find(TWO, '1', ['cuda:0'])).toThrow('expected devices that exist (cuda:1, with CUDA_VISIBLE_DEVICES=1), got "cuda:0".');
    expect(() => find(TWO, '0,7')).toThrow('CUDA_VISIBLE_DEVICES: expected GPUs that exist (cuda:0, cuda:1), got "7".');
    expect(() => find('', undefined, ['cuda:0'])).toThrow('expected devices that exist (none), got "cuda:0".');
    expect(() => find(TWO, 'GPU-')).toThrow('expected beginnings of UUIDs that one GPU has, got "GPU-", which cuda:0, cuda:1 have.');
  });

  test('one that is named twice is refused: by index and UUID, by two parts of a name, as CUDA device and as adapter', () => {
    const twice = /^processes: expected devices that are different, got .* which may be one\./;
    expect(() => find(TWO, undefined, ['cuda:0', 'cuda:GPU-aaaa-1'])).toThrow(twice);
    expect(() => find(TWO, undefined, ['webgpu:H200', 'webgpu:NVIDIA'], ADAPTERS)).toThrow(twice);
    expect(() => find(TWO, undefined, ['cuda:0', 'webgpu:H200'], ADAPTERS)).toThrow(twice);
  });
});

describe('WebGPU adapters', () => {
  test('are the devices where NVIDIA has none and nothing is named: those that are hardware, each name once', () => {
    const ids = (...args: Parameters<typeof find>) => find(...args).map(({ id }) => id);
    expect(ids(undefined, undefined, undefined, ['A', ...ADAPTERS.slice(3), 'B', 'A'])).toEqual(['webgpu:A', 'webgpu:B']);
    expect(ids('', undefined, undefined, ADAPTERS.slice(2))).toEqual(['webgpu:AMD Radeon W7']);
    expect(ids(TWO, undefined, undefined, ADAPTERS)).toEqual(['cuda:0', 'cuda:1']);
    expect(ids(undefined, '', undefined, ADAPTERS)).toEqual([]);
    expect(ids(undefined, undefined, undefined, undefined)).toEqual([]);
  });

  test('are asked for only where they matter', () => {
    const asks = (smi?: string, visible?: string, wanted?: readonly string[]) => asksDawn({ smi, visible, wanted });
    expect([asks(), asks(''), asks(undefined, '0', ['cuda:0', 'webgpu:A'])]).toEqual([true, true, true]);
    expect([asks(TWO), asks(undefined, ''), asks(undefined, undefined, ['cuda:0'])]).toEqual([false, false, false]);
  });

  test('go by their name or a part of it that no other has; a comma is a part of it, and software may be named', () => {
    const named = (id: string) => find(undefined, undefined, [id], ADAPTERS).map((device) => device.id);
    expect(named('webgpu:Radeon, Pro')).toEqual(['webgpu:AMD Radeon, Pro']);
    expect(named('webgpu:SwiftShader')).toEqual(['webgpu:SwiftShader Device (Subzero)']);
    expect(() => named('webgpu:AMD')).toThrow('the name of one adapter (webgpu:AMD Radeon, Pro, webgpu:AMD Radeon W7), got "webgpu:AMD".');
    expect(() => named('webgpu:nonsense')).toThrow(/^processes: expected devices that exist \(webgpu:NVIDIA H200, .*\), got "webgpu:nonsense"\./);
    expect(find(undefined, undefined, ['webgpu:RTX A4'], ['RTX A40', 'RTX A4']).map(({ id }) => id)).toEqual(['webgpu:RTX A4']);
    expect(() => find(undefined, undefined, ['webgpu:A'])).toThrow(/expected the package webgpu for the device "webgpu:A".*npm install .*\[PACKAGE_MISSING\]$/);
    for (const make of [processes, threads]) expect(() => make({ devices: ['webgpu:AMD Radeon, Pro'] })).not.toThrow();
  });
});

test.each([[0], [['cuda']], [[0]], [[]], [['cuda:0', 'cuda:0']], [['cuda:0,cuda:1']], ['cuda:0']])(
  'devices: %j is refused when the executor is made',
  (devices) => {
    for (const make of [processes, threads]) expect(() => make({ devices: devices as never })).toThrow(/expected devices to be names such as 'cuda:0'/);
    expect(() => checkDevices('processes', [3])).toThrow("Hint: Write 'cuda:3'.");
  },
);
