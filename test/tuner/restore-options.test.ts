import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { random } from '../../algorithms/random.ts';
import { asha } from '../../schedulers/asha.ts';
import type { Callback, Config, RestoreOptions, Scheduler, Searcher, TrialContext, TuneConfig } from '../../src/index.ts';
import { choice, expr, gridSearch, inline, loguniform, randint, sampleFrom, Tuner, uniform } from '../../src/index.ts';
import { checkWhole, configsOf, paramSpace, quiet, restore, STEPS, type Training, training, tuneConfig, tunerIn } from './restorable.ts';
import { journalOf, temporaryStorage } from './temporary-storage.ts';

const storagePath = temporaryStorage();
const tune = (train: Training, name: string, workers = 1, more: object = {}) => tunerIn(storagePath, name, train, { tuneConfig: more }, workers);
const whole = await tune(training(), 'whole').fit();

/** What `fit()` of a restored experiment says; that it touched nothing is checked. */
async function refusal(path: string, options: object, train = training()): Promise<string> {
  const before = readFileSync(join(path, 'journal.jsonl'));
  const error: unknown = await restore(path, options, train)
    .then((tuner) => tuner.fit())
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'RESTORE_MISMATCH' });
  expect(readFileSync(join(path, 'journal.jsonl'))).toEqual(before);
  expect(existsSync(join(path, 'lock'))).toBe(false);
  return (error as Error).message;
}

describe('what is fixed may be left out, or given as it was', () => {
  test('all of it given again', async () => {
    const options = {
      paramSpace,
      tuneConfig: { ...tuneConfig, pointsToEvaluate: [], searchAlg: undefined, numSamples: undefined },
      runConfig: { failureConfig: { maxFailures: 0 }, checkpointConfig: {}, name: 'ignored', storagePath, onExisting: 'error' },
    };
    checkWhole(await (await restore(whole.experimentPath, options as object)).fit(), 6);
  });

  test('the metric alone, or the mode alone', async () => {
    for (const half of [{ metric: 'loss' }, { mode: 'min' }]) {
      checkWhole(await (await restore(whole.experimentPath, { tuneConfig: half as TuneConfig })).fit(), 6);
    }
  });

  test('a space of any shape, in its short form too', async () => {
    const space = {
      ...{ $$domain: 1, grid: gridSearch([1, 2]), option: choice([{ kind: 'sgd', momentum: uniform(0, 1) }, 'adam']) },
      ...{ twice: expr('grid * 2'), list: [randint(1, 4), null] },
    };
    const { experimentPath } = await tunerIn(storagePath, 'shapes', train, { paramSpace: space, tuneConfig: { numSamples: 1 } }).fit();
    for (const given of [{}, { paramSpace: space }, { paramSpace: { ...space, grid: { grid_search: [1, 2] } } }]) {
      expect(await (await restore(experimentPath, given, train as never)).fit()).toHaveLength(2);
    }
  });
});

/** Reports once. */
async function train(_: Config, trial: TrialContext): Promise<void> {
  await trial.report({ loss: 1 });
}

describe('another option than the experiment was started with is refused, with both values', () => {
  const mine: Searcher = { name: 'mine', options: { depth: 2 }, suggest: () => ({ kind: 'done' }) };

  test.each<[string, object, string]>([
    ['seed', { tuneConfig: { seed: 8 } }, 'tuneConfig.seed: recorded 7, got 8.'],
    ['metric', { tuneConfig: { metric: 'accuracy', mode: 'min' } }, 'tuneConfig.metric: recorded "loss", got "accuracy".'],
    ['mode', { tuneConfig: { metric: 'loss', mode: 'max' } }, 'tuneConfig.mode: recorded "min", got "max".'],
    [
      'more metrics',
      { tuneConfig: { metric: ['loss', 'size'], mode: 'min' } },
      'tuneConfig.metric: recorded "loss", got ["loss", "size"]; tuneConfig.mode: recorded "min", got ["min", "min"].',
    ],
    ['space', { paramSpace: { x: uniform(0, 2) } }, 'paramSpace.x: recorded uniform(0, 1), got uniform(0, 2).'],
    ['a parameter more', { paramSpace: { x: uniform(0, 1), lr: loguniform(0.001, 0.1) } }, 'paramSpace.lr: recorded nothing, got loguniform(0.001, 0.1).'],
    ['a parameter less', { paramSpace: {} }, 'paramSpace.x: recorded uniform(0, 1), got nothing.'],
    ['searcher', { tuneConfig: { searchAlg: mine } }, 'tuneConfig.searchAlg: recorded basicVariant(), got mine(depth: 2).'],
    ['scheduler', { tuneConfig: { scheduler: asha({ maxT: 9 }) } }, 'tuneConfig.scheduler: recorded fifo(), got asha(maxT: 9'],
    ['points', { tuneConfig: { pointsToEvaluate: [{ x: 0.5 }] } }, 'tuneConfig.pointsToEvaluate: recorded [], got [{ x: 0.5 }].'],
    ['checkpoints', { runConfig: { checkpointConfig: { numToKeep: 1 } } }, 'runConfig.checkpointConfig.numToKeep: recorded nothing, got 1.'],
    ['failures', { runConfig: { failureConfig: { maxFailures: 3 } } }, 'runConfig.failureConfig.maxFailures: recorded 0, got 3.'],
    ['fewer samples', { tuneConfig: { numSamples: 5 } }, 'tuneConfig.numSamples: recorded 6, which can only be raised, got 5.'],
    [
      'several at once',
      { paramSpace: { x: randint(0, 3) }, tuneConfig: { seed: 8, mode: 'max', numSamples: 5 } },
      'expected the options of the experiment, got others: paramSpace.x: recorded uniform(0, 1), got randint(0, 3); tuneConfig.mode: recorded "min", got "max"; tuneConfig.seed: recorded 7, got 8; tuneConfig.numSamples: recorded 6, which can only be raised, got 5.',
    ],
  ])('%s', async (_, options, text) => {
    expect(await refusal(whole.experimentPath, options)).toContain(text);
  });

  test.each<[string, unknown, unknown, string]>([
    [
      'nested',
      { model: { lr: uniform(0, 1), layers: [1, 2] } },
      { model: { lr: uniform(0, 1), layers: [1, 3] } },
      'paramSpace.model.layers[1]: recorded 2, got 3.',
    ],
    [
      'an option',
      { o: choice(['a', { lr: uniform(0, 1) }]) },
      { o: choice(['a', { lr: uniform(0, 2) }]) },
      'paramSpace.o[1].lr: recorded uniform(0, 1), got uniform(0, 2).',
    ],
    ['more options', { o: choice(['a', 'b']) }, { o: choice(['a', 'b', 'c']) }, 'paramSpace.o: recorded choice(["a", "b"]), got choice(["a", "b", "c"]).'],
    ['another kind', { o: choice(['a', 'b']) }, { o: gridSearch(['a', 'b']) }, 'paramSpace.o: recorded choice(["a", "b"]), got gridSearch(["a", "b"]).'],
    ['a constant', { o: null, x: 1 }, { x: 1 }, 'paramSpace.o: recorded null, got nothing.'],
    ['an expression', { x: 1, y: expr('x * 2') }, { x: 1, y: expr('x * 3') }, 'paramSpace.y: recorded expr("x * 2"), got expr("x * 3").'],
    [
      'the order, in which a grid is swept',
      { a: gridSearch([1, 2]), b: gridSearch([3, 4]) },
      { b: gridSearch([3, 4]), a: gridSearch([1, 2]) },
      'paramSpace: recorded the order a, b, got b, a.',
    ],
    ['what is long is cut', { o: choice(Array.from({ length: 90 }, (_, i) => `option ${i}`)) }, {}, '…, got nothing.'],
  ])('of a space: %s', async (name, recorded, given, text) => {
    const { experimentPath } = await tunerIn(storagePath, `space-${name.replaceAll(/\W/g, '-')}`, train, {
      paramSpace: recorded,
      tuneConfig: { numSamples: 1 },
    }).fit();
    expect(await refusal(experimentPath, { paramSpace: given }, train as never)).toContain(text);
  });

  test.each<[string, object, object, string]>([
    ['scheduler', { scheduler: asha({ maxT: 4 }) }, { scheduler: asha({ maxT: 9 }) }, 'tuneConfig.scheduler.maxT: recorded 4, got 9.'],
    ['searcher', { searchAlg: random({ unique: true }) }, { searchAlg: random() }, 'tuneConfig.searchAlg.unique: recorded true, got nothing.'],
  ])('the options of a %s', async (name, recorded, given, text) => {
    const { experimentPath } = await tune(training(), `options-of-a-${name}`, 1, recorded).fit();
    expect(await refusal(experimentPath, { tuneConfig: given })).toContain(text);
  });

  test('the name of the trainable; where its module lies is not compared, since it may have moved', async () => {
    const other = function other(): number {
      return 1;
    };
    expect(await refusal(whole.experimentPath, {}, other as never)).toContain('trainable: recorded "train", got "other".');
  });

  test('an unknown option', async () => {
    await expect(restore(whole.experimentPath, { resumeErored: true } as RestoreOptions)).rejects.toMatchObject({
      code: 'OPTION_UNKNOWN',
      message: expect.stringContaining('resumeErrored'),
    });
  });
});

test('docs/errors.md shows the messages that the code gives', async () => {
  const searchAlg: Searcher = { name: 'mine', suggest: ({ index }) => (index === 0 ? { kind: 'config', config: { lr: 0.01, steps: 1 } } : { kind: 'done' }) };
  const docs = readFileSync('docs/errors.md', 'utf8');
  const first = await tunerIn(storagePath, 'docs-1', train, { paramSpace: { lr: loguniform(0.001, 0.1) }, tuneConfig: { numSamples: 1 } as TuneConfig }).fit();
  expect(docs).toContain(await refusal(first.experimentPath, { paramSpace: { lr: uniform(0, 1) }, tuneConfig: { seed: 8 } }, train as never));
  const space = { lr: uniform(0, 1), steps: sampleFrom(() => 1) };
  const second = await tunerIn(storagePath, 'docs-2', train, { paramSpace: space, tuneConfig: { numSamples: 1, searchAlg } as TuneConfig }).fit();
  expect(docs).toContain(await refusal(second.experimentPath, {}, train as never));
});

describe('what may change', () => {
  test('stop, callbacks, loggers, executor, resources, maxConcurrentTrials, timeBudgetS and verbose', async () => {
    const { experimentPath } = await tune(training(), 'may-change', 1, { numSamples: 2 }).fit();
    const seen: string[] = [];
    const resources: unknown[] = [];
    const watching: Callback = { name: 'watching', onEvent: ({ kind }) => void seen.push(kind) };
    const grid = await (
      await restore(
        experimentPath,
        {
          tuneConfig: { numSamples: 4, maxConcurrentTrials: 1, timeBudgetS: 3600 } as TuneConfig,
          runConfig: {
            stop: { training_iteration: 2 },
            callbacks: [watching],
            loggers: ['csv'],
            executor: inline({ workers: 2 }),
            resources: { cpu: 3 },
            verbose: 0,
          },
        },
        training((trial) => void resources.push(trial.resources)),
      )
    ).fit();
    expect([...grid].map(({ metrics }) => metrics.training_iteration)).toEqual([STEPS, STEPS, 2, 2]);
    expect([existsSync(join(grid.get(2).path, 'progress.csv')), existsSync(join(grid.get(2).path, 'result.json'))]).toEqual([true, false]);
    expect(resources[0]).toEqual({ cpu: 3 });
    expect(seen).toContain('opened');
    expect(journalOf(experimentPath).filter(({ kind }) => kind === 'opened')).toMatchObject([
      { samples: 2, slots: 1 }, // nobody has said what a trial takes
      { samples: 4, slots: 1, resources: { cpu: 3 }, stop: [{ training_iteration: 2 }] },
    ]);
  });

  test('stop rules and resources that are not given again are those of the session before', async () => {
    const runConfig = { stop: ['training_iteration >= 3', { training_iteration: 9 }, asha({ maxT: 9 })], resources: { cpu: 2 } };
    const { experimentPath } = await tunerIn(storagePath, 'recorded-stop', training(), { tuneConfig: { numSamples: 1 }, runConfig: runConfig as never }).fit();
    const more = (numSamples: number, stop?: object) =>
      restore(experimentPath, { tuneConfig: { numSamples } as TuneConfig, ...(stop ? { runConfig: stop } : {}) });
    expect((await (await more(2)).fit()).get(1).metrics.training_iteration).toBe(3);
    expect((await (await more(3, { stop: { training_iteration: 1 } })).fit()).get(2).metrics.training_iteration).toBe(1);
    expect((await (await more(4)).fit()).get(3).metrics.training_iteration).toBe(1);
    expect((await (await more(5, { stop: [] })).fit()).get(4).metrics.training_iteration).toBe(STEPS);
    expect((await (await more(6)).fit()).get(5).metrics.training_iteration).toBe(STEPS);
    for (const line of journalOf(experimentPath)) if (line.kind === 'opened') expect(line.resources).toEqual({ cpu: 2 });
  });

  test('one core that was asked for is not forgotten, as if nothing had been', async () => {
    const runConfig = { resources: { cpu: 1 } };
    const { experimentPath } = await tunerIn(storagePath, 'one-core', training(), { tuneConfig: { numSamples: 1 }, runConfig }).fit();
    await (await restore(experimentPath, { tuneConfig: { numSamples: 2 } as TuneConfig })).fit();
    const resources = journalOf(experimentPath).flatMap((line) => (line.kind === 'opened' ? [line.resources] : []));
    expect(resources).toEqual([{ cpu: 1 }, { cpu: 1 }]);
  });
});

describe('code is not stored', () => {
  const searchAlg: Searcher = {
    name: 'mine',
    suggest: ({ index, samples }) => (index < samples ? { kind: 'config', config: { x: index / 10, y: 0 } } : { kind: 'done' }),
  };
  const scheduler: Scheduler<null> = { name: 'patient', uses: ['stop'], init: () => null, decide: (state) => ({ state, decisions: [] }) };

  test('a searcher of your own is given again', async () => {
    const flat: Searcher = {
      ...searchAlg,
      suggest: ({ index, samples }) => (index < samples ? { kind: 'config', config: { x: index / 10 } } : { kind: 'done' }),
    };
    const { experimentPath } = await tune(training(), 'own-searcher', 1, { searchAlg: flat }).fit();
    expect(await refusal(experimentPath, {})).toContain('searchAlg "mine"');
    const grid = await (await restore(experimentPath, { tuneConfig: { searchAlg: flat, numSamples: 8 } as TuneConfig })).fit();
    expect(configsOf(grid).map(({ x }) => x)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]);
  });

  test('one error names all that is missing, before anything runs; reading the results needs nothing', async () => {
    const space = { x: uniform(0, 1), y: sampleFrom(() => 0), deep: choice([{ z: sampleFrom(() => 1) }, 2]) };
    const searching: Searcher = {
      ...searchAlg,
      suggest: ({ index, samples }) => (index < samples ? { kind: 'config', config: { x: 0, y: 0, deep: 2 } } : { kind: 'done' }),
    };
    const stop = [() => false, { training_iteration: 9 }, scheduler];
    const code = { paramSpace: space, tuneConfig: { ...tuneConfig, numSamples: 1, searchAlg: searching, scheduler }, runConfig: { stop } };
    const { experimentPath } = await tunerIn(storagePath, 'all-code', training(), code as never).fit();

    let started = false;
    const executor = { ...inline(), open: () => void (started = true) };
    expect(await refusal(experimentPath, { runConfig: { executor } })).toContain(
      'Tuner.restore: expected tuneConfig.searchAlg "mine", tuneConfig.scheduler "patient", paramSpace (sampleFrom at y, deep/z) and runConfig.stop (a function, the scheduler "patient") ' +
        'to be given again, since code is not stored, got nothing.',
    );
    expect(started).toBe(false);
    expect(await refusal(experimentPath, { paramSpace: space, tuneConfig: { scheduler } })).toContain(
      'expected tuneConfig.searchAlg "mine" and runConfig.stop (a function, the scheduler "patient") to be given again',
    );
    expect(await (await restore(experimentPath)).getResults()).toHaveLength(1);
    expect((await (await restore(experimentPath)).getResults()).get(0).config).toEqual({ x: 0, y: 0, deep: 2 });
    checkWhole(await (await restore(experimentPath, { ...code, tuneConfig: { ...code.tuneConfig, numSamples: 2 } } as never)).fit(), 2);
  });

  test('a sampleFrom is asked for again', async () => {
    const spaced = { x: uniform(0, 1), y: sampleFrom((config: Config) => (config['x'] as number) * 2) };
    const { experimentPath } = await new Tuner(training(), { paramSpace: spaced, tuneConfig, runConfig: { ...quiet, storagePath, name: 'sample-from' } }).fit();
    expect(await (await restore(experimentPath)).getResults()).toHaveLength(6);
    const more = { tuneConfig: { numSamples: 7 } as TuneConfig };
    expect(await refusal(experimentPath, more)).toContain('paramSpace (sampleFrom at y)');
    expect((await (await restore(experimentPath, { ...more, paramSpace: spaced })).fit()).get(6).config).toMatchObject({ y: expect.any(Number) });
  });

  test('a stop function may be left out knowingly', async () => {
    const stop = (_: string, { training_iteration = 0 }: Readonly<Record<string, number>>): boolean => training_iteration >= 2;
    const { experimentPath } = await tunerIn(storagePath, 'stop-function', training(), { tuneConfig: { numSamples: 1 }, runConfig: { stop } }).fit();
    const options = (given?: object) => ({ tuneConfig: { numSamples: 2 } as TuneConfig, ...(given ? { runConfig: given } : {}) });
    expect(await refusal(experimentPath, options())).toContain('runConfig.stop (a function)');
    const grid = await (await restore(experimentPath, options({ stop: [] }))).fit();
    expect([...grid].map(({ metrics }) => metrics.training_iteration)).toEqual([2, STEPS]);
  });

  test('built-ins are rebuilt with their options', async () => {
    const scheduler = () => asha({ maxT: STEPS, gracePeriod: 1, reductionFactor: 2 });
    const all = await tune(training(), 'asha-whole', 1, { scheduler: scheduler() }).fit();
    const abort = new AbortController();
    const halted = await tune(
      training((trial) => void (trial.id.endsWith('3') && abort.abort())),
      'asha-cut',
      1,
      { scheduler: scheduler() },
    ).fit({ signal: abort.signal });
    const grid = await (await restore(halted.experimentPath)).fit();
    expect([...grid].map(({ reason }) => reason)).toEqual([...all].map(({ reason }) => reason));
  });
});
