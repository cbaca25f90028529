// Trains a convnet and a dense net for a few steps on one backend: in the main thread, in two threads at once, in two processes. Prints the losses, and those of `cpu`.
import { execFileSync } from 'node:child_process';
import { threadId } from 'node:worker_threads';
import { defineTrainable, gridSearch, inline, processes, run, threads } from 'attune';
import { useBackend } from 'attune/tfjs';

const [backend] = process.argv.slice(2);

function layersOf(tf, net) {
  const start = (seed) => ({ kernelInitializer: tf.initializers.glorotUniform({ seed }) });
  const last = tf.layers.dense({ units: 3, activation: 'softmax', ...start(9) });
  if (net === 'dense') return [tf.layers.flatten({ inputShape: [8, 8, 1] }), tf.layers.dense({ units: 16, activation: 'relu', ...start(1) }), last];
  const { conv2d, maxPooling2d, flatten } = tf.layers;
  return [conv2d({ inputShape: [8, 8, 1], filters: 4, kernelSize: 3, activation: 'relu', ...start(2) }), maxPooling2d({ poolSize: 2 }), flatten(), last];
}

/** Of the memory of the GPUs, in megabytes. */
function usedMb() {
  const printed = execFileSync('nvidia-smi', ['--query-gpu=memory.used', '--format=csv,noheader,nounits'], { encoding: 'utf8' });
  return Math.max(...printed.trim().split('\n').map(Number));
}

async function losses(net, on) {
  const { tf, device } = await useBackend({ backend: on });
  const before = tf.memory().numTensors;
  const model = tf.sequential({ layers: layersOf(tf, net) });
  const optimizer = tf.train.adam(0.01);
  model.compile({ optimizer, loss: 'categoricalCrossentropy' });
  const pixels = Float32Array.from({ length: 24 * 64 }, (_, i) => Math.sin(i * i) ** 2);
  const x = tf.tensor4d(pixels, [24, 8, 8, 1]);
  const y = tf.tensor2d(
    Float32Array.from({ length: 24 * 3 }, (_, i) => Number(i % 3 === Math.floor(i / 3) % 3)),
    [24, 3],
  );
  const { history } = await model.fit(x, y, { epochs: 2, batchSize: 12, shuffle: false, verbose: 0 });
  const usingGpu = tf.backend().isUsingGpuDevice === true;
  const inUse = usingGpu ? usedMb() : tf.memory().numBytesInGPU;
  tf.dispose([x, y]);
  model.dispose();
  optimizer.dispose();
  return { losses: history.loss, device, usingGpu, inUse, left: tf.memory().numTensors - before };
}

const trains = defineTrainable(
  import.meta.url,
  async ({ net, on }) => {
    const { losses: found, device = '', usingGpu, inUse = 0, left } = await losses(net, on);
    return { loss: found.at(-1), losses: found, device, using_gpu: usingGpu, in_use: inUse, left, worker: `${process.pid} ${threadId}` };
  },
  { name: 'trains' },
);

const config = { net: gridSearch(['dense', 'conv']), on: backend };
const options = { metric: 'loss', mode: 'min', seed: 1, verbose: 0, maxConcurrentTrials: 2 };
const places = { inline: inline({ workers: 1 }), threads: threads({ workers: 2 }), processes: processes({ workers: 2 }) };
const found = {};
for (const [place, executor] of Object.entries(places)) {
  const grid = await run(trains, { ...options, config, executor, name: place });
  found[place] = [...grid].map(({ metrics, error }) => (error ? { error: error.message } : metrics));
}
found.cpu = [await losses('dense', 'cpu'), await losses('conv', 'cpu')];
console.log(JSON.stringify(found));
