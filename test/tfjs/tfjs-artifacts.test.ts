import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { artifactType } from '../../src/checkpoint/artifact-types.ts';
import { saveArtifact } from '../../src/checkpoint/save-artifact.ts';
import { useBackend } from '../../src/tfjs/index.ts';
import type { LayersModel } from '../../src/tfjs/tensor-flow.ts';

const dir = mkdtempSync(join(tmpdir(), 'attune-tfjs-artifacts-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const { tf } = await useBackend({ backend: 'cpu' });

test("a model is an artifact of the type 'tfjs', and predicts the same when it comes back", async () => {
  const model = tf.sequential();
  model.add(tf.layers.dense({ inputShape: [2], units: 3, activation: 'tanh' }));
  const path = await saveArtifact(dir, 'model', model, 'tfjs');
  expect(path).toBe(join(dir, 'artifacts/tfjs/model'));
  expect(readdirSync(path).sort()).toEqual(['model.json', 'weights.bin']);
  const loaded = (await artifactType('tfjs')?.load(path)) as LayersModel;
  const x = tf.tensor2d([0.1, -0.7], [1, 2]);
  const [before, after] = [model, loaded].map((one) => (one.predict(x) as typeof x).dataSync());
  expect(after).toEqual(before);
  await saveArtifact(dir, 'model', loaded, 'tfjs'); // one that stands there is replaced
  expect(readdirSync(path).sort()).toEqual(['model.json', 'weights.bin']);
});

test('what is no model is refused, and leaves nothing', async () => {
  await expect(saveArtifact(dir, 'other', { weights: [1] }, 'tfjs')).rejects.toThrow(
    /expected model to be a tf\.LayersModel, got an object with the keys weights/,
  );
  expect(readdirSync(dir)).toEqual(['artifacts']);
  expect(readdirSync(join(dir, 'artifacts/tfjs'))).toEqual(['model']);
});
