// Population based training: four networks train side by side, and those that lag behind go on from the weights of those ahead,
// with a learning rate and a dropout near theirs. What comes out is a schedule: which of them was best when.
import type { Tensor } from '@tensorflow/tfjs';
import { defineTrainable, loguniform, Tuner, threads, uniform } from 'attune';
import { pbt } from 'attune/schedulers';
import { loadModel, tfjsTrainable, useBackend } from 'attune/tfjs';
import { accuracy, type Digits, digits } from './data/digits.ts';

const backend = 'wasm';

const { tf } = await useBackend({ backend });
const small = process.env['ATTUNE_QUICKSTART'] === 'small';
const held = digits('testing', 8_000, small ? 500 : 2_000); // no trial trains on these

const samples = ({ images, labels, count }: Digits) => ({ x: { values: images, shape: [count, 784] }, y: { values: labels, shape: [count] } });

export const trainDense = defineTrainable(
  import.meta.url,
  tfjsTrainable({
    backend,
    data: () => ({ ...samples(digits('training', 0, small ? 1_000 : 4_000)), validation: samples(held) }),
    build(config: { lr: number; dropout: number }) {
      const model = tf.sequential();
      model.add(tf.layers.dense({ inputShape: [784], units: 64, activation: 'relu', kernelInitializer: 'heNormal' }));
      model.add(tf.layers.dropout({ rate: config.dropout }));
      model.add(tf.layers.dense({ units: 10, activation: 'softmax' }));
      model.compile({ optimizer: tf.train.adam(config.lr), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
      return model;
    },
    fit: { epochs: 12, batchSize: 64 },
  }),
  { name: 'trainDense' },
);

const hyperparamMutations = { lr: loguniform(1e-4, 1e-1), dropout: uniform(0, 0.6) };
const tuner = new Tuner(trainDense, {
  paramSpace: hyperparamMutations,
  tuneConfig: { metric: 'val_loss', mode: 'min', numSamples: 4, scheduler: pbt({ perturbationInterval: 2, synch: true, hyperparamMutations }), seed: 1 },
  runConfig: { executor: threads({ workers: 2 }) },
});
const grid = await tuner.fit();

const { lineage, metrics, checkpoint } = grid.getBestResult();
console.log('\nthe schedule of the best network:');
for (const { trial, step, config } of lineage) {
  const [lr, dropout] = [Number(config['lr']).toPrecision(2).padEnd(7), Number(config['dropout']).toFixed(2)];
  console.log(`from epoch ${String(step + 1).padStart(2)} on: lr ${lr} dropout ${dropout}  (${trial})`);
}
if (!checkpoint) throw new Error('expected the best trial to have a checkpoint');
const reported = Number(metrics['val_acc']);
const model = await loadModel(checkpoint);
const guesses = await tf.tidy(() => (model.predict(tf.tensor2d(held.images, [held.count, 784])) as Tensor).argMax(1)).data();
const again = accuracy(guesses, held);
console.log(`accuracy on ${held.count} digits that no trial trained on: reported ${reported.toFixed(4)}, measured again ${again.toFixed(4)}`);
if (Math.abs(again - reported) > 5e-3) throw new Error('expected the checkpoint to be as good as reported');
if ([...grid].every((result) => result.lineage.length === 1)) throw new Error('expected a network to go on from the weights of another');
if (again < 0.85) throw new Error('expected a better network');
