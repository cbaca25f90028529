import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadModel, restoreModel, saveModel, useBackend } from '../../src/tfjs/index.ts';
import type { LayersModel, Tensor, TensorFlow } from '../../src/tfjs/tensor-flow.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'attune-restore-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
  tf.dispose([tf.engine().registeredVariables]); // both copies of tfjs count their layers, and share one list of variables
});

const { tf } = await useBackend({ backend: 'cpu' });

/** Another copy of tfjs: the bundle for browsers. It complains that backends and kernels are there already. */
function otherCopy(): TensorFlow {
  const warn = vi.spyOn(console, 'warn').mockReturnValue();
  try {
    return createRequire(import.meta.url)('@tensorflow/tfjs/dist/tf.min.js') as TensorFlow;
  } finally {
    warn.mockRestore();
  }
}

function network(of: TensorFlow, units = 4, more: readonly number[] = [], loss: string | typeof of.losses.meanSquaredError = 'meanSquaredError'): LayersModel {
  const model = of.sequential();
  model.add(of.layers.dense({ inputShape: [2], units, activation: 'tanh' }));
  for (const width of [...more, 1]) model.add(of.layers.dense({ units: width }));
  model.compile({ optimizer: of.train.adam(0.1), loss, metrics: ['mae'] });
  return model;
}

const X = tf.tensor2d([0.1, -0.7, 0.9, 0.4, -0.3, 0.2], [3, 2]);
const Y = tf.tensor2d([1, 0, 2], [3, 1]);
const fit = async (model: LayersModel, epochs = 2) => (await model.fit(X, Y, { epochs, shuffle: false, verbose: 0 })).history['loss'];
const predict = (model: LayersModel) => [...(model.predict(X) as Tensor).dataSync()];

describe('restoreModel', () => {
  test('training goes on as if the model had never been saved, also with a loss of its own', async () => {
    for (const loss of ['meanSquaredError', tf.losses.meanSquaredError] as const) {
      const model = network(tf, 4, [], loss);
      await fit(model);
      await saveModel(model, dir, { includeOptimizer: true });
      const again = network(tf, 4, [], loss);
      await restoreModel(again, dir);
      expect(predict(again)).toEqual(predict(model));
      expect(await fit(again)).toEqual(await fit(model));
    }
  });

  test('into a model that has trained already, without losing a tensor', async () => {
    const [model, other] = [network(tf), network(tf)];
    for (const each of [model, other]) await fit(each);
    const before = tf.memory().numTensors;
    await saveModel(model, dir, { includeOptimizer: true });
    await restoreModel(other, dir);
    expect(tf.memory().numTensors).toBe(before);
    expect(await fit(other)).toEqual(await fit(model));
  });

  test('the optimizer of the model stays: its learning rate, and another kind starts afresh', async () => {
    const model = network(tf);
    await fit(model);
    await saveModel(model, dir, { includeOptimizer: true });
    const frozen = network(tf);
    frozen.compile({ optimizer: tf.train.adam(0), loss: 'meanSquaredError' });
    await restoreModel(frozen, dir);
    await fit(frozen);
    expect(predict(frozen)).toEqual(predict(model));
    const [sgd, fresh] = [network(tf), network(tf)];
    for (const each of [sgd, fresh]) {
      each.compile({ optimizer: tf.train.momentum(0.1, 0.9), loss: 'meanSquaredError' });
      await restoreModel(each, dir);
    }
    expect(await fit(sgd)).toEqual(await fit(fresh));
  });

  test('weights find their layers by name, whatever is frozen', async () => {
    const freezable = (trainable: boolean) =>
      tf.sequential({ layers: [3, 3, 3].map((units) => tf.layers.dense({ inputShape: [3], units, trainable: trainable || units !== 3 })) });
    const model = freezable(true);
    await saveModel(model, dir);
    const other = freezable(true);
    (other.layers[0] as { trainable: boolean }).trainable = false; // now its weights come last
    await restoreModel(other, dir);
    const x = tf.ones([1, 3]);
    expect([...(other.predict(x) as Tensor).dataSync()]).toEqual([...(model.predict(x) as Tensor).dataSync()]);
  });

  test('a model of another copy of tfjs is saved, restored and loaded', async () => {
    const other = otherCopy();
    const model = network(other);
    expect(model).not.toBeInstanceOf(tf.LayersModel);
    await fit(model);
    await saveModel(model, dir, { includeOptimizer: true });
    const restored = network(other);
    await restoreModel(restored, dir);
    const [guesses, losses] = [predict(model), await fit(model)];
    expect(predict(restored)).toEqual(guesses);
    expect(await fit(restored)).toEqual(losses);
    for (const each of [model, restored]) each.dispose();
    const loaded = await loadModel(dir);
    expect(loaded).toBeInstanceOf(tf.LayersModel);
    expect(predict(loaded)).toEqual(guesses);
    expect(await fit(loaded)).toEqual(losses);
  });

  test('stock tfjs loads the files over HTTP, as a browser does, and trains on', async () => {
    const model = network(tf);
    await fit(model);
    await saveModel(model, dir, { includeOptimizer: true });
    const server = createServer((request, response) => response.end(readFileSync(join(dir, request.url ?? ''))));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const loaded = await tf.loadLayersModel(`http://127.0.0.1:${(server.address() as AddressInfo).port}/model.json`);
      expect(predict(loaded)).toEqual(predict(model));
      expect(loaded.metricsNames).toEqual(['loss', 'mae']);
      expect((await fit(loaded))?.[0]).toBeCloseTo((await fit(model))?.[0] as number, 5);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});

describe('refused, and the model is as it was', () => {
  const refused = async (model: LayersModel, ...expected: readonly string[]) => {
    const before = predict(model);
    const error = (await restoreModel(model, dir).catch((thrown: unknown) => thrown)) as { code?: string; message: string };
    expect(error.code).toBe('CHECKPOINT_INVALID');
    for (const part of expected) expect(error.message).toContain(part);
    expect(predict(model)).toEqual(before);
  };

  test('other units: the layer, and both shapes', async () => {
    await saveModel(network(tf, 8), dir);
    await refused(network(tf, 4), '/kernel of shape [2, 4]', '/kernel of shape [2, 8]');
  });

  test('a layer more, and a layer less', async () => {
    await saveModel(network(tf, 4, []), dir);
    await refused(network(tf, 4, [4]), '/kernel of shape [4, 4]', '/kernel of shape [4, 1]');
    await saveModel(network(tf, 4, [4, 4]), dir);
    await refused(tf.sequential({ layers: [tf.layers.dense({ inputShape: [2], units: 4 })] }), 'no more than the 2 weights of the model');
  });

  test('a model of other layers', async () => {
    await saveModel(tf.sequential({ layers: [tf.layers.embedding({ inputDim: 3, outputDim: 2 })] }), dir);
    await refused(network(tf), '/kernel of shape [2, 4]', 'got no such weight');
  });

  test('NaN among the weights, by loadModel too', async () => {
    const model = network(tf);
    model.weights[0]?.write(tf.tensor2d([1, 2, NaN, 4, 5, 6, NaN, 8], [2, 4]));
    await saveModel(model, dir);
    await refused(network(tf), 'got 2 NaN among the 8 of dense_', '/kernel', 'diverged');
    await expect(loadModel(dir)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringContaining('loadModel: expected numbers') as string,
    });
  });

  test('weights that are quantized or cut short', async () => {
    await saveModel(network(tf), dir);
    const whole = readFileSync(join(dir, 'weights.bin'));
    const json = readFileSync(join(dir, 'model.json'), 'utf8');
    const quantized = JSON.parse(json) as { weightsManifest: { weights: object[] }[] };
    Object.assign(quantized.weightsManifest[0]?.weights[1] ?? {}, { quantization: { dtype: 'float16' } });
    writeFileSync(join(dir, 'weights.bin'), whole.subarray(8));
    writeFileSync(join(dir, 'model.json'), JSON.stringify(quantized));
    await refused(network(tf), 'expected weights as saveModel writes them');
    writeFileSync(join(dir, 'model.json'), json);
    writeFileSync(join(dir, 'weights.bin'), whole.subarray(0, 30));
    await refused(network(tf), 'expected 68 bytes of weights', 'got: 30');
  });
});
