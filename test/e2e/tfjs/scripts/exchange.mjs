// A model that was trained and saved on one backend, loaded and trained on there and on `cpu`, and the other way round: what each predicts and loses.
import { join } from 'node:path';
import { disposeModel, loadModel, saveModel, useBackend } from 'attune/tfjs';

const [backend, folder] = process.argv.slice(2);
const pixels = Float32Array.from({ length: 12 * 36 }, (_, i) => Math.sin(i * i) ** 2);
const classes = Float32Array.from({ length: 12 * 2 }, (_, i) => Number(i % 2 === Math.floor(i / 2) % 2));

const fitted = async (tf, model) => {
  const [x, y] = [tf.tensor4d(pixels, [12, 6, 6, 1]), tf.tensor2d(classes, [12, 2])];
  const { history } = await model.fit(x, y, { epochs: 1, batchSize: 6, shuffle: false, verbose: 0 });
  const guess = model.predict(x);
  const predictions = [...(await guess.data())];
  tf.dispose([x, y, guess]);
  return { loss: history.loss[0], predictions };
};

async function make(on) {
  const { tf } = await useBackend({ backend: on });
  const { conv2d, maxPooling2d, flatten, dense } = tf.layers;
  const kernelInitializer = tf.initializers.glorotUniform({ seed: 4 });
  const conv = conv2d({ inputShape: [6, 6, 1], filters: 3, kernelSize: 3, activation: 'relu', kernelInitializer });
  const model = tf.sequential({ layers: [conv, maxPooling2d({ poolSize: 2 }), flatten(), dense({ units: 2, activation: 'softmax', kernelInitializer })] });
  model.compile({ optimizer: tf.train.adam(0.02), loss: 'categoricalCrossentropy' });
  await fitted(tf, model);
  await saveModel(model, join(folder, on), { includeOptimizer: true });
  disposeModel(model);
}

async function goOn(from, on) {
  const { tf } = await useBackend({ backend: on });
  const model = await loadModel(join(folder, from));
  const went = await fitted(tf, model);
  disposeModel(model);
  return { from, on, ...went };
}

for (const on of [backend, 'cpu']) await make(on);
const all = [];
for (const [from, on] of [
  [backend, backend],
  [backend, 'cpu'],
  ['cpu', backend],
  ['cpu', 'cpu'],
])
  all.push(await goOn(from, on));
console.log(JSON.stringify(all));
