import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runNode } from '../run-node.ts';
import { expectTrainedAlike, type Trained } from './expect-alike.ts';

/** On a machine with an NVIDIA GPU these see that the GPU did the work, and not the CPU in silence. */

const smi = (query: string): string | undefined => {
  try {
    return execFileSync('nvidia-smi', [`--query-gpu=${query}`, '--format=csv,noheader,nounits'], { encoding: 'utf8' });
  } catch {
    return undefined;
  }
};
const usedMb = (): number => Math.max(...(smi('memory.used') ?? '').trim().split('\n').map(Number));
const isInstalled = (id: string): boolean => {
  try {
    return createRequire(import.meta.url).resolve(id) !== '';
  } catch {
    return false;
  }
};

const hasGpu = smi('name') !== undefined;
const hasNative = isInstalled('@tensorflow/tfjs-node-gpu');
if (!hasGpu) console.warn('NOTHING IS TESTED ON A GPU: nvidia-smi finds none');
else if (!hasNative) console.warn('TFJS-NODE-GPU IS NOT TESTED: @tensorflow/tfjs-node-gpu is not installed');

async function trainEverywhere(backend: string): Promise<readonly Trained[]> {
  const { stdout } = await runNode([join(import.meta.dirname, 'scripts/train-everywhere.mjs'), backend]);
  return expectTrainedAlike(JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, readonly Trained[]>);
}

describe.skipIf(!hasGpu)('on a GPU', () => {
  test('webgpu trains as cpu does, on the adapter of the GPU and in its memory', { timeout: 240_000 }, async () => {
    for (const { device, in_use } of await trainEverywhere('webgpu')) {
      expect(device).toMatch(/nvidia/i);
      expect(in_use).toBeGreaterThan(0);
    }
  });

  test.skipIf(!hasNative)('tfjs-node-gpu trains as cpu does, on the GPU and in its memory', { timeout: 240_000 }, async () => {
    const before = usedMb();
    for (const { device, using_gpu, in_use } of await trainEverywhere('tfjs-node-gpu')) {
      expect([device, using_gpu]).toEqual(['gpu', true]);
      expect(in_use).toBeGreaterThan(before);
    }
  });
});
