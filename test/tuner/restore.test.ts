import { cpSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { repeat, tpe } from '../../algorithms/index.ts';
import { pbt } from '../../schedulers/pbt.ts';
import type { Searcher, TuneConfig } from '../../src/index.ts';
import { gridSearch, inline, Tuner, uniform } from '../../src/index.ts';
import { checkWhole, configsOf, paramSpace, quiet, restore, type Training, training, tuneConfig, tunerIn } from './restorable.ts';
import { journalOf, temporaryStorage } from './temporary-storage.ts';

const storagePath = temporaryStorage();
const tune = (train: Training, name: string, workers = 1, more: object = {}) => tunerIn(storagePath, name, train, { tuneConfig: more }, workers);
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

  test('of one that is resumed the searcher sees the rest, each report once', async () => {
    broken = true;
    const seen: unknown[] = [];
    const searchAlg: Searcher = {
      name: 'watching',
      suggest({ index, samples, history }) {
        if (index === 6 && samples === 7) seen.push(...[0, 1].map((row) => [history.at(row).state, [...history.steps(row)]]), [...history.ended]);
        return index < samples ? { kind: 'config', config: { x: index / 10 } } : { kind: 'done' };
      },
    };
    const { experimentPath } = await tune(failing, 'resumed-history', 1, { searchAlg }).fit();
    broken = false;
    const more = { tuneConfig: { searchAlg, numSamples: 7 } as TuneConfig, runConfig: { executor: inline() } };
    await (await restore(experimentPath, { resumeErrored: true, ...more }, failing)).fit();
    expect(seen).toEqual([
      ['completed', [1, 2, 3, 4]],
      ['completed', [1, 2, 3, 4]],
      [0, 1, 2, 3, 4, 5],
    ]);
  });

  test.each<readonly [string, () => object]>([
    ['repeat, which had settled its group', () => ({ searchAlg: repeat(tpe({ startupTrials: 2 }), 2) })],
    [
      'pbt, which lets it go on with another configuration',
      () => ({ scheduler: pbt({ perturbationInterval: 1, quantileFraction: 0.5, hyperparamMutations: paramSpace }) }),
    ],
  ])('one that is resumed under %s', async (name, more) => {
    broken = true;
    const points = { pointsToEvaluate: [{ x: 0.1 }, { x: 1 }] };
    const { experimentPath } = await tune(failing, `resumed under ${name.slice(0, 6)}`, 1, { ...more(), ...points, seed: 1 }).fit();
    broken = false;
    const options = { tuneConfig: { ...more(), numSamples: 12 } as TuneConfig, runConfig: { executor: inline({ workers: 1 }) } };
    const grid = await (await restore(experimentPath, { resumeErrored: true, ...options }, failing)).fit();
    expect([...grid].map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 'TERMINATED'));
    expect(grid.get(1).config).not.toEqual(name.startsWith('pbt') ? points.pointsToEvaluate[1] : {});
  });

  test('one that is resumed, interrupted and restored again keeps all its rows', async () => {
    const abort = new AbortController();
    const again = training((trial) => void (trial.id.endsWith('1') && trial.iteration === 3 && abort.abort()));
    const path = await failed('resumed-twice');
    const halted = await (await restore(path, { resumeErrored: true }, again)).fit({ signal: abort.signal });
    expect(halted.get(1).status).toBe('RUNNING');
    checkWhole(await (await restore(path, {}, failing)).fit(), 6);
  });

  test('restartErrored runs the configuration again, as a new trial, and the failed one stays', async () => {
    const grid = await (await restore(await failed('restarted'), { restartErrored: true }, failing)).fit();
    expect([grid.length, grid.numErrors]).toEqual([7, 1]);
    expect(grid.get(6)).toMatchObject({ status: 'TERMINATED', config: grid.get(1).config });
    expect(grid.get(6).metrics.iterations_since_restore).toBe(4); // from the start
  });

  test('restartErrored runs each failure again once, however often the experiment is restored', async () => {
    const path = await failed('restarted-often');
    for (let i = 0; i < 3; i++) expect(await (await restore(path, { restartErrored: true }, failing)).fit()).toHaveLength(7);
    expect(journalOf(path).filter(({ kind }) => kind === 'enqueued')).toMatchObject([{ restarts: 1 }]);
  });

  test('a restarted trial that fails too is restarted in its turn', async () => {
    const path = await failed('restarted-in-turn');
    const again = training((trial) => {
      if (trial.id.endsWith('6')) throw new Error('again');
    });
    expect((await (await restore(path, { restartErrored: true }, again)).fit()).numErrors).toBe(2);
    const grid = await (await restore(path, { restartErrored: true }, failing)).fit();
    expect([grid.length, grid.numErrors]).toEqual([8, 2]);
    expect(journalOf(path).filter(({ kind }) => kind === 'enqueued')).toMatchObject([{ restarts: 1 }, { restarts: 6 }]);
    expect(grid.get(7)).toMatchObject({ status: 'TERMINATED', config: grid.get(1).config });
  });

  test('restartErrored keeps a grid value and what was drawn, and adds to the samples', async () => {
    broken = true;
    const space = { g: gridSearch([1, 2]), x: uniform(0, 1) };
    const { experimentPath } = await tunerIn(storagePath, 'restarted-grid', failing, { paramSpace: space, tuneConfig: { numSamples: 1 } }).fit();
    broken = false;
    const grid = await (await restore(experimentPath, { restartErrored: true, tuneConfig: { numSamples: 2 } as TuneConfig }, failing)).fit();
    expect(configsOf(grid).map(({ g }) => g)).toEqual([1, 2, 2, 1, 2]);
    expect(configsOf(grid)[2]).toEqual(configsOf(grid)[1]);
  });

  test('of both, resumeErrored counts', async () => {
    checkWhole(await (await restore(await failed('both'), { resumeErrored: true, restartErrored: true }, failing)).fit(), 6);
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
    expect((await (await restore(halted.experimentPath)).fit()).numTerminated).toBe(6); // and they stay stopped
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
