import { describe, expect, test } from 'vitest';
import { fifo } from '../../../schedulers/fifo.ts';
import { pb2 } from '../../../schedulers/pb2.ts';
import { pbt } from '../../../schedulers/pbt.ts';
import type { Scheduler } from '../../../src/schedule/scheduler.ts';
import type { Searcher } from '../../../src/search/searcher.ts';
import { loguniform, uniform } from '../../../src/space/domains.ts';
import { sample } from '../../../src/space/sample.ts';
import { compileSpace } from '../../../src/space/space.ts';
import { simulate } from '../../../src/tuner/simulate.ts';
import { type Training, weightsWorld } from '../pbt/weights-world.ts';

const STEPS = 80;
const space = compileSpace({ lr: loguniform(1e-4, 1), noise: uniform(0, 1) });

/**
 * What is best changes on the way: lr should fall from 0.1 to 0.001, and the noise from 0.8 to 0.2. Every step is worth 1 there, and
 * less away from it. Nobody can be worth more than 80.
 */
const drifting: Training<number> = {
  steps: STEPS,
  fresh: 0,
  train(score, { lr, noise }, step) {
    const passed = step / STEPS;
    const offLr = (Math.log10(lr as number) + 1 + 2 * passed) / 4;
    const offNoise = (noise as number) - 0.8 + 0.6 * passed;
    return score + 1 - 6 * (offLr ** 2 + offNoise ** 2);
  },
  loss: (score) => -score,
};

const draws: Searcher = {
  name: 'draws',
  suggest: ({ index, samples, rng }) => (index < samples ? { kind: 'config', config: sample(space, rng) } : { kind: 'done' }),
};

/** The best score of four members at the end. */
async function best<S>(make: () => Scheduler<S>, seed: number): Promise<number> {
  const { world, scheduler } = weightsWorld(drifting, make());
  const { experiment } = await simulate({
    ...{ space, samples: 4, seed, searcher: draws, workers: 4, world, scheduler: scheduler as Scheduler },
    objectives: [{ metric: 'loss', mode: 'min' }],
    checkpoints: { frequency: 0, atEnd: false },
  });
  return Math.max(...experiment.rows.map(({ last }) => -(last?.['loss'] as number)));
}

const SEEDS = Array.from({ length: 12 }, (_, seed) => seed);

/** The mean over the seeds. */
async function mean<S>(make: () => Scheduler<S>): Promise<number> {
  let sum = 0;
  for (const seed of SEEDS) sum += await best(make, seed);
  return sum / SEEDS.length;
}

const population = { perturbationInterval: 4, quantileFraction: 0.25 };
const hyperparamBounds = { lr: [1e-4, 1], noise: [0, 1] } as const;
const hyperparamMutations = { lr: loguniform(1e-4, 1), noise: uniform(0, 1) };

describe('a population of four, where what is best changes on the way', () => {
  test.each([false, true])('gets further with pb2 than with numbers that are drawn anew, and those than each for itself (synch: %s)', async (synch) => {
    const alone = await mean(fifo);
    const random = await mean(() => pbt({ ...population, synch, hyperparamMutations, resampleProbability: 1 }));
    const bandit = await mean(() => pb2({ ...population, synch, hyperparamBounds }));
    expect(random).toBeGreaterThan(alone + 20);
    expect(STEPS - bandit).toBeLessThan(0.85 * (STEPS - random)); // what is lost is about 11 in place of 17
  });
});
