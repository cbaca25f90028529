import { expect, test } from 'vitest';
import {
  experimentPlateau,
  maximumIteration,
  medianStopping,
  patience,
  percentileStopping,
  threshold,
  trialPlateau,
  wilcoxon,
} from '../../schedulers/index.ts';
import type { Scheduler } from '../../src/index.ts';
import { inline, Tuner, uniform } from '../../src/index.ts';
import { journalOf, temporaryStorage } from './temporary-storage.ts';

const storagePath = temporaryStorage();
const quiet = { storagePath, verbose: 0, executor: inline({ workers: 1 }) } as const;
const objective = { metric: 'loss', mode: 'min', seed: 7 } as const;
const paramSpace = { x: uniform(0, 1) };

/** Its loss falls by less and less, until it stands still at x. */
async function converge({ x }: { x: number }, trial: { iteration: number; report(metrics: { loss: number }): Promise<void> }): Promise<void> {
  for (;;) await trial.report({ loss: x + 1 / 4 ** trial.iteration });
}

/** Its loss falls, and rises again. */
async function overfit({ x }: { x: number }, trial: { iteration: number; report(metrics: { loss: number }): Promise<void> }): Promise<void> {
  for (;;) await trial.report({ loss: x + Math.abs(trial.iteration - 3) });
}

test('a list of stop rules may mix all forms; the first one that is met is the reason', async () => {
  const stop = [{ training_iteration: 9 }, 'loss < -1', () => false, trialPlateau({ numResults: 3, gracePeriod: 6 }), maximumIteration({ maxIter: 7 })];
  const { experimentPath } = await new Tuner(converge, { paramSpace, tuneConfig: { ...objective, numSamples: 2 }, runConfig: { ...quiet, stop } }).fit();
  const stopped = journalOf(experimentPath).filter(({ kind }) => kind === 'stopped');
  expect(stopped).toMatchObject([
    { by: 'trialPlateau', reason: expect.stringMatching(/^the last 3 results are alike: their standard deviation 0\.00\d+ < 0\.01$/) },
    { by: 'trialPlateau' },
  ]);
});

test('one that ends the run is enough for numSamples -1', async () => {
  const stop = [maximumIteration({ maxIter: 1 }), experimentPlateau({ top: 2, std: 0.5 })];
  const grid = await new Tuner(converge, { paramSpace, tuneConfig: { ...objective, numSamples: -1 }, runConfig: { ...quiet, stop } }).fit();
  expect(grid.length).toBe(2);
  expect(journalOf(grid.experimentPath).at(-1)).toMatchObject({ kind: 'closed', why: expect.stringContaining('the best 2 results are alike') });
});

const counting = { timeAttr: 'training_iteration', gracePeriod: 1 };

test.each<Scheduler>([
  maximumIteration({ maxIter: 3 }),
  trialPlateau({ std: 0.02, numResults: 2, gracePeriod: 1 }),
  experimentPlateau({ top: 3, std: 0.5 }),
  patience({ patience: 2 }),
  threshold({ metric: 'loss', upper: 6 }),
])('as the scheduler, $name is rebuilt by a restore', async (scheduler) => {
  const { name } = scheduler;
  const tuneConfig = { ...objective, numSamples: 2, scheduler };
  const train = name === 'patience' || name === 'threshold' ? overfit : converge;
  const grid = await new Tuner(train, { paramSpace, tuneConfig, runConfig: { ...quiet, name } }).fit();
  const restored = await Tuner.restore(grid.experimentPath, train, {
    tuneConfig: { numSamples: 3 },
    runConfig: { verbose: 0, executor: inline({ workers: 1 }) },
  });
  const more = await restored.fit();
  expect(more.length).toBeGreaterThan(grid.length - 1);
  expect([...more].map(({ reason }) => reason?.by)).toEqual([...more].map(() => name));
});

/** The first trial is stopped by nobody but `maximumIteration`: of those that come later the worse ones are. */
test.each<Scheduler>([
  medianStopping({ ...counting, minSamplesRequired: 1 }),
  percentileStopping({ ...counting, minSamplesRequired: 1, percentile: 25 }),
  wilcoxon(),
])('$name compares trials, and is rebuilt by a restore with all it knew of them', async (scheduler) => {
  const { name } = scheduler;
  const tuneConfig = { ...objective, numSamples: 4, scheduler };
  const grid = await new Tuner(converge, { paramSpace, tuneConfig, runConfig: { ...quiet, name, stop: { training_iteration: 5 } } }).fit();
  const restored = await Tuner.restore(grid.experimentPath, converge, {
    tuneConfig: { numSamples: 12 },
    runConfig: { verbose: 0, executor: inline({ workers: 1 }) },
  });
  const more = await restored.fit();
  const best = more.getBestResult({ metric: 'loss', mode: 'min' });
  expect(best.reason?.by).toBe('stop');
  const stopped = [...more].filter(({ reason }) => reason?.by === name);
  expect(stopped.length).toBeGreaterThan(2);
  for (const { config } of stopped) expect(config.x).toBeGreaterThan(best.config.x);
});

test('the metric of its own must be that of the experiment when it is the scheduler', () => {
  const tuneConfig = { ...objective, scheduler: trialPlateau({ metric: 'accuracy' }) };
  expect(() => new Tuner(converge, { paramSpace, tuneConfig, runConfig: quiet })).toThrow(expect.objectContaining({ code: 'METRIC_INVALID' }));
  expect(() => new Tuner(converge, { paramSpace, tuneConfig: objective, runConfig: { ...quiet, stop: trialPlateau({ metric: 'accuracy' }) } })).not.toThrow();
});
