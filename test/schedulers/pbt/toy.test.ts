import { describe, expect, test } from 'vitest';
import { fifo } from '../../../schedulers/fifo.ts';
import { type PbtOptions, pbt } from '../../../schedulers/pbt.ts';
import type { Scheduler } from '../../../src/schedule/scheduler.ts';
import type { Searcher } from '../../../src/search/searcher.ts';
import { uniform } from '../../../src/space/domains.ts';
import { compileSpace } from '../../../src/space/space.ts';
import { simulate } from '../../../src/tuner/simulate.ts';
import { type Training, weightsWorld } from './weights-world.ts';

type Weights = readonly [number, number];

/**
 * Figure 2 of the paper: the weights climb 1.2 - h0 a² - h1 b², and what counts is 1.2 - a² - b². With h = (1, 0) or (0, 1) one of
 * them never moves, and nobody gets past 1.2 - 0.9². Who takes over the weights of the other, and explores, gets to 1.2.
 */
const climb: Training<Weights> = {
  steps: 200,
  fresh: [0.9, 0.9],
  train: ([a, b], { h0, h1 }) => [a - 0.02 * (h0 as number) * a, b - 0.02 * (h1 as number) * b],
  loss: ([a, b]) => -(1.2 - a * a - b * b),
};
const space = compileSpace({ h0: uniform(0, 1), h1: uniform(0, 1) });
const CORNERS = [
  { h0: 1, h1: 0 },
  { h0: 0, h1: 1 },
];
const proposesNothing: Searcher = { name: 'proposesNothing', suggest: () => ({ kind: 'done' }) };

/** The best that any member reaches of 1.2 - a² - b². */
async function best<S>(scheduler: Scheduler<S>, { seed = 0, members = 2 } = {}): Promise<number> {
  const presets = Array.from({ length: members }, (_, i) => CORNERS[i % 2] as (typeof CORNERS)[number]);
  const objectives = [{ metric: 'loss', mode: 'min' }] as const;
  const { world, scheduler: wrapped } = weightsWorld(climb, scheduler);
  const checkpoints = { frequency: 0, atEnd: false };
  const { lines } = await simulate({
    ...{ space, objectives, samples: members, presets, seed, searcher: proposesNothing, workers: members, checkpoints, world },
    scheduler: wrapped as Scheduler,
  });
  return Math.max(...lines.flatMap((line) => (line.kind === 'reported' ? [-(line.metrics['loss'] as number)] : [])));
}

const many = async (run: (seed: number) => Promise<number>): Promise<readonly number[]> => {
  const values: number[] = [];
  for (let seed = 0; seed < 30; seed++) values.push(await run(seed));
  return values.sort((a, b) => a - b);
};

describe('the toy of the paper', () => {
  const interval = { perturbationInterval: 4, quantileFraction: 0.5 };
  const nudged: PbtOptions['customExplore'] = ({ h0, h1 }, rng) => ({
    h0: (h0 as number) + 0.2 * rng.next() - 0.1,
    h1: (h1 as number) + 0.2 * rng.next() - 0.1,
  });
  const mutated = { hyperparamMutations: { h0: uniform(0, 1), h1: uniform(0, 1) } };

  test('each configuration for itself stays below 0.391', async () => {
    const value = await best(fifo());
    expect(value).toBeGreaterThan(0.389);
    expect(value).toBeLessThan(0.391);
  });

  test('two members that wait for each other, explored by ±0.1, are above 1.1 for each of 30 seeds, and at 1.192 in the middle', async () => {
    const values = await many((seed) => best(pbt({ ...interval, synch: true, customExplore: nudged }), { seed }));
    expect(values[0]).toBeGreaterThan(1.1);
    expect(values[15]).toBeCloseTo(1.192, 2);
  });

  test('so are two that are explored by factors', async () => {
    const values = await many((seed) => best(pbt({ ...interval, synch: true, ...mutated }), { seed }));
    expect(values[0]).toBeGreaterThan(1.1);
  });

  test('and, where nobody waits, four', async () => {
    const values = await many((seed) => best(pbt({ ...interval, quantileFraction: 0.25, ...mutated }), { seed, members: 4 }));
    expect(values[15]).toBeGreaterThan(1.1);
  });

  test('a quantile of 0 copies nobody, and is no better than each for itself', async () => {
    expect(await best(pbt({ ...interval, ...mutated, quantileFraction: 0 }))).toBeLessThan(0.391);
  });
});
