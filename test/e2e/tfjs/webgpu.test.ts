import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runNode } from '../run-node.ts';
import { expectAlike, expectTrainedAlike, expectUnbroken, type GoneOn, type Trained, type Tuned } from './expect-alike.ts';

/** A Vulkan device in software, and the loader for it: both come with Debian's chromium. */
const CHROMIUM = '/usr/lib/chromium';
const ICD = join(CHROMIUM, 'vk_swiftshader_icd.json');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-webgpu-'));
  if (!existsSync(ICD)) console.warn(`WEBGPU IS NOT TESTED: there is no ${ICD}; apt-get install chromium brings it`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function script<T>(name: string, args: readonly string[] = [], own: NodeJS.ProcessEnv = {}): Promise<T> {
  const env = { ...process.env, ...own, XDG_RUNTIME_DIR: folder, LD_LIBRARY_PATH: CHROMIUM, VK_DRIVER_FILES: ICD };
  const { stdout } = await runNode([join(import.meta.dirname, 'scripts', name), ...args], { cwd: folder, env });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as T;
}

describe.skipIf(!existsSync(ICD))('webgpu, on a device in software', () => {
  test('trains a convnet and a dense net as cpu does: in the main thread, in two threads at once, in two processes', { timeout: 240_000 }, async () => {
    const trained = expectTrainedAlike(await script<Record<string, readonly Trained[]>>('train-everywhere.mjs', ['webgpu']));
    for (const { device, in_use } of trained) {
      expect(device).toBe('SwiftShader Device (Subzero)');
      expect(in_use).toBeGreaterThan(0);
    }
  });

  test('a command that fails is the error of its trial, a lost device that of one, and the next trial is well', async () => {
    const invalid = expect.stringMatching(/^WebGPU: GPUValidationError: Buffer size \(\d+\) exceeds/);
    const atOnce = expect.stringContaining('await tensor.data()');
    const lost = expect.stringMatching(/^WebGPU: the device was lost/);
    expect(await script('broken-device.mjs')).toEqual([3, invalid, 3, invalid, 3, 'on purpose', 3, atOnce, 3, lost, 3]);
  });

  test('an adapter is chosen by its name, and one that is not there is answered with those that are', async () => {
    expect(await script('choose-adapter.mjs', ['Swift'])).toMatchObject({ backend: 'webgpu', device: 'SwiftShader Device (Subzero)' });
    expect(await script('choose-adapter.mjs', ['Voodoo'])).toEqual(
      expect.stringMatching(/no GPU whose name contains "Voodoo".*SwiftShader Device.* \[BACKEND_UNAVAILABLE\]$/),
    );
  });

  test('is a device of trials when it is named, by a part of its name too; one that there is not is refused before anything runs', async () => {
    const asked = [
      ['threads', ['webgpu:SwiftShader'], 0.5],
      ['threads', ['webgpu:nonsense'], 0.5],
      ['processes', ['webgpu:SwiftShader'], 2],
      ['processes', null, 1],
    ];
    const none = { PATH: folder, CUDA_VISIBLE_DEVICES: undefined }; // no nvidia-smi
    expect(await script('on-adapter.mjs', [JSON.stringify(asked)], none)).toEqual([
      ['TERMINATED 2 1', 'TERMINATED 2 1'],
      expect.stringMatching(/^threads: expected devices that exist \(webgpu:SwiftShader Device \(Subzero\)\), got "webgpu:nonsense"\./),
      expect.stringMatching(/^processes: expected runConfig\.resources\.gpu to be at most 1 with WebGPU adapters \(webgpu:SwiftShader .*\), since .*, got 2\./),
      expect.stringMatching(/got none: there is no nvidia-smi on the PATH; Dawn finds no WebGPU adapter but those that compute on the CPU\./),
    ]);
  });

  test('a device in software is not taken unasked', async () => {
    const { backend, why } = await script<{ backend: string; why: readonly string[] }>('choose-adapter.mjs');
    expect(backend).not.toBe('webgpu');
    expect(why).toContainEqual(expect.stringMatching(/^webgpu: not used, the only adapter is SwiftShader Device \(Subzero\), which computes on the CPU$/));
  });

  test('a checkpoint goes on alike there and on cpu, whichever wrote it', async () => {
    const went = await script<readonly GoneOn[]>('exchange.mjs', ['webgpu', await mkdtemp(join(folder, 'models-'))]);
    expectAlike(went);
  });

  test('a tfjsTrainable that is paused after every epoch has the losses of an unbroken run', { timeout: 240_000 }, async () => {
    const settings = { EXECUTOR: 'threads', BACKEND: 'webgpu', FOLDER: folder, TRIALS: '1' };
    const tune = (MODE: string) => script<Tuned>('tune.mjs', [], { ...settings, MODE });
    expectUnbroken(await tune('whole'), await tune('paused'));
  });
});
