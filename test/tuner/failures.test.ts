import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AttuneError } from '../../src/base/errors.ts';
import type { Config, RunConfig, Scheduler, Searcher, TrialContext, TuneConfig } from '../../src/index.ts';
import { gridSearch, inline, Trainable, Tuner } from '../../src/index.ts';
import { journalOf, rowsOf, temporaryStorage } from './temporary-storage.ts';

const storagePath = temporaryStorage();
const quiet = { storagePath, verbose: 0 } as const;
const objective = { metric: 'loss', mode: 'min' } as const;

type Train = (config: { i: number }, trial: TrialContext) => unknown;

/** Three trials, i = 0, 1, 2. */
const tune = (train: Train, { tuneConfig = {}, runConfig = {} }: { readonly tuneConfig?: TuneConfig; readonly runConfig?: RunConfig } = {}) =>
  new Tuner(train as never, {
    paramSpace: { i: gridSearch([0, 1, 2]) },
    tuneConfig: { seed: 7, ...objective, ...tuneConfig } as TuneConfig,
    runConfig: { ...quiet, ...runConfig },
  });

const errorFile = (path: string): string => readFileSync(join(path, 'error.txt'), 'utf8');

describe('one bad trial is one ERROR trial; the others go on, and fit() resolves', () => {
  const good = { loss: 1 };
  const BAD: readonly (readonly [string, Train, string, readonly string[]])[] = [
    [
      'throws an Error',
      () => {
        throw new RangeError('lr is too high');
      },
      '',
      ['RangeError: lr is too high', 'failures.test.ts'],
    ],
    [
      'throws a string',
      () => {
        throw 'a string';
      },
      '',
      ['a string'],
    ],
    [
      'throws undefined',
      () => {
        throw undefined;
      },
      '',
      ['undefined'],
    ],
    [
      'throws an error with a cause',
      () => {
        throw new Error('outer', { cause: new TypeError('inner') });
      },
      '',
      ['outer', 'Caused by: TypeError: inner'],
    ],
    ['rejects', () => Promise.reject(new Error('later')), '', ['Error: later']],
    ['never reports the metric', (_, trial) => trial.report({ los: 1, accuracy: 2 }), 'METRIC_MISSING', ['"loss"', '"los", "accuracy"']],
    ['never reports', () => undefined, 'METRIC_MISSING', ['"loss"']],
    ['returns no metric', () => ({ other: 1 }), 'METRIC_MISSING', ['"other"']],
    ['reports a function', (_, trial) => trial.report({ loss: 1, f: () => 1 } as never), 'METRIC_NOT_JSON', ['"f"', 'a function']],
    ['reports a Date', (_, trial) => trial.report({ loss: 1, at: new Date(0) }), 'METRIC_NOT_JSON', ['"at"', 'a Date', 'toISOString']],
    ['reports a BigInt', (_, trial) => trial.report({ loss: 1n }), 'METRIC_NOT_JSON', ['"loss"', 'a BigInt']],
    ['returns a typed array', () => ({ loss: new Float32Array(1) }), 'METRIC_NOT_JSON', ['"loss"', 'a Float32Array']],
  ];

  test.each(BAD)('a trial that %s', async (_, bad, code, texts) => {
    const grid = await tune((config, trial) => (config.i === 1 ? bad(config, trial) : good)).fit();
    expect([...grid].map(({ status }) => status)).toEqual(['TERMINATED', 'ERROR', 'TERMINATED']);
    const { error, path, reason } = grid.get(1);
    expect(reason).toBeUndefined();
    if (code !== '') expect(error).toMatchObject({ code });
    expect(grid.errors).toEqual([error]);
    const text = errorFile(path);
    expect(text).toMatch(/^Failure # 1 \(occurred at \d{4}-\d\d-\d\d_\d\d-\d\d-\d\d\)\n/);
    for (const part of texts) expect(text).toContain(part);
    expect(existsSync(join(grid.get(0).path, 'error.txt'))).toBe(false);
    expect(grid.getBestResult().config).toEqual({ i: 0 });
  });

  test('a trial that fails after a good report keeps its rows, and does not win', async () => {
    const grid = await tune(async ({ i }, trial) => {
      await trial.report({ loss: i });
      if (i === 0) throw new Error('late');
    }).fit();
    expect(rowsOf(grid.get(0).path)).toHaveLength(1);
    expect(grid.get(0).metrics).toMatchObject({ loss: 0, done: false });
    expect(grid.getBestResult().config).toEqual({ i: 1 });
  });

  test('a trial that breaks its configuration breaks nobody else', async () => {
    const grid = await tune((config) => {
      config.i += 10;
      return config.i;
    }).fit();
    expect([...grid].map(({ config }) => config)).toEqual([{ i: 0 }, { i: 1 }, { i: 2 }]);
  });
});

describe('retries', () => {
  test('start again from the last checkpoint, and error.txt has an entry for each failure', async () => {
    const starts: number[] = [];
    const train: Train = async ({ i }, trial) => {
      if (i === 1) starts.push(trial.iteration);
      if (i === 1 && trial.iteration > 0) expect(readFileSync(join(trial.checkpoint?.path ?? '', 'state'), 'utf8')).toBe(String(trial.iteration));
      while (trial.iteration < 5) {
        const step = trial.iteration + 1;
        await trial.report({ loss: step }, step % 2 === 0 ? { checkpoint: (dir) => writeFile(join(dir, 'state'), String(step)) } : {});
        if (i === 1 && starts.length < 3) {
          if (step === 3) throw new Error(`failure ${starts.length}`);
        }
      }
    };
    const grid = await tune(train, { runConfig: { failureConfig: { maxFailures: 2, backoffS: 0 } } }).fit();
    expect(starts).toEqual([0, 2, 2]);
    expect(grid.numTerminated).toBe(3);
    expect(grid.get(1).error).toBeUndefined();
    expect(rowsOf(grid.get(1).path).map((row) => row['training_iteration'])).toEqual([1, 2, 3, 4, 5]);
    expect(errorFile(grid.get(1).path).match(/^Failure # \d/gm)).toEqual(['Failure # 1', 'Failure # 2']);
  });

  test('are used up, and the last failure counts', async () => {
    let attempts = 0;
    const grid = await tune(
      ({ i }) => {
        if (i === 2) throw new Error(`attempt ${++attempts}`);
        return 1;
      },
      { runConfig: { failureConfig: { maxFailures: 2, backoffS: 0 } } },
    ).fit();
    expect(attempts).toBe(3);
    expect(grid.get(2).error?.message).toContain('attempt 3');
    expect(
      journalOf(grid.experimentPath)
        .filter(({ kind }) => kind === 'retried' || kind === 'failed')
        .map(({ kind }) => kind),
    ).toEqual(['retried', 'retried', 'failed']);
  });

  test.each(['BACKEND_UNAVAILABLE', 'TRAINABLE_INVALID', 'OPTION_RANGE', 'OPTION_UNKNOWN', 'METRIC_INVALID'] as const)(
    'are not tried for %s, which would only come again',
    async (code) => {
      const failing = () => {
        throw new AttuneError(code, 'train: expected this, got that.');
      };
      const grid = await tune(failing, { runConfig: { failureConfig: { maxFailures: 2, backoffS: 0 } } }).fit();
      const ends = journalOf(grid.experimentPath).filter(({ kind }) => kind === 'retried' || kind === 'failed');
      expect(ends).toMatchObject([0, 1, 2].map(() => ({ kind: 'failed', error: { code } })));
    },
  );

  test('without end', async () => {
    let attempts = 0;
    const grid = await tune(
      ({ i }) => {
        if (i === 0 && attempts++ < 20) throw new Error('again');
        return 1;
      },
      { runConfig: { failureConfig: { maxFailures: -1, backoffS: 0 } } },
    ).fit();
    expect([attempts, grid.numErrors]).toEqual([21, 0]);
  });

  test('are not wasted on an error that comes again', async () => {
    let attempts = 0;
    const grid = await tune(() => ((attempts += 1), { other: 1 }), { runConfig: { failureConfig: { maxFailures: 5, backoffS: 0 } } }).fit();
    expect([attempts, grid.numErrors]).toEqual([3, 3]);
  });
});

test('failFast: the first failure ends the run, and what has not run can be continued', async () => {
  const train: Train = ({ i }) => {
    if (i === 0) throw new Error('first');
    return i;
  };
  const first = await tune(train, { tuneConfig: { numSamples: 2 }, runConfig: { failureConfig: { failFast: true } } }).fit();
  expect([first.length, first.numErrors]).toEqual([1, 1]);
  expect(journalOf(first.experimentPath).at(-1)).toMatchObject({ kind: 'closed', why: expect.stringMatching(/^failFast: trial [0-9a-f]{5}_00000 failed$/) });
  expect(first.interrupted).toBe('failFast');
  const grid = await (await Tuner.restore(first.experimentPath, train as never, { runConfig: { verbose: 0 } })).fit();
  expect([grid.length, grid.numErrors, grid.numTerminated, grid.interrupted]).toEqual([4, 2, 2, 'failFast']);
});

describe('a class', () => {
  const tuneClass = (trainable: new () => Trainable<Config>) =>
    new Tuner(trainable, { paramSpace: {}, tuneConfig: { ...objective, seed: 7 }, runConfig: { ...quiet, stop: { training_iteration: 3 } } });
  abstract class Base extends Trainable<Config> {
    setup(_: Config, _trial: TrialContext): void {}
    save(): void {}
    restore(): void {}
  }

  test('that reports is told to return its metrics', async () => {
    class Reporting extends Base {
      trial: TrialContext | undefined;
      override setup(_: Config, trial: TrialContext): void {
        this.trial = trial;
      }
      async step() {
        await this.trial?.report({ loss: 1 });
        return { loss: 1 };
      }
    }
    expect((await tuneClass(Reporting).fit()).errors[0]).toMatchObject({ code: 'REPORT_IN_CLASS' });
  });

  test('whose step returns no object is told so', async () => {
    class Numbers extends Base {
      step() {
        return 3 as never;
      }
    }
    expect((await tuneClass(Numbers).fit()).errors[0]).toMatchObject({ code: 'METRIC_NOT_JSON', message: expect.stringContaining('return { loss }') });
  });

  test('is cleaned up after a stop and after an error', async () => {
    const cleaned: string[] = [];
    class Clean extends Base {
      step() {
        return { loss: 1 };
      }
      override cleanup() {
        cleaned.push('stopped');
      }
    }
    class Throws extends Base {
      step(): never {
        throw new Error('boom');
      }
      override cleanup() {
        cleaned.push('failed');
      }
    }
    await tuneClass(Clean).fit();
    await tuneClass(Throws).fit();
    expect(cleaned).toEqual(['stopped', 'failed']);
  });
});

describe('a plug-in that throws', () => {
  const searcher = (suggest: Searcher['suggest']): Searcher => ({ name: 'mine', suggest });
  const scheduler = (decide: Scheduler<null>['decide']): Scheduler<null> => ({ name: 'mine', uses: ['stop'], init: () => null, decide });
  const one = async ({ i }: { i: number }, trial: TrialContext): Promise<void> => {
    while (trial.iteration < 4) await trial.report({ loss: i + trial.iteration });
  };

  test('a searcher: fit() rejects with PLUGIN_FAILED, and a restore asks it again', async () => {
    const suggest = (broken: boolean) =>
      searcher(({ index, samples }) => {
        if (broken && index === 1) throw new TypeError('no model yet');
        return index < samples ? { kind: 'config', config: { i: index } } : { kind: 'done' };
      });
    const tuner = tune(one, { tuneConfig: { numSamples: 3, searchAlg: suggest(true) }, runConfig: { name: 'searcher-throws' } });
    await expect(tuner.fit()).rejects.toMatchObject({ code: 'PLUGIN_FAILED', message: expect.stringContaining('mine.suggest at index 1 threw: no model yet') });
    const path = (await tuner.getResults()).experimentPath;
    expect(journalOf(path).slice(-2)).toMatchObject([{ kind: 'halted', by: 'mine' }, { kind: 'closed' }]);

    const restored = await Tuner.restore(path, one as never, { tuneConfig: { searchAlg: suggest(false) } as never, runConfig: { verbose: 0 } });
    const grid = await restored.fit();
    expect([...grid].map(({ config, status }) => [config, status])).toEqual([0, 1, 2].map((i) => [{ i }, 'TERMINATED']));
  });

  test('a searcher that rejects while trials run: they are interrupted, and go on in a restore', async () => {
    const suggest = (broken: boolean) =>
      searcher(async ({ index, samples, breathe }) => {
        if (index === 2) await breathe();
        if (broken && index === 2) throw new Error('lost connection');
        return index < samples ? { kind: 'config', config: { i: index } } : { kind: 'done' };
      });
    const tuner = tune(one, { tuneConfig: { numSamples: 3, searchAlg: suggest(true) }, runConfig: { executor: inline({ workers: 3 }) } });
    await expect(tuner.fit()).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
    const { experimentPath } = await tuner.getResults();
    const restored = await Tuner.restore(experimentPath, one as never, { tuneConfig: { searchAlg: suggest(false) } as never, runConfig: { verbose: 0 } });
    const grid = await restored.fit();
    expect([...grid].map(({ status, metrics }) => [status, metrics.training_iteration])).toEqual(Array.from({ length: 3 }, () => ['TERMINATED', 4]));
    for (const { path } of grid) expect(rowsOf(path).map((row) => row['training_iteration'])).toEqual([1, 2, 3, 4]);
  });

  test.each<[string, unknown]>([
    ['outside the space', { i: 7 }],
    ['with a key missing', {}],
    ['with a key too many', { i: 1, j: 1 }],
  ])('a suggestion %s is refused', async (_, config) => {
    const tuner = tune(one, { tuneConfig: { searchAlg: searcher(() => ({ kind: 'config', config: config as Config })) } });
    await expect(tuner.fit()).rejects.toMatchObject({
      code: 'PLUGIN_FAILED',
      message: expect.stringContaining(`mine.suggest at index 0: expected a configuration in the space, got ${JSON.stringify(config)}`),
      cause: { code: 'SUGGESTION_INVALID' },
    });
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a configuration', { i: 1 }],
    ['an unknown kind', { kind: 'stop' }],
    ['a configuration that is not JSON', { kind: 'config', config: { i: new Date(0) } }],
  ])('a searcher that answers with %s is refused', async (_, suggestion) => {
    const tuner = tune(one, { tuneConfig: { searchAlg: searcher(() => suggestion as never) } });
    await expect(tuner.fit()).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
    expect(journalOf((await tuner.getResults()).experimentPath).at(-1)).toMatchObject({ kind: 'closed' });
  });

  test('a scheduler: its line carries the fault, and a restore decides that line anew', async () => {
    const decide = (broken: boolean) =>
      scheduler((state, event) => {
        if (event.kind !== 'reported' || event.step !== 2) return { state, decisions: [] };
        if (broken && event.trial === 1) throw new Error('not yet written');
        return { state, decisions: [{ kind: 'stop', trial: event.trial, reason: 'at step 2' }] };
      });
    const tuner = tune(one, { tuneConfig: { scheduler: decide(true) }, runConfig: { executor: inline({ workers: 2 }) } });
    await expect(tuner.fit()).rejects.toMatchObject({
      code: 'PLUGIN_FAILED',
      message: expect.stringMatching(/^mine\.decide on "reported" of trial [0-9a-f]{5}_00001 threw: not yet written\. Hint/),
      cause: expect.objectContaining({ stack: expect.stringContaining('failures.test.ts') }),
    });
    const { experimentPath } = await tuner.getResults();
    const faults = journalOf(experimentPath).filter(({ fault }) => fault);
    expect(faults[0]).toMatchObject({ kind: 'reported', trial: 1, step: 2, fault: { code: 'PLUGIN_FAILED', cause: { message: 'not yet written' } } });

    await expect(
      (await Tuner.restore(experimentPath, one as never, { tuneConfig: { scheduler: decide(true) } as never, runConfig: { verbose: 0 } })).fit(),
    ).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
    const restored = await Tuner.restore(experimentPath, one as never, { tuneConfig: { scheduler: decide(false) } as never, runConfig: { verbose: 0 } });
    const grid = await restored.fit();
    expect([...grid].map(({ metrics, reason }) => [metrics.training_iteration, reason])).toEqual(
      Array.from({ length: 3 }, () => [2, { by: 'mine', reason: 'at step 2' }]),
    );
  });

  test('a stop rule is one too', async () => {
    const stop = (): boolean => {
      throw new Error('bad rule');
    };
    await expect(tune(one, { runConfig: { stop } }).fit()).rejects.toMatchObject({
      code: 'PLUGIN_FAILED',
      message: expect.stringMatching(/^runConfig\.stop on "reported" of trial \w+ threw: bad rule\./),
    });
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['no decisions', { state: null }],
    ['a decision of an unknown kind', { state: null, decisions: [{ kind: 'kill', trial: 0, reason: 'why not' }] }],
    ['decisions that are none', { state: null, decisions: [null] }],
  ])('a scheduler that answers with %s is at fault', async (_, outcome) => {
    const tuner = tune(one, { tuneConfig: { scheduler: scheduler(() => outcome as never) } });
    await expect(tuner.fit()).rejects.toMatchObject({
      code: 'PLUGIN_FAILED',
      message: expect.stringMatching(/^mine\.decide on "queued" of trial \w+: expected/),
    });
    expect(journalOf((await tuner.getResults()).experimentPath).at(-1)).toMatchObject({ kind: 'closed' });
  });

  test.each<[string, Partial<Scheduler<null>>]>([
    ['check', { check: () => fail('too small') }],
    ['init', { init: () => fail('too small') }],
  ])('a scheduler that throws in %s is refused before anything is there', (hook, part) => {
    const broken: Scheduler<null> = { ...scheduler((state) => ({ state, decisions: [] })), ...part };
    expect(() => tune(one, { tuneConfig: { scheduler: broken } })).toThrow(
      expect.objectContaining({ code: 'PLUGIN_FAILED', message: expect.stringContaining(`mine.${hook} threw: too small.`) }),
    );
  });

  test('trialDirName is reported, not swallowed', async () => {
    const trialDirName = (): string => {
      throw new Error('no name');
    };
    await expect(tune(one, { runConfig: { trialDirName } }).fit()).rejects.toThrow(/^runConfig\.trialDirName of trial \w+ threw: no name\./);
  });
});

function fail(message: string): never {
  throw new Error(message);
}
