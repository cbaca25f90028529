// MODE (whole, paused, restored or population), EXECUTOR (threads or processes), BACKEND and FOLDER: tunes a small network, and prints what its trials reported.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { defineTrainable, isTrialWorker, loguniform, processes, Tuner, threads, uniform } from 'attune';
import { fifo, pbt } from 'attune/schedulers';
import { tfjsTrainable } from 'attune/tfjs';

const { MODE: mode = '', EXECUTOR: executor, BACKEND: backend, FOLDER: folder = '', TRIALS: trials = '4' } = process.env;
const [SAMPLES, BATCHES, EPOCHS] = [48, 3, 5];
const wave = (length, step) => Float32Array.from({ length }, (_, at) => Math.sin(at * step));
let fresh = -1;

export const network = defineTrainable(
  import.meta.url,
  tfjsTrainable({
    backend,
    build(config, tf) {
      fresh = tf.memory().numTensors;
      const model = tf.sequential();
      model.add(tf.layers.dense({ inputShape: [3], units: 8, activation: 'tanh' }));
      model.add(tf.layers.dropout({ rate: config.rate }));
      model.add(tf.layers.dense({ units: 1 }));
      model.compile({ optimizer: tf.train.adam(config.lr), loss: 'meanSquaredError' });
      return model;
    },
    data() {
      appendFileSync(join(folder, `loads-${mode}-${executor}-${backend}`), `${process.pid} ${threadId}\n`);
      return {
        x: { values: wave(SAMPLES * 3, 0.7), shape: [SAMPLES, 3] },
        y: { values: wave(SAMPLES, 1.3), shape: [SAMPLES, 1] },
        validation: { x: { values: wave(24, 0.9), shape: [8, 3] }, y: { values: wave(8, 0.2), shape: [8, 1] } },
      };
    },
    fit: { batchSize: SAMPLES / BATCHES, epochs: EPOCHS },
    metrics: (model, { tf, data, epoch }) => ({
      fresh,
      steps: model.optimizer.iterations / epoch,
      lr: model.optimizer.learningRate,
      rate: model.layers[1].rate,
      bias: model.predict(data.validation.x).mean(),
      is_shared: Number(tf.backend().readSync(data.x.dataId).buffer instanceof SharedArrayBuffer),
    }),
  }),
  { name: 'network' },
);

/** Pauses a trial at each of its reports, and lets it go on at once. */
const pausing = {
  ...fifo(),
  name: 'pausing',
  uses: ['pause', 'resume'],
  decide: (state, { kind, trial, step }) => {
    const what = kind === 'reported' && step < EPOCHS ? 'pause' : kind === 'paused' ? 'resume' : undefined;
    return { state, decisions: what ? [{ kind: what, trial, reason: 'always' }] : [] };
  },
};
const population = pbt({
  perturbationInterval: 1,
  quantileFraction: 0.5,
  synch: true,
  hyperparamMutations: { lr: loguniform(1e-3, 1), rate: uniform(0, 0.5) },
});
const scheduler = { paused: pausing, population }[mode];

const options = {
  paramSpace: { lr: loguniform(1e-3, 1), rate: uniform(0, 0.5) },
  tuneConfig: { metric: 'val_loss', mode: 'min', numSamples: Number(trials), seed: 5, ...(scheduler ? { scheduler } : {}) },
  runConfig: {
    ...{ name: `${mode}-${executor}-${backend}`, storagePath: folder, verbose: 0, executor: (executor === 'threads' ? threads : processes)({ workers: 2 }) },
    checkpointConfig: { frequency: 1 },
  },
};
let grid;
if (mode === 'restored') {
  const stop = new AbortController();
  let reports = 0;
  const onEvent = ({ kind }) => {
    if (kind === 'checkpointed' && ++reports === 5) stop.abort(new Error('enough for today'));
  };
  grid = await new Tuner(network, { ...options, runConfig: { ...options.runConfig, callbacks: [{ name: 'interrupts', onEvent }] } }).fit({
    signal: stop.signal,
  });
  grid = await (await Tuner.restore(grid.experimentPath, network, options)).fit();
} else grid = await new Tuner(network, options).fit();
if (!isTrialWorker) {
  const trials = [...grid].map((result) => ({
    ...{ status: result.status, error: result.error?.message, config: result.config },
    rows: result.metricsDataFrame().objects(),
    starts: result.metrics.starts,
  }));
  console.log(JSON.stringify({ trials, path: grid.experimentPath }));
}
