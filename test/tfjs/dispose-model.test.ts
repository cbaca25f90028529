import { describe, expect, test } from 'vitest';
import { disposeModel } from '../../src/tfjs/dispose-model.ts';
import { useBackend } from '../../src/tfjs/use-backend.ts';

const { tf } = await useBackend({ backend: 'cpu' });
const { sgd, momentum, adagrad, adadelta, adam, adamax, rmsprop } = tf.train;
const OPTIMIZERS = { sgd, momentum: (lr: number) => momentum(lr, 0.9), adagrad, adadelta, adam, adamax, rmsprop };

async function trained(optimizer: Parameters<ReturnType<typeof tf.sequential>['compile']>[0]['optimizer']) {
  const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [2], units: 1 })] });
  model.compile({ optimizer, loss: 'meanSquaredError' });
  const [x, y] = [tf.ones([4, 2]), tf.ones([4, 1])];
  await model.fit(x, y, { epochs: 2, verbose: 0 });
  tf.dispose([x, y]);
  return model;
}

describe('disposeModel gives back all that a trained model holds', () => {
  test.each(Object.entries(OPTIMIZERS))('with an optimizer of your own: %s', async (_, make) => {
    const before = tf.memory();
    const model = await trained(make(0.01));
    expect(tf.memory().numTensors).toBeGreaterThan(before.numTensors);
    disposeModel(model);
    expect(tf.memory()).toMatchObject({ numTensors: before.numTensors, numBytes: before.numBytes });
  });

  test('with one that the model has made by its name, and disposes of itself', async () => {
    const before = tf.memory().numTensors;
    disposeModel(await trained('adam'));
    expect(tf.memory().numTensors).toBe(before);
  });

  test('of a model that is not compiled', () => {
    const before = tf.memory().numTensors;
    disposeModel(tf.sequential({ layers: [tf.layers.dense({ inputShape: [2], units: 1 })] }));
    expect(tf.memory().numTensors).toBe(before);
  });
});
