import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadModel } from '../../src/tfjs/load-model.ts';
import { saveModel } from '../../src/tfjs/save-model.ts';
import { useBackend } from '../../src/tfjs/use-backend.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'attune-model-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const X = [
  [0.1, -0.7],
  [0.9, 0.4],
  [-0.3, 0.2],
];

async function smallModel(momentum = 0.9) {
  const { tf } = await useBackend({ backend: 'wasm' });
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [2], units: 5, activation: 'tanh', kernelInitializer: tf.initializers.glorotNormal({ seed: 3 }) }),
      tf.layers.dense({ units: 1, kernelInitializer: tf.initializers.glorotNormal({ seed: 4 }) }),
    ],
  });
  model.compile({ optimizer: tf.train.momentum(0.05, momentum), loss: 'meanSquaredError' });
  await model.fit(tf.tensor2d(X), tf.tensor2d([[1], [0], [2]]), { epochs: 3, verbose: 0, shuffle: false });
  return model;
}

type Model = Awaited<ReturnType<typeof loadModel>>;
const predict = async (model: Model) => {
  const { tf } = await useBackend();
  return [...(model.predict(tf.tensor2d(X)) as ReturnType<typeof tf.tensor2d>).dataSync()];
};

describe('saveModel and loadModel', () => {
  test('a model comes back with the same predictions, bit by bit', async () => {
    const model = await smallModel();
    await saveModel(model, join(dir, 'made/when/missing'));
    expect(await predict(await loadModel(join(dir, 'made/when/missing')))).toEqual(await predict(model));
  });

  test('a checkpoint will do, and another backend', async () => {
    const model = await smallModel();
    const before = await predict(model);
    await saveModel(model, dir);
    await useBackend({ backend: 'cpu' });
    const after = await predict(await loadModel({ path: dir }));
    before.forEach((value, row) => expect(after[row]).toBeCloseTo(value, 5));
  });

  test('the files are the standard ones of tfjs', async () => {
    await saveModel(await smallModel(), dir);
    expect(readdirSync(dir).sort()).toEqual(['model.json', 'weights.bin']);
    const json = JSON.parse(readFileSync(join(dir, 'model.json'), 'utf8')) as Record<string, unknown>;
    expect(json).toMatchObject({ format: 'layers-model', weightsManifest: [{ paths: ['weights.bin'], weights: [{ shape: [2, 5] }, {}, {}, {}] }] });
    expect(json).not.toHaveProperty('weightSpecs');
    expect(statSync(join(dir, 'weights.bin')).size).toBe(4 * (2 * 5 + 5 + 5 + 1));
  });

  test('a second model replaces the first', async () => {
    await saveModel(await smallModel(), dir);
    const other = await smallModel(0);
    await saveModel(other, dir);
    expect(await predict(await loadModel(dir))).toEqual(await predict(other));
  });

  test('with its optimizer it trains on as if it had never been saved', async () => {
    const { tf } = await useBackend({ backend: 'wasm' });
    const model = await smallModel();
    await saveModel(model, dir, { includeOptimizer: true });
    const loaded = await loadModel(dir);
    for (const each of [model, loaded]) await each.fit(tf.tensor2d(X), tf.tensor2d([[1], [0], [2]]), { epochs: 2, verbose: 0, shuffle: false });
    expect(await predict(loaded)).toEqual(await predict(model));
  });

  test('weights may lie in several files', async () => {
    const model = await smallModel();
    await saveModel(model, dir);
    const bytes = readFileSync(join(dir, 'weights.bin'));
    writeFileSync(join(dir, 'a.bin'), bytes.subarray(0, 12));
    writeFileSync(join(dir, 'b.bin'), bytes.subarray(12));
    const json = readFileSync(join(dir, 'model.json'), 'utf8');
    writeFileSync(join(dir, 'model.json'), json.replace('"weights.bin"', '"a.bin","b.bin"'));
    expect(await predict(await loadModel(dir))).toEqual(await predict(model));
  });
});

describe('loadModel refuses', () => {
  const refused = async (expected: string) =>
    expect(loadModel(dir)).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID', message: expect.stringContaining(expected) as string });

  test('a directory without a model', () => refused('expected a readable model.json'));

  test('a model.json that is something else', async () => {
    writeFileSync(join(dir, 'model.json'), '{"format":"graph-model"}');
    await refused('expected a model.json with modelTopology and weightsManifest');
  });

  test('a model without its weights', async () => {
    await saveModel(await smallModel(), dir);
    rmSync(join(dir, 'weights.bin'));
    await refused('expected every file that model.json names');
  });

  test('a model whose weights are cut short', async () => {
    await saveModel(await smallModel(), dir);
    truncateSync(join(dir, 'weights.bin'), 40);
    await refused('expected a model that tfjs can load');
  });
});
