// 200 trials in one worker, each with a model, an optimizer and data of its own, which it disposes of: what tensors and the process take up at the end of each.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { defineTrainable, processes, run, threads, uniform } from 'attune';
import { useBackend } from 'attune/tfjs';

const { tf } = await useBackend({ backend: 'wasm' }); // before the first trial: its memory is the baseline

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc'); // when V8 would is its own affair, and another one's on each version of Node
let trials = 0;

const tidy = defineTrainable(
  import.meta.url,
  async ({ lr }) => {
    const { numTensors: tensors, numBytes: bytes } = tf.memory();
    const [x, y] = [tf.randomUniform([64, 16], 0, 1, 'float32', 1), tf.randomUniform([64, 1], 0, 1, 'float32', 2)];
    const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [16], units: 32, activation: 'relu' }), tf.layers.dense({ units: 1 })] });
    const optimizer = tf.train.adam(lr);
    model.compile({ optimizer, loss: 'meanSquaredError' });
    const { history } = await model.fit(x, y, { epochs: 1, batchSize: 16, verbose: 0 });
    const held = tf.memory().numTensors;
    tf.dispose([x, y]);
    model.dispose();
    optimizer.dispose();
    const left = tf.memory();
    if (++trials % 20 === 0) collectGarbage();
    return {
      loss: history.loss[0],
      held,
      tensors,
      bytes,
      tensors_left: left.numTensors,
      bytes_left: left.numBytes,
      rss: process.memoryUsage.rss(),
      pid: process.pid,
    };
  },
  { name: 'tidy' },
);

// Room for young objects, which V8 makes larger as it likes, counts as resident memory.
const young = { threads: { resourceLimits: { maxYoungGenerationSizeMb: 8 } }, processes: { execArgv: ['--max-semi-space-size=4'] } };
const executor = process.argv[2] === 'threads' ? threads({ workers: 1, ...young.threads }) : processes({ workers: 1, ...young.processes });
const warnings = [];
process.on('warning', ({ message }) => warnings.push(message));
const grid = await run(tidy, { config: { lr: uniform(1e-4, 1e-2) }, metric: 'loss', mode: 'min', numSamples: 200, executor, seed: 1 });
const rows = [...grid].map(({ metrics: { held, tensors, bytes, tensors_left, bytes_left, rss, pid } }) => ({
  held,
  tensors,
  bytes,
  tensors_left,
  bytes_left,
  rss,
  pid,
}));
console.log(JSON.stringify({ rows, warnings }));
