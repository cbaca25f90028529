// SCHEDULER (pbt or pb2), FORM (byClass or byFunction), SYNCH and FOLDER: a population on two worker threads, whose weights are a chain of hashes over all that
// trained them; then the winner again, by its lineage. Prints both, and where the journals are.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineTrainable, isTrialWorker, Trainable, Tuner, threads, uniform } from 'attune';
import { pb2, pbt, pbtReplay } from 'attune/schedulers';

const STEPS = 12;
const trained = (weights, x) => createHash('sha256').update(`${weights} ${x}`).digest('hex');
const save = (dir, weights) => writeFileSync(join(dir, 'weights'), weights);
const load = (dir) => readFileSync(join(dir, 'weights'), 'utf8');
const reportOf = (weights, began, x) => ({ loss: Math.abs(x - 0.7) + Number.parseInt(weights.slice(0, 4), 16) / 65536, weights, began });

const byFunction = defineTrainable(import.meta.url, async function byFunction({ x }, trial) {
  const began = trial.checkpoint ? load(trial.checkpoint.path) : 'fresh';
  let weights = began;
  for (let step = trial.iteration; step < STEPS; step++) {
    weights = trained(weights, x);
    await trial.report(reportOf(weights, began, x), { checkpoint: (dir) => save(dir, weights) });
  }
});

class ByClass extends Trainable {
  setup({ x }, trial) {
    Object.assign(this, { x, trial, weights: 'fresh', began: 'fresh' });
  }
  step() {
    this.weights = trained(this.weights, this.x);
    return { ...reportOf(this.weights, this.began, this.x), done: this.trial.iteration + 1 >= STEPS };
  }
  save(dir) {
    save(dir, this.weights);
  }
  restore(dir) {
    this.weights = this.began = load(dir);
  }
}
const byClass = defineTrainable(import.meta.url, ByClass, { name: 'byClass' });

const { SCHEDULER: name, FORM: form, SYNCH: synch, FOLDER: storagePath } = process.env;
const tune = (experiment, numSamples, scheduler, more) =>
  new Tuner(form === 'byClass' ? byClass : byFunction, {
    paramSpace: { x: uniform(0, 1) },
    tuneConfig: { metric: 'loss', mode: 'min', seed: 7, numSamples, scheduler, ...more },
    runConfig: {
      ...{ name: `${experiment}-${form}-${synch}`, storagePath, verbose: 0, executor: threads({ workers: 2 }) },
      checkpointConfig: { numToKeep: 1 },
    },
  }).fit();
const shown = (grid) => ({
  path: grid.experimentPath,
  trials: [...grid].map(({ status, config, lineage, metrics, checkpoint }) => ({
    status,
    x: config.x,
    lineage,
    weights: metrics.weights,
    step: metrics.training_iteration,
    isSaved: checkpoint !== undefined,
  })),
});

if (!isTrialWorker) {
  const options = { perturbationInterval: 3, quantileFraction: 0.5, synch: synch === 'true' };
  const scheduler = name === 'pb2' ? pb2({ ...options, hyperparamBounds: { x: [0, 1] } }) : pbt({ ...options, hyperparamMutations: { x: uniform(0, 1) } });
  const population = await tune(`population-${name}`, 5, scheduler);
  const trained = [...population].filter(({ lineage }) => lineage.at(-1).step < STEPS); // has reported since it was copied
  const longest = trained.reduce((best, one) => (one.lineage.length > best.lineage.length ? one : best)).lineage;
  const again = await tune(`again-${name}`, 1, pbtReplay(longest), { pointsToEvaluate: [longest[0].config] });
  process.stdout.write(`${JSON.stringify({ population: shown(population), again: shown(again) })}\n`);
}
