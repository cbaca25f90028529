import { cpSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { random } from '../../algorithms/random.ts';
import { asha } from '../../schedulers/asha.ts';
import type { Config, RestoreOptions, ResultGrid, Searcher, TrialContext, TuneConfig } from '../../src/index.ts';
import { gridSearch, inline, sampleFrom, Tuner, uniform } from '../../src/index.ts';
import { journalOf, rowsOf, temporaryStorage } from './temporary-storage.ts';

const storagePath = temporaryStorage();
const quiet = { verbose: 0 } as const;
const STEPS = 4;
const paramSpace = { x: uniform(0, 1) };
const tuneConfig = { metric: 'loss', mode: 'min', seed: 7, numSamples: 6 } as const;

/** Reports four times, each with a checkpoint, and goes on from it. `at` is called before each report. */
const training = (at: (trial: TrialContext) => void = () => {}) =>
  async function train({ x }: Config, trial: TrialContext): Promise<void> {
    const state = trial.checkpoint ? Number(readFileSync(join(trial.checkpoint.path, 'state'), 'utf8')) : 0;
    expect(trial.iteration).toBe(state);
    while (trial.iteration < STEPS) {
      at(trial);
      const step = trial.iteration + 1;
      await trial.report({ loss: (x as number) + 1 / step }, { checkpoint: (dir) => writeFileSync(join(dir, 'state'), String(step)) });
    }
  };

const tune = (train: ReturnType<typeof training>, name: string, workers = 1, more: object = {}) =>
  new Tuner(train, { paramSpace, tuneConfig: { ...tuneConfig, ...more }, runConfig: { ...quiet, storagePath, name, executor: inline({ workers }) } });

const restore = (path: string, options: RestoreOptions = {}, train = training()) =>
  Tuner.restore(path, train, { ...options, runConfig: { ...quiet, ...options.runConfig } } as never) as unknown as Promise<Tuner>;

/** Every trial is there once, with each of its reports once, in the journal and in its files. */
function checkWhole<C, M extends object>(grid: ResultGrid<C, M>, trials: number): void {
  expect(grid.length).toBe(trials);
  const lines = journalOf(grid.experimentPath);
  expect(lines[0]?.kind).toBe('created');
  expect(lines.at(-1)?.kind).toBe('closed');
  for (const [i, { status, path }] of [...grid].entries()) {
    expect(status).toBe('TERMINATED');
    const steps = lines.flatMap((line) => (line.kind === 'reported' && line.trial === i ? [line.step] : []));
    const rows = rowsOf(path);
    expect(rows.map((row) => row['training_iteration'])).toEqual(steps);
    expect(steps).toEqual(steps.map((_, at) => at + 1));
    for (const row of rows) expect(existsSync(join(path, String(row['checkpoint_dir_name'])))).toBe(true);
    expect(readdirSync(path).filter((name) => name.startsWith('.tmp'))).toEqual([]);
  }
}

const configsOf = <C, M extends object>(grid: ResultGrid<C, M>): readonly Config[] => [...grid].map(({ config }) => config as Config);
const whole = await tune(training(), 'whole').fit();

describe('fit({ signal })', () => {
  test('resolves when it is aborted, leaves the journal whole, and a restore goes on', async () => {
    const abort = new AbortController();
    const stopping = training((trial) => void (trial.id.endsWith('2') && trial.iteration === 2 && abort.abort(new Error('enough for today'))));
    const halted = await tune(stopping, 'aborted', 2).fit({ signal: abort.signal });
    expect(halted.length).toBeLessThan(6);
    expect([...halted].some(({ status }) => status === 'RUNNING')).toBe(true);
    expect(journalOf(halted.experimentPath).at(-1)).toMatchObject({ kind: 'closed', why: 'enough for today' });
    expect(journalOf(halted.experimentPath).filter(({ kind }) => kind === 'halted')).toMatchObject([
      { by: 'signal', reason: 'enough for today', interrupt: true },
    ]);

    const grid = await (await restore(halted.experimentPath)).fit();
    checkWhole(grid, 6);
    expect(configsOf(grid)).toEqual(configsOf(whole));
  });

  test('of a signal that is aborted already starts nothing', async () => {
    const grid = await tune(training(), 'aborted-before').fit({ signal: AbortSignal.abort() });
    expect([...grid].filter(({ status }) => status !== 'PENDING' && status !== 'RUNNING')).toEqual([]);
    checkWhole(await (await restore(grid.experimentPath)).fit(), 6);
  });
});

test('cut at any byte of its journal, an experiment goes on and ends the same', { timeout: 60_000 }, async () => {
  const text = readFileSync(join(whole.experimentPath, 'journal.jsonl'));
  const begun = text.indexOf('"kind":"queued"');
  let copies = 0;
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: begun, max: text.length }), fc.integer({ min: 1, max: 3 }), async (cut, workers) => {
      const path = join(storagePath, `cut-${copies++}`);
      cpSync(whole.experimentPath, path, { recursive: true });
      truncateSync(join(path, 'journal.jsonl'), cut);
      const grid = await (await restore(path, { runConfig: { executor: inline({ workers }) } })).fit();
      checkWhole(grid, 6);
      expect(configsOf(grid)).toEqual(configsOf(whole));
    }),
    { numRuns: 25 },
  );
});

describe('an experiment that has ended', () => {
  const copyOf = (name: string): string => {
    cpSync(whole.experimentPath, join(storagePath, name), { recursive: true });
    return join(storagePath, name);
  };

  test('is read without running, and without its plug-ins', async () => {
    const before = readFileSync(join(whole.experimentPath, 'journal.jsonl'));
    const restored = await restore(whole.experimentPath);
    const grid = await restored.getResults();
    expect([...grid].map(({ metrics }) => metrics)).toEqual([...whole].map(({ metrics }) => metrics));
    expect(grid.getBestResult().checkpoint?.path).toBe(whole.getBestResult().checkpoint?.path);
    expect(readFileSync(join(whole.experimentPath, 'journal.jsonl'))).toEqual(before);
  });

  test('runs nothing again', async () => {
    const grid = await (
      await restore(
        copyOf('again'),
        {},
        training(() => {
          throw new Error('must not run');
        }),
      )
    ).fit();
    checkWhole(grid, 6);
    expect(journalOf(grid.experimentPath).filter(({ kind }) => kind === 'started')).toHaveLength(6);
  });

  test('runs only what is new when numSamples is raised, as if it had been so from the start', async () => {
    const ran: string[] = [];
    const grid = await (
      await restore(
        copyOf('raised'),
        { tuneConfig: { numSamples: 9 } as TuneConfig },
        training((trial) => void ran.push(trial.id)),
      )
    ).fit();
    checkWhole(grid, 9);
    expect(new Set(ran).size).toBe(3);
    expect(configsOf(grid)).toEqual(configsOf(await tune(training(), 'nine', 1, { numSamples: 9 }).fit()));
  });

  test('takes an enqueued configuration', async () => {
    const restored = await restore(copyOf('enqueued'));
    await restored.enqueue({ x: 0.5 });
    const grid = await restored.fit();
    checkWhole(grid, 7);
    expect(grid.get(6).config).toEqual({ x: 0.5 });
  });

  test('runs once at a time', async () => {
    const path = copyOf('locked');
    const restored = await restore(path, { tuneConfig: { numSamples: 7 } as TuneConfig });
    let second: Promise<unknown> | undefined;
    const watching = {
      name: 'watching',
      onEvent: () =>
        void (second ??= restore(path)
          .then((tuner) => tuner.fit())
          .catch((error: unknown) => error)),
    };
    await (await restore(path, { tuneConfig: { numSamples: 8 } as TuneConfig, runConfig: { callbacks: [watching] } })).fit();
    expect(await second).toMatchObject({ code: 'EXPERIMENT_LOCKED' });
    await expect(restored.fit()).rejects.toMatchObject({ code: 'RESTORE_MISMATCH' }); // meanwhile 8 were wanted
  });

  test('can be told from other folders', async () => {
    expect(await Tuner.canRestore(whole.experimentPath)).toBe(true);
    expect(await Tuner.canRestore(storagePath)).toBe(false);
    expect(await Tuner.canRestore(join(storagePath, 'nowhere'))).toBe(false);
    await expect(restore(join(storagePath, 'nowhere'))).rejects.toMatchObject({ code: 'EXPERIMENT_NOT_FOUND', message: expect.stringContaining('nowhere') });
  });
});

describe('another option than the experiment was started with is refused, and named', () => {
  const mine: Searcher = { name: 'mine', suggest: () => ({ kind: 'done' }) };
  test.each<[string, object, readonly string[]]>([
    ['seed', { tuneConfig: { seed: 8 } }, ['seed', 'was 7', 'is 8']],
    ['metric', { tuneConfig: { metric: 'accuracy', mode: 'min' } }, ['objectives', 'loss', 'accuracy']],
    ['mode', { tuneConfig: { metric: 'loss', mode: 'max' } }, ['objectives', '"min"', '"max"']],
    ['space', { paramSpace: { x: uniform(0, 2) } }, ['space', 'uniform']],
    ['searcher', { tuneConfig: { searchAlg: mine } }, ['searcher', 'basicVariant', 'mine']],
    ['built-in searcher', { tuneConfig: { searchAlg: random({ unique: false }) } }, ['searcher', 'random']],
    ['scheduler', { tuneConfig: { scheduler: asha({ maxT: 9 }) } }, ['scheduler', 'fifo', 'asha']],
    ['checkpoints', { runConfig: { checkpointConfig: { numToKeep: 1 } } }, ['checkpoints', 'numToKeep']],
    ['failures', { runConfig: { failureConfig: { maxFailures: 3 } } }, ['maxFailures', 'was 0', 'is 3']],
    ['fewer samples', { tuneConfig: { numSamples: 5 } }, ['numSamples', '6', '5']],
  ])('%s', async (_, options, texts) => {
    const before = readFileSync(join(whole.experimentPath, 'journal.jsonl'));
    const restored = restore(whole.experimentPath, options as RestoreOptions).then((tuner) => tuner.fit());
    await expect(restored).rejects.toMatchObject({ code: 'RESTORE_MISMATCH' });
    const { message } = (await restored.catch((error: unknown) => error)) as Error;
    for (const text of texts) expect(message).toContain(text);
    expect(readFileSync(join(whole.experimentPath, 'journal.jsonl'))).toEqual(before);
    expect(existsSync(join(whole.experimentPath, 'lock'))).toBe(false);
  });

  test('trainable', async () => {
    const restored = await Tuner.restore(
      whole.experimentPath,
      function other(): number {
        return 1;
      },
      { runConfig: quiet },
    );
    await expect(restored.fit()).rejects.toMatchObject({ code: 'RESTORE_MISMATCH', message: expect.stringContaining('other') });
  });

  test('an unknown option', async () => {
    await expect(restore(whole.experimentPath, { resumeErored: true } as RestoreOptions)).rejects.toMatchObject({
      code: 'OPTION_UNKNOWN',
      message: expect.stringContaining('resumeErrored'),
    });
  });

  test('the same options given again are fine', async () => {
    const options = {
      paramSpace,
      tuneConfig: { ...tuneConfig, pointsToEvaluate: [] },
      runConfig: { failureConfig: { maxFailures: 0 }, checkpointConfig: {}, name: 'ignored', storagePath },
    };
    expect((await (await restore(whole.experimentPath, options as RestoreOptions)).fit()).length).toBe(6);
  });
});

describe('code that is not stored', () => {
  const searchAlg: Searcher = {
    name: 'mine',
    suggest: ({ index, samples }) => (index < samples ? { kind: 'config', config: { x: index / 10 } } : { kind: 'done' }),
  };

  test('a searcher of your own is given again', async () => {
    const { experimentPath } = await tune(training(), 'own-searcher', 1, { searchAlg }).fit();
    const reading = await restore(experimentPath);
    expect(await reading.getResults()).toHaveLength(6);
    await expect(reading.fit()).rejects.toMatchObject({ code: 'RESTORE_MISMATCH', message: expect.stringContaining('searchAlg "mine"') });
    const grid = await (await restore(experimentPath, { tuneConfig: { searchAlg, numSamples: 8 } as TuneConfig })).fit();
    expect(configsOf(grid).map(({ x }) => x)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]);
  });

  test('a built-in with options is rebuilt', async () => {
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

  test('a sampleFrom is asked for again', async () => {
    const spaced = { x: uniform(0, 1), y: sampleFrom((config: Config) => (config['x'] as number) * 2) };
    const { experimentPath } = await new Tuner(training(), { paramSpace: spaced, tuneConfig, runConfig: { ...quiet, storagePath, name: 'sample-from' } }).fit();
    expect(await (await restore(experimentPath)).getResults()).toHaveLength(6);
    const more = { tuneConfig: { numSamples: 7 } as TuneConfig };
    await expect(restore(experimentPath, more).then((tuner) => tuner.fit())).rejects.toMatchObject({ message: expect.stringContaining('y') });
    expect((await (await restore(experimentPath, { ...more, paramSpace: spaced })).fit()).get(6).config).toMatchObject({ y: expect.any(Number) });
  });

  test('stop rules may differ', async () => {
    const path = join(storagePath, 'stop-rules');
    await new Tuner(training(), { paramSpace, tuneConfig, runConfig: { ...quiet, storagePath, name: 'stop-rules', stop: { training_iteration: 1 } } }).fit();
    const grid = await (await restore(path, { tuneConfig: { numSamples: 7 } as TuneConfig, runConfig: { stop: { training_iteration: 2 } } })).fit();
    expect([...grid].map(({ metrics }) => metrics.training_iteration)).toEqual([1, 1, 1, 1, 1, 1, 2]);
  });
});

describe('trials that failed, and trials that have not ended', () => {
  let broken = true;
  const failing = training((trial) => {
    if (broken && trial.id.endsWith('1') && trial.iteration === 2) throw new Error('not yet');
  });
  const failed = async (name: string): Promise<string> => {
    broken = true;
    const { experimentPath, numErrors } = await tune(failing, name).fit();
    expect(numErrors).toBe(1);
    broken = false;
    return experimentPath;
  };

  test('failed ones stay as they are', async () => expect((await (await restore(await failed('left'), {}, failing)).fit()).numErrors).toBe(1));

  test('resumeErrored goes on from the last checkpoint', async () => {
    const grid = await (await restore(await failed('resumed'), { resumeErrored: true }, failing)).fit();
    checkWhole(grid, 6);
    expect(grid.get(1).metrics.iterations_since_restore).toBe(2);
    const errors = readFileSync(join(grid.get(1).path, 'error.txt'), 'utf8');
    expect(errors.match(/^Failure # /gm)).toHaveLength(1);
  });

  test('one that is resumed, interrupted and restored again keeps all its rows', async () => {
    const abort = new AbortController();
    const again = training((trial) => void (trial.id.endsWith('1') && trial.iteration === 3 && abort.abort()));
    const path = await failed('resumed-twice');
    const halted = await (await restore(path, { resumeErrored: true }, again)).fit({ signal: abort.signal });
    expect(halted.get(1).status).toBe('RUNNING');
    checkWhole(await (await restore(path, {}, failing)).fit(), 6);
  });

  test('restartErrored runs the configuration again, as a new trial', async () => {
    const grid = await (await restore(await failed('restarted'), { restartErrored: true }, failing)).fit();
    expect([grid.length, grid.numErrors]).toEqual([7, 1]);
    expect(grid.get(6)).toMatchObject({ status: 'TERMINATED', config: grid.get(1).config });
  });

  test('resumeUnfinished: false stops the others', async () => {
    const abort = new AbortController();
    const halting = training((trial) => void (trial.id.endsWith('2') && trial.iteration === 2 && abort.abort()));
    const halted = await tune(halting, 'unfinished', 2).fit({ signal: abort.signal });
    const open = [...halted].flatMap(({ status }, i) => (status === 'TERMINATED' ? [] : [i]));
    const grid = await (await restore(halted.experimentPath, { resumeUnfinished: false })).fit();
    expect(open.length).toBeGreaterThan(0);
    for (const i of open) expect(grid.get(i)).toMatchObject({ status: 'TERMINATED', reason: { by: 'restore' } });
    expect(grid.length).toBe(6);
  });

  test('a grid is swept to its end', async () => {
    const abort = new AbortController();
    const space = { g: gridSearch([1, 2, 3]), x: uniform(0, 1) };
    const options = { paramSpace: space, tuneConfig: { ...tuneConfig, numSamples: 2, pointsToEvaluate: [{ x: 0.5 }] } };
    const halting = training((trial) => void (trial.id.endsWith('1') && abort.abort()));
    const { experimentPath } = await new Tuner(halting, { ...options, runConfig: { ...quiet, storagePath, name: 'grid-cut' } }).fit({ signal: abort.signal });
    const grid = await (await restore(experimentPath)).fit();
    checkWhole(grid, 6);
    expect(configsOf(grid).map(({ g }) => g)).toEqual([1, 2, 3, 1, 2, 3]);
    expect(configsOf(grid).filter(({ x }) => x === 0.5)).toHaveLength(3);
  });
});
