import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type BackendName, type BackendOptions, useBackend } from '../../src/tfjs/use-backend.ts';

const INPUT = Array.from({ length: 64 }, (_, i) => [Math.sin(i), Math.cos(3 * i), i / 64]);
const TARGET = INPUT.map(([a = 0, b = 0, c = 0]) => [a + b * c > 0 ? 1 : 0]);

/** A few steps of a small network: its loss after each, and its predictions at the end. */
async function train(backend: BackendName): Promise<{ losses: number[]; predictions: number[] }> {
  const { tf } = await useBackend({ backend });
  const kernelInitializer = (seed: number) => tf.initializers.glorotUniform({ seed });
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [3], units: 16, activation: 'relu', kernelInitializer: kernelInitializer(1) }),
      tf.layers.dense({ units: 1, activation: 'sigmoid', kernelInitializer: kernelInitializer(2) }),
    ],
  });
  model.compile({ optimizer: tf.train.adam(0.01), loss: 'binaryCrossentropy' });
  const x = tf.tensor2d(INPUT);
  const { history } = await model.fit(x, tf.tensor2d(TARGET), { epochs: 4, batchSize: 16, shuffle: false, verbose: 0 });
  const predictions = [...(model.predict(x) as ReturnType<typeof tf.tensor2d>).dataSync()];
  return { losses: history['loss'] as number[], predictions };
}

describe('useBackend', () => {
  test('takes the best backend that is installed, and says why not a better one', async () => {
    const { tf, backend, why } = await useBackend();
    expect(backend).toBe('wasm');
    expect(tf.getBackend()).toBe('wasm');
    expect(why).toEqual([
      'tfjs-node-gpu: not used, @tensorflow/tfjs-node-gpu is not installed',
      expect.stringMatching(/^webgpu: not used, /),
      'tfjs-node: not used, @tensorflow/tfjs-node is not installed',
      'wasm: used',
    ]);
  });

  test('answers with what is active already when it is called again', async () => {
    const first = await useBackend({ backend: 'cpu' });
    expect(await useBackend()).toBe(first);
  });

  test('switches to the backend asked for, one call at a time', async () => {
    const all = await Promise.all([useBackend({ backend: 'cpu' }), useBackend({ backend: 'wasm' })]);
    expect(all.map(({ backend }) => backend)).toEqual(['cpu', 'wasm']);
    expect(all[1].tf.getBackend()).toBe('wasm');
  });

  test('trains dense layers alike on wasm and cpu', async () => {
    const cpu = await train('cpu');
    const wasm = await train('wasm');
    expect(cpu.losses.at(-1)).toBeLessThan(cpu.losses[0] as number);
    cpu.losses.forEach((loss, epoch) => expect(wasm.losses[epoch]).toBeCloseTo(loss, 4));
    cpu.predictions.forEach((value, row) => expect(wasm.predictions[row]).toBeCloseTo(value, 4));
  });

  test('names the package to install when the backend asked for is missing', async () => {
    const line = 'tfjs-node-gpu: not used, @tensorflow/tfjs-node-gpu is not installed';
    const lines: string[] = [];
    await expect(useBackend({ backend: 'tfjs-node-gpu', log: (text) => lines.push(text) })).rejects.toMatchObject({
      code: 'BACKEND_UNAVAILABLE',
      message: expect.stringContaining(`expected the backend 'tfjs-node-gpu' to work, got: ${line}.`) as string,
      hint: expect.stringContaining('npm install --ignore-scripts @tensorflow/tfjs-node-gpu') as string,
    });
    expect(lines).toEqual([line]);
  });

  test('stays with the active backend when another one fails', async () => {
    await useBackend({ backend: 'cpu' });
    await useBackend({ backend: 'tfjs-node' }).catch(() => undefined);
    expect((await useBackend()).backend).toBe('cpu');
  });

  test('leaves the thread to the active backend when another one fails in its first kernel', async () => {
    await useBackend({ backend: 'wasm' });
    const { tf } = await useBackend({ backend: 'cpu' });
    const add = tf.getKernel('Add', 'wasm');
    tf.unregisterKernel('Add', 'wasm');
    try {
      await expect(useBackend({ backend: 'wasm' })).rejects.toMatchObject({ code: 'BACKEND_UNAVAILABLE' });
      expect(tf.getBackend()).toBe('cpu');
      expect((await useBackend()).backend).toBe('cpu');
    } finally {
      tf.registerKernel(add);
    }
  });

  test('takes back what it has said when somebody else has switched', async () => {
    const { tf } = await useBackend({ backend: 'wasm' });
    await tf.setBackend('cpu');
    expect((await useBackend()).backend).toBe('wasm');
    expect(tf.getBackend()).toBe('wasm');
  });

  test('refuses a log that is no function', async () => {
    await expect(useBackend({ log: 5 } as object)).rejects.toThrow('useBackend: expected log to be a function, got 5.');
  });

  test('refuses a backend that does not exist', async () => {
    await expect(useBackend({ backend: 'webgl' as BackendName })).rejects.toMatchObject({ code: 'OPTION_RANGE' });
    await expect(useBackend({ devices: 'gpu' } as object)).rejects.toMatchObject({ code: 'OPTION_UNKNOWN' });
  });

  test('refuses a device that nothing can choose, or that is none', async () => {
    const refused = { code: 'OPTION_RANGE', message: expect.stringContaining('expected device to be') as string };
    for (const device of [-1, 0.5, Number.NaN, '', 'cuda:', 'cuda:0,', 'cuda:0,webgpu:NVIDIA', 'webgpu:'])
      await expect(useBackend({ device })).rejects.toMatchObject(refused);
    for (const backend of ['tfjs-node', 'wasm', 'cpu'] as const) await expect(useBackend({ backend, device: 0 })).rejects.toMatchObject(refused);
  });

  test('looks only at backends that have such a device when one is named', async () => {
    await expect(useBackend({ device: 7 })).rejects.toMatchObject({
      code: 'BACKEND_UNAVAILABLE',
      message: expect.stringContaining("expected the backend 'tfjs-node-gpu' to work") as string,
    });
  });

  describe('goes by the device of a trial', () => {
    afterEach(() => {
      vi.unstubAllEnvs();
    });
    const lookedAt = async (options: BackendOptions): Promise<readonly string[]> => {
      const lines: string[] = [];
      await useBackend({ ...options, log: (line) => lines.push(line) }).catch(() => undefined);
      return lines.map((line) => line.slice(0, line.indexOf(':')));
    };

    test('cuda, in a process that was given its GPU: TensorFlow, or WebGPU where that is not installed', async () => {
      vi.stubEnv('CUDA_VISIBLE_DEVICES', '1');
      expect(await lookedAt({ device: 'cuda:1' })).toEqual(['tfjs-node-gpu', 'webgpu']);
      expect(await lookedAt({ device: 'cuda:0,cuda:1', backend: 'tfjs-node-gpu' })).toEqual(['tfjs-node-gpu']);
      const lines: string[] = [];
      await useBackend({ device: 'cuda:1', log: (line) => lines.push(line) }).catch(() => undefined);
      expect(lines[1]).not.toContain('cuda'); // no adapter has this name
    });

    test('cuda, in a process that was given none: TensorFlow, which can be given one', async () => {
      vi.stubEnv('CUDA_VISIBLE_DEVICES', undefined);
      expect(await lookedAt({ device: 'cuda:1' })).toEqual(['tfjs-node-gpu']);
      await expect(useBackend({ device: 'cuda:1', backend: 'webgpu' })).rejects.toMatchObject({ code: 'OPTION_RANGE' });
    });

    test('none: what is best', async () => {
      const { device }: { device?: string } = {};
      expect(await useBackend({ device, backend: undefined, log: undefined })).toBe(await useBackend());
    });

    test('webgpu: that adapter', async () => {
      expect(await lookedAt({ device: 'webgpu:no such GPU' })).toEqual(['webgpu']);
      await expect(useBackend({ device: 'webgpu:NVIDIA', backend: 'tfjs-node-gpu' })).rejects.toMatchObject({ code: 'OPTION_RANGE' });
    });
  });
});

describe('what tfjs leaves behind', () => {
  test('no listener of wasm that throws the errors of the process again', async () => {
    await useBackend({ backend: 'wasm' });
    const listeners = [...process.listeners('uncaughtException'), ...process.listeners('unhandledRejection')].map(String);
    expect(listeners.filter((source) => /ExitStatus|throw reason/.test(source))).toEqual([]);
  });
});

describe('in worker threads', () => {
  /** Node 20 reads no TypeScript, and a worker does not inherit vitest's loader: tsx stands in. */
  const SCRIPT = `
    const { parentPort, workerData, threadId } = require('node:worker_threads');
    (async () => {
      const { register } = await import('tsx/esm/api');
      register();
      const { useBackend } = await import(workerData);
      const { tf, backend } = await useBackend({ backend: 'wasm' });
      const product = tf.matMul(tf.tensor2d([[1, 2], [3, 4]]), tf.tensor2d([[threadId], [1]]));
      parentPort.postMessage({ backend, threadId, product: [...product.dataSync()] });
    })();`;
  const module = new URL('../../src/tfjs/use-backend.ts', import.meta.url).href;
  const answer = async () => {
    const worker = new Worker(SCRIPT, { eval: true, workerData: module });
    const [message] = (await once(worker, 'message')) as [{ backend: string; threadId: number; product: number[] }];
    await worker.terminate();
    return message;
  };

  test('each thread has a wasm backend of its own, beside that of the main thread', async () => {
    await useBackend({ backend: 'wasm' });
    const [a, b] = await Promise.all([answer(), answer()]);
    expect(a.threadId).not.toBe(b.threadId);
    for (const { backend, threadId, product } of [a, b]) expect({ backend, product }).toEqual({ backend: 'wasm', product: [threadId + 2, 3 * threadId + 4] });
  });
});

describe('what tfjs prints', () => {
  const warn = console.warn;
  afterEach(() => {
    console.warn = warn;
  });

  test('there is no greeting at the first tensor on cpu', async () => {
    const printed: unknown[] = [];
    console.warn = (...args: unknown[]) => printed.push(args);
    const { tf } = await useBackend({ backend: 'cpu' });
    tf.tensor1d([1, 2]).dispose();
    expect(printed).toEqual([]);
  });
});
