// With both native packages installed: what the one for GPUs leaves behind where there is no GPU. Prints a line for each step.

import { renameSync } from 'node:fs';
import { useBackend } from 'attune/tfjs';

const gpu = 'node_modules/@tensorflow/tfjs-node-gpu';
const say = (step, text) => console.log(JSON.stringify([step, text]));
const environment = () => [process.env.CUDA_VISIBLE_DEVICES, process.env.CUDA_DEVICE_ORDER].join();

async function refused(step, options) {
  const { code, message } = await useBackend(options).catch((error) => error);
  say(step, `${code} ${/not used, ([^]*?)\.(?:\sHint|$)/.exec(message)?.[1]} ${environment()}`);
}

renameSync(`${gpu}/lib`, `${gpu}/lib.away`);
await refused('without its binary', { device: 1 });
await refused('again', { device: 'cuda:1' });
renameSync(`${gpu}/lib.away`, `${gpu}/lib`);
await refused('without a GPU', { device: 1 });
await refused('again', { device: 1 });
renameSync(`${gpu}/dist`, `${gpu}/dist.away`);
await refused('with half of the package', { backend: 'tfjs-node-gpu' });
renameSync(`${gpu}/dist.away`, `${gpu}/dist`);

const { tf, backend, why } = await useBackend();
say('then', [backend, ...why.filter((line) => line.startsWith('tfjs-node'))].join('; '));
const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [2], units: 1 })] });
model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
const { history } = await model.fit(tf.ones([8, 2]), tf.ones([8, 1]), { epochs: 2, verbose: 0 });
say('trained', history.loss[1] < history.loss[0]);
await refused('the other one', { backend: 'tfjs-node-gpu' });
say('now', [(await useBackend()).backend, tf.getBackend()].join());
