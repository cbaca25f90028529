import { bohb, inline, processes, threads, uniform } from 'attune';
import { asha, fifo, hyperband, pb2, pbt } from 'attune/schedulers';
import { relay } from './relay.mjs';
import { byClass, byFunction, bySteps } from './trainables.mjs';

const one = () => inline();
const two = () => threads({ workers: 2 });
const apart = () => processes({ workers: 2 });
const ranks = () => asha({ maxT: 5, gracePeriod: 1, reductionFactor: 2 });
const population = (synch) => () => pbt({ perturbationInterval: 2, quantileFraction: 0.5, synch, hyperparamMutations: { x: uniform(0, 1) } });
/** The first bracket is full; the others are as full as the searcher makes them. */
const brackets = () => hyperband({ maxT: 4, reductionFactor: 2 });
/** With 4 trials at a milestone its searcher learns from them. */
const learns = () => bohb({ maxT: 4, reductionFactor: 2, randomFraction: 0 });
const bandit = () => pb2({ perturbationInterval: 2, quantileFraction: 0.5, hyperparamBounds: { x: [0, 1] } });
const sparse = { frequency: 2 };
const recent = { numToKeep: 2 };
const last = { numToKeep: 1 };

/** `scheduler` is made anew for each process; `own`: it has to be given again on a restore. The large ones are for kills from outside, and in the middle of a write. */
export const experiments = {
  'fifo, function, 1 at a time': { trainable: byFunction, scheduler: fifo, executor: one, checkpointConfig: recent, numSamples: 6 },
  'fifo, class, 2 threads': { trainable: byClass, scheduler: fifo, executor: two, checkpointConfig: sparse, numSamples: 6 },
  'asha, function, 2 threads': { trainable: byFunction, scheduler: ranks, executor: two, checkpointConfig: recent, numSamples: 9 },
  'asha, class, 1 at a time': { trainable: byClass, scheduler: ranks, executor: one, checkpointConfig: sparse, numSamples: 9 },
  'asha, nothing saved, 1 at a time': { trainable: bySteps, scheduler: ranks, executor: one, checkpointConfig: {}, numSamples: 14 },
  'own, class, 1 at a time': { trainable: byClass, scheduler: relay, own: true, executor: one, checkpointConfig: sparse, numSamples: 6 },
  'asha, class, 2 processes': { trainable: byClass, scheduler: ranks, executor: apart, checkpointConfig: sparse, numSamples: 9 },
  'large, fifo, class, 1 at a time': { trainable: byClass, scheduler: fifo, executor: one, checkpointConfig: sparse, numSamples: 24 },
  'large, fifo, function, 1 at a time': { trainable: byFunction, scheduler: fifo, executor: one, checkpointConfig: recent, numSamples: 24 },
  'large, asha, class, 1 at a time': { trainable: byClass, scheduler: ranks, executor: one, checkpointConfig: sparse, numSamples: 32 },
  'large, asha, function, 1 at a time': { trainable: byFunction, scheduler: ranks, executor: one, checkpointConfig: recent, numSamples: 32 },
  'pbt, class, 1 at a time': { trainable: byClass, scheduler: population(false), executor: one, checkpointConfig: last, numSamples: 4 },
  'pbt together, function, 1 at a time': {
    trainable: byFunction,
    scheduler: population(true),
    executor: one,
    checkpointConfig: last,
    numSamples: 4,
  },
  'hyperband, class, 1 at a time': { trainable: byClass, scheduler: brackets, executor: one, checkpointConfig: last, numSamples: 8 },
  'hyperband, function, 1 at a time': { trainable: byFunction, scheduler: brackets, executor: one, checkpointConfig: last, numSamples: 6 },
  'bohb, class, 1 at a time': {
    ...{ trainable: byClass, scheduler: () => learns().scheduler, searchAlg: () => learns().searchAlg },
    ...{ executor: one, checkpointConfig: last, numSamples: 12 },
  },
  'pb2, class, 1 at a time': { trainable: byClass, scheduler: bandit, executor: one, checkpointConfig: last, numSamples: 4 },
  'large, own, class, 1 at a time': { trainable: byClass, scheduler: relay, own: true, executor: one, checkpointConfig: sparse, numSamples: 24 },
  'large, fifo, function, 2 threads': { trainable: byFunction, scheduler: fifo, executor: two, checkpointConfig: recent, numSamples: 24 },
  'large, fifo, function, 2 processes': { trainable: byFunction, scheduler: fifo, executor: apart, checkpointConfig: recent, numSamples: 24 },
};

export const paramSpace = { x: uniform(0, 1) };
export const tuneConfig = { metric: 'loss', mode: 'min', seed: 11 };
export const runConfig = { verbose: 0, failureConfig: { maxFailures: 1, backoffS: 0 } };
