import { expect, test } from 'vitest';
import { pinnedAdapter } from '../../src/tfjs/backends/webgpu.ts';

test('the adapter of a process that CUDA_VISIBLE_DEVICES has pinned: the only one that it can be', () => {
  expect(pinnedAdapter(undefined, ['NVIDIA H200', 'NVIDIA A2'])).toBeUndefined();
  expect(pinnedAdapter('', ['NVIDIA H200', 'NVIDIA A2'])).toBeUndefined();
  expect(pinnedAdapter('1', [])).toBeUndefined();
  expect(pinnedAdapter('1', ['SwiftShader Device (Subzero)', 'NVIDIA H200'])).toBe('NVIDIA H200');
  expect(pinnedAdapter('0', ['Intel Arc', 'NVIDIA A2'])).toBe('NVIDIA A2'); // no CUDA device is Intel's
});

test('of several it would be a guess, which is refused with what to do', () => {
  const refused = (listed: readonly string[]) => () => pinnedAdapter('GPU-bbbb', listed);
  expect(refused(['NVIDIA H200', 'NVIDIA A2'])).toThrow('it cannot tell which of "NVIDIA H200", "NVIDIA A2" is the GPU of CUDA_VISIBLE_DEVICES=GPU-bbbb');
  expect(refused(['Card', 'Card'])).toThrow(expect.objectContaining({ what: 'device', fix: expect.stringContaining("devices: ['webgpu:Card']") }));
});
