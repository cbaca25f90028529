// FORM (class or function) and STORAGE: every scheduler there is on two worker threads, one after the other, with one checkpoint kept.
// Prints what became of the trials of each, and where its journal is.
import { bohb, isTrialWorker, run, threads, uniform } from 'attune';
import * as all from 'attune/schedulers';
import { asClass, asFunction } from './chained.mjs';

const { allOf, asha, experimentPlateau, fifo, firstOf, hyperband, maximumIteration, medianStopping, moAsha, onMetric } = all;
const { patience, pb2, pbt, pbtReplay, percentileStopping, threshold, trialPlateau, wilcoxon } = all;

const nine = { maxT: 9, reductionFactor: 3 };
const early = { timeAttr: 'training_iteration', gracePeriod: 2, minSamplesRequired: 1 };
const population = { perturbationInterval: 3, quantileFraction: 0.5, hyperparamMutations: { x: uniform(0, 1) } };
const bandit = { perturbationInterval: 3, quantileFraction: 0.5, hyperparamBounds: { x: [0, 1] } };
const lineage = [0.25, 0.5, 0.75].map((x, i) => ({ trial: 'abcde_00000', step: 4 * i, config: { x } }));
const several = { metric: ['loss', 'cost'], mode: ['min', 'min'] };
const { searchAlg, scheduler: brackets } = bohb(nine);
const high = () => threshold({ metric: 'loss', upper: 0.4 });
const rising = { metric: 'rising' };

/** By name, which begins with that of an export: the scheduler, and what is special about its run. */
const rows = {
  fifo: [fifo()],
  'asha, stop': [asha(nine)],
  'asha, promote': [asha({ ...nine, variant: 'promote' })],
  'asha, delayed': [asha({ ...nine, variant: 'delayed' })],
  hyperband: [hyperband(nine)],
  'hyperband, with bohb': [brackets, { searchAlg }],
  'pbt, each for itself': [pbt(population)],
  'pbt, together': [pbt({ ...population, synch: true })],
  'pb2, each for itself': [pb2(bandit)],
  'pb2, together': [pb2({ perturbationInterval: 3, quantileFraction: 0.5, synch: true })],
  pbtReplay: [pbtReplay(lineage), { numSamples: 1, pointsToEvaluate: [lineage[0].config] }],
  medianStopping: [medianStopping(early)],
  percentileStopping: [percentileStopping({ ...early, percentile: 25 })],
  patience: [patience({ patience: 2 }), rising],
  threshold: [high()],
  wilcoxon: [wilcoxon()],
  firstOf: [firstOf(high(), patience({ patience: 5 })), rising],
  allOf: [allOf(high(), patience({ patience: 5 })), rising],
  onMetric: [onMetric('cost', asha(nine)), several],
  moAsha: [moAsha(nine), several],
  maximumIteration: [maximumIteration({ maxIter: 5 })],
  trialPlateau: [trialPlateau({ std: 0.001, numResults: 3 }), { metric: 'level' }],
  experimentPlateau: [experimentPlateau({ std: 0.2, top: 5 }), { metric: 'level' }],
};

if (!isTrialWorker) {
  const { FORM: form, STORAGE: storagePath } = process.env;
  const runs = {};
  for (const [name, [scheduler, more]] of Object.entries(rows)) {
    const grid = await run(form === 'class' ? asClass : asFunction, {
      ...{ config: { x: uniform(0, 1) }, metric: 'loss', mode: 'min', numSamples: 9, seed: 7, stop: { training_iteration: 12 }, ...more },
      ...{ name: name.replace(', ', '-').replaceAll(' ', '-'), storagePath, verbose: 0 },
      ...{ scheduler, executor: threads({ workers: 2 }), checkpointConfig: { numToKeep: 1 } },
    });
    const trials = [...grid].map(({ config, path, status, reason, lineage }) => ({ x: config.x, path, status, reason, lineage }));
    runs[name] = { path: grid.experimentPath, numErrors: grid.numErrors, trials };
  }
  process.stdout.write(`${JSON.stringify(runs)}\n`);
}
