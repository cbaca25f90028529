import { expect, test } from 'vitest';
import { allOf, asha, firstOf, maximumIteration, medianStopping, moAsha, onMetric, patience, threshold } from '../../schedulers/index.ts';
import type { Scheduler } from '../../src/index.ts';
import { inline, Tuner, uniform } from '../../src/index.ts';
import { journalOf, temporaryStorage } from './temporary-storage.ts';

const quiet = { storagePath: temporaryStorage(), verbose: 0, executor: inline({ workers: 1 }) } as const;
const paramSpace = { x: uniform(0, 1), y: uniform(0, 1) };
const tuneConfig = { metric: ['loss', 'speed'], mode: ['min', 'max'], seed: 7, numSamples: 40 } as const;

/** Its loss gets better and then worse. */
async function train(
  { x, y }: { x: number; y: number },
  trial: { iteration: number; report(metrics: { loss: number; speed: number }): Promise<void> },
): Promise<void> {
  while (trial.iteration < 9) await trial.report({ loss: 10 * x + Math.abs(trial.iteration - 4), speed: y });
}

const counting = { timeAttr: 'training_iteration', gracePeriod: 2, minSamplesRequired: 2 };
const composition = (): Scheduler =>
  firstOf(
    onMetric('speed', asha({ gracePeriod: 5, reductionFactor: 2 })),
    allOf(onMetric('loss', medianStopping(counting)), onMetric('loss', patience({ patience: 1 }))),
    threshold({ metric: 'loss', upper: 12 }),
  );

test('composed schedulers decide about several metrics, each trial says by whom, and a restore rebuilds them', async () => {
  const grid = await new Tuner(train, { paramSpace, tuneConfig: { ...tuneConfig, scheduler: composition() }, runConfig: quiet }).fit();
  const by = new Set([...grid].map(({ reason }) => reason?.by));
  expect(by).toEqual(new Set(['asha on speed', 'threshold', 'allOf', 'completed']));
  const restored = await Tuner.restore(grid.experimentPath, train, {
    tuneConfig: { numSamples: 50 },
    runConfig: { verbose: 0, executor: inline({ workers: 1 }) },
  });
  expect((await restored.fit()).length).toBe(50);
  const created = journalOf(grid.experimentPath)[0];
  expect(created).toMatchObject({ scheduler: { name: 'firstOf', options: { schedulers: [{ name: 'onMetric' }, { name: 'allOf' }, { name: 'threshold' }] } } });
});

test('moAsha keeps what nobody dominates, and is rebuilt by a restore', async () => {
  const runConfig = { ...quiet, name: 'fronts' };
  const grid = await new Tuner(train, { paramSpace, tuneConfig: { ...tuneConfig, scheduler: moAsha({ reductionFactor: 3 }) }, runConfig }).fit();
  const restored = await Tuner.restore(grid.experimentPath, train, { tuneConfig: { numSamples: 60 }, runConfig: { verbose: 0 } });
  const more = await restored.fit();
  const by = [...more].map(({ reason }) => reason?.by);
  expect(by.filter((one) => one === 'moAsha').length).toBeGreaterThan(20);
  for (const { config, reason } of more) {
    const isDominated = [...more].some((other) => other.config.x < config.x && other.config.y > config.y);
    if (!isDominated) expect(reason?.by).toBe('completed');
  }
});

test('of several that stop behind a scheduler, a composition may be one', async () => {
  const stop = [firstOf(maximumIteration({ maxIter: 3 }), threshold()), { training_iteration: 5 }];
  const runConfig = { ...quiet, name: 'behind', stop };
  const grid = await new Tuner(train, { paramSpace, tuneConfig: { ...tuneConfig, numSamples: 2 }, runConfig }).fit();
  expect([...grid].map(({ reason }) => reason?.by)).toEqual(['maximumIteration', 'maximumIteration']);
  const restored = await Tuner.restore(grid.experimentPath, train, { tuneConfig: { numSamples: 3 }, runConfig: { verbose: 0 } });
  expect([...(await restored.fit())].map(({ reason }) => reason?.by)).toEqual(Array.from({ length: 3 }, () => 'maximumIteration'));
});

test('one with a part of your own has to be given again', async () => {
  const mine: Scheduler = { name: 'mine', uses: ['stop'], init: () => null, decide: (state) => ({ state, decisions: [] }) };
  const scheduler = firstOf(allOf(mine, threshold()), onMetric('loss', asha()));
  const grid = await new Tuner(train, { paramSpace, tuneConfig: { ...tuneConfig, scheduler }, runConfig: { ...quiet, name: 'mine' } }).fit();
  const more = { tuneConfig: { numSamples: 41 }, runConfig: { verbose: 0 } } as const;
  const fit = async (given: object): Promise<number> =>
    (await (await Tuner.restore(grid.experimentPath, train, { ...more, tuneConfig: { ...more.tuneConfig, ...given } })).fit()).length;
  await expect(fit({})).rejects.toThrow(/expected tuneConfig\.scheduler "firstOf" to be given again/);
  await expect(fit({ scheduler: firstOf(allOf(mine, threshold()), onMetric('speed', asha())) })).rejects.toThrow(
    'tuneConfig.scheduler.schedulers[1].options.metric: recorded "loss", got "speed"',
  );
  expect(await fit({ scheduler })).toBe(41);
});

test('a metric that the experiment has not is refused before anything runs', () => {
  const make = (scheduler: Scheduler) => () => new Tuner(train, { paramSpace, tuneConfig: { ...tuneConfig, scheduler }, runConfig: quiet });
  expect(make(firstOf(onMetric('accuracy', asha())))).toThrow('which has "loss", "speed", got "accuracy"');
  expect(make(firstOf(asha()))).toThrow(expect.objectContaining({ code: 'METRIC_INVALID' }));
});
