import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runNode } from '../run-node.ts';

/** On a machine with an NVIDIA GPU these see that the GPU did the work, and not the CPU in silence. */

interface Trained {
  readonly losses: readonly number[];
  readonly device: string;
  readonly using_gpu: boolean;
  readonly in_use: number;
  readonly left: number;
}

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

async function trainEverywhere(backend: string): Promise<readonly [Record<string, readonly Trained[]>, readonly Trained[]]> {
  const { stdout } = await runNode([join(import.meta.dirname, 'scripts/train-everywhere.mjs'), backend]);
  const { cpu = [], ...places } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, readonly Trained[]>;
  return [places, cpu];
}

function expectAlike(places: Record<string, readonly Trained[]>, cpu: readonly Trained[]): void {
  expect(Object.keys(places)).toEqual(['inline', 'threads', 'processes']);
  for (const [net, trained] of Object.values(places).flatMap((nets) => [...nets.entries()])) {
    expect(trained.left).toBe(0);
    trained.losses.forEach((loss, epoch) => expect(loss).toBeCloseTo(Number(cpu[net]?.losses[epoch]), 3));
  }
}

describe.skipIf(!hasGpu)('on a GPU', () => {
  test('webgpu trains as cpu does, on the adapter of the GPU and in its memory', { timeout: 240_000 }, async () => {
    const [places, cpu] = await trainEverywhere('webgpu');
    expectAlike(places, cpu);
    for (const { device, in_use } of Object.values(places).flat()) {
      expect(device).toMatch(/nvidia/i);
      expect(in_use).toBeGreaterThan(0);
    }
  });

  test.skipIf(!hasNative)('tfjs-node-gpu trains as cpu does, on the GPU and in its memory', { timeout: 240_000 }, async () => {
    const before = usedMb();
    const [places, cpu] = await trainEverywhere('tfjs-node-gpu');
    expectAlike(places, cpu);
    for (const { device, using_gpu, in_use } of Object.values(places).flat()) {
      expect([device, using_gpu]).toEqual(['gpu', true]);
      expect(in_use).toBeGreaterThan(before);
    }
  });
});
