import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadModel } from '../../src/tfjs/load-model.ts';
import { reportEpochs } from '../../src/tfjs/report-epochs.ts';
import { restoreModel } from '../../src/tfjs/restore-model.ts';
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
    await refused('expected 84 bytes of weights, as model.json names them, in');
  });

  test('a model with more weights than model.json names', async () => {
    await saveModel(await smallModel(), dir);
    appendFileSync(join(dir, 'weights.bin'), Buffer.alloc(4));
    await refused('got: 88');
  });

  test('NaN in what the optimizer has gathered', async () => {
    await saveModel(await smallModel(), dir, { includeOptimizer: true });
    const bytes = readFileSync(join(dir, 'weights.bin'));
    bytes.writeFloatLE(NaN, bytes.length - 4);
    writeFileSync(join(dir, 'weights.bin'), bytes);
    await refused('got 1 NaN among the 1 of dense');
  });

  type Json = { modelTopology: unknown; weightsManifest: unknown; attune: unknown };
  const group = (change: object) => (json: Json) => Object.assign((json.weightsManifest as object[])[0] ?? {}, change);
  const weight = (change: object) => (json: Json) => Object.assign((json.weightsManifest as { weights: object[] }[])[0]?.weights[0] ?? {}, change);
  test.each<[string, (json: Json) => unknown, string]>([
    ['a topology that is none', (json) => (json.modelTopology = null), 'modelTopology and weightsManifest'],
    ['an empty topology', (json) => (json.modelTopology = {}), 'expected a model that tfjs can load'],
    ['an unknown layer', (json) => (json.modelTopology = JSON.parse(JSON.stringify(json.modelTopology).replace(/"Dense"(?!.*"Dense")/, '"Mine"'))), 'Mine'],
    ['an empty group', (json) => (json.weightsManifest = [{}]), 'paths and weights in each group'],
    ['a group without weights', (json) => (json.weightsManifest = [{ paths: ['weights.bin'] }]), 'paths and weights in each group'],
    ['a path instead of paths', group({ paths: 'weights.bin' }), 'paths and weights in each group'],
    ['a path out of the directory', group({ paths: ['../../secret'] }), 'paths of files beside it in'],
    ['a path on the way out', group({ paths: ['a/../../secret'] }), 'got: "a/../../secret"'],
    ['a path from the root', group({ paths: ['/etc/hostname'] }), 'got: "/etc/hostname"'],
    ['a shape that is none', weight({ shape: 'x' }), 'name, shape and a known dtype for each weight'],
    ['no shape', weight({ shape: undefined }), 'name, shape and a known dtype for each weight'],
    ['an unknown dtype', weight({ dtype: 'float128' }), 'name, shape and a known dtype for each weight'],
    ['an optimizer without a kind', (json) => (json.attune = { optimizer: {} }), 'kind and scalars of the optimizer'],
    ['an optimizer that is a number', (json) => (json.attune = 5), 'kind and scalars of the optimizer'],
  ])('%s, and no tensor stays', async (_, change, expected) => {
    const { tf } = await useBackend({ backend: 'wasm' });
    await saveModel(await smallModel(), dir);
    const json = JSON.parse(readFileSync(join(dir, 'model.json'), 'utf8')) as Json;
    change(json);
    writeFileSync(join(dir, 'model.json'), JSON.stringify(json));
    const before = tf.memory().numTensors;
    await refused(expected);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('what is neither a directory nor a checkpoint', async () => {
    for (const from of [undefined, null, 5, {}, '', []])
      for (const load of [() => loadModel(from as never), async () => restoreModel((await smallModel()) as never, from as never)])
        await expect(load()).rejects.toMatchObject({
          code: 'CHECKPOINT_INVALID',
          message: expect.stringContaining('expected a directory or a checkpoint, got') as string,
        });
  });

  test('what is no model, before anything is written or trained', async () => {
    const expected = { code: 'OPTION_RANGE', message: expect.stringContaining('expected model to be a tf.LayersModel, got') as string };
    for (const model of [undefined, null, {}, 5]) {
      await expect(saveModel(model as never, dir)).rejects.toMatchObject(expected);
      await expect(restoreModel(model as never, dir)).rejects.toMatchObject(expected);
      if (model !== undefined) expect(() => reportEpochs({} as never, { model: model as never })).toThrow(expect.objectContaining(expected) as Error);
    }
    expect(readdirSync(dir)).toEqual([]);
  });
});
