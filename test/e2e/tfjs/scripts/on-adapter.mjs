// Trains on the adapters that are named: what the trials reported, or why nothing begins.
import { defineTrainable, isTrialWorker, processes, Tuner, threads } from 'attune';
import { tfjsTrainable } from 'attune/tfjs';

export const line = defineTrainable(
  import.meta.url,
  tfjsTrainable({
    build(_, tf) {
      const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [1], units: 1 })] });
      model.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' });
      return model;
    },
    data: () => ({ x: { values: new Float32Array(8).fill(1), shape: [8, 1] }, y: { values: new Float32Array(8).fill(2), shape: [8, 1] } }),
    fit: { epochs: 2 },
    metrics: (_, { tf }) => ({ on_webgpu: Number(tf.getBackend() === 'webgpu') }),
  }),
  { name: 'line' },
);

async function outcome([name, devices, gpu]) {
  const executor = { processes, threads }[name]({ workers: 2, ...(devices ? { devices } : {}) });
  const options = { tuneConfig: { metric: 'loss', mode: 'min', numSamples: 2 }, runConfig: { executor, resources: { gpu }, verbose: 0 } };
  try {
    const grid = await new Tuner(line, options).fit();
    return [...grid].map(({ status, error, metrics }) => error?.message ?? `${status} ${metrics.training_iteration} ${metrics.on_webgpu}`);
  } catch (error) {
    return error.message;
  }
}

if (!isTrialWorker) {
  const outcomes = [];
  for (const input of JSON.parse(process.argv[2])) outcomes.push(await outcome(input));
  console.log(JSON.stringify(outcomes));
}
