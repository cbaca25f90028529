import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { fifo } from '../../schedulers/fifo.ts';
import type { Callback, Config, ExperimentView, JournalLine, Reporter, RunConfig, Searcher, TrialContext, TuneConfig } from '../../src/index.ts';
import { choice, gridSearch, hooks, inline, randint, run, Tuner, uniform } from '../../src/index.ts';
import { journalOf, rowsOf, temporaryStorage } from './temporary-storage.ts';

const storagePath = temporaryStorage();
const quiet = { storagePath, verbose: 0 } as const;
const objective = { metric: 'loss', mode: 'min' } as const;

interface Options {
  readonly paramSpace?: Record<string, unknown>;
  readonly tuneConfig?: TuneConfig;
  readonly runConfig?: RunConfig;
}
type Train = (config: Config, trial: TrialContext) => unknown;

const tune = (train: Train, { paramSpace = { x: uniform(0, 1) }, tuneConfig = {}, runConfig = {} }: Options = {}) =>
  new Tuner(train as never, { paramSpace, tuneConfig: { seed: 7, ...objective, ...tuneConfig } as TuneConfig, runConfig: { ...quiet, ...runConfig } });

/** Reports the step as the loss, `steps` times. */
const count =
  (steps: number): Train =>
  async (_, trial) => {
    while (trial.iteration < steps) await trial.report({ loss: trial.iteration + 1 });
  };

describe('which configurations run', () => {
  test('a grid of three, three times: nine trials with nine draws', async () => {
    const grid = await tune(() => 1, { paramSpace: { batch: gridSearch([16, 32, 64]), lr: uniform(0, 1), fixed: true }, tuneConfig: { numSamples: 3 } }).fit();
    const configs = [...grid].map(({ config }) => config as { batch: number; lr: number; fixed: boolean });
    expect(configs.map(({ batch }) => batch)).toEqual([16, 32, 64, 16, 32, 64, 16, 32, 64]);
    expect(new Set(configs.map(({ lr }) => lr)).size).toBe(9);
    expect(configs.every(({ fixed }) => fixed)).toBe(true);
  });

  test('points replace samples; what they leave open is drawn, and a grid is swept', async () => {
    const pointsToEvaluate = [{ a: 2, b: 2 }, { a: 1 }, { b: 2 }];
    const grid = await tune(() => 1, { paramSpace: { a: gridSearch([1, 2]), b: randint(0, 3) }, tuneConfig: { numSamples: 4, pointsToEvaluate } }).fit();
    const configs = [...grid].map(({ config }) => config as { a: number; b: number });
    expect(configs).toHaveLength(6);
    expect(configs.map(({ a }) => a)).toEqual([2, 1, 1, 2, 1, 2]);
    expect([configs[0]?.b, configs[2]?.b, configs[3]?.b]).toEqual([2, 2, 2]);
  });

  test('what is enqueued runs before the searcher is asked again', async () => {
    const order: number[] = [];
    const tuner = tune(({ x }) => (order.push(x as number), 1), {
      tuneConfig: { numSamples: 2 },
      runConfig: { callbacks: [hooks({ onTrialStart: (trial) => void (trial.id === 0 && tuner.enqueue({ x: 0.75 })) })] },
    });
    void tuner.enqueue({ x: 0.25 });
    const grid = await tuner.fit();
    expect(grid.length).toBe(4);
    expect(order.slice(0, 2)).toEqual([0.25, 0.75]);
  });

  test('the same seed gives the same configurations, whatever else differs', async () => {
    const paramSpace = { x: uniform(0, 1), n: randint(0, 1000), c: choice(['a', 'b', 'c']) };
    const configsOf = async (workers: number, extra: object = {}) => {
      const grid = await tune(count(2), {
        paramSpace: { ...paramSpace, ...extra },
        tuneConfig: { numSamples: 5 },
        runConfig: { executor: inline({ workers }) },
      }).fit();
      return [...grid].map(({ config: { x, n, c } }) => ({ x, n, c }));
    };
    const [once, again, wider] = [await configsOf(1), await configsOf(3), await configsOf(1, { more: uniform(0, 1) })];
    expect(again).toEqual(once);
    expect(wider).toEqual(once);
  });

  test('a searcher may answer later', async () => {
    const searchAlg: Searcher = {
      name: 'thinking',
      async suggest({ index, samples, rng, breathe }) {
        for (let i = 0; i < 3; i++) await breathe();
        return index < samples ? { kind: 'config', config: { x: rng.next() } } : { kind: 'done' };
      },
    };
    const grid = await tune(count(2), { tuneConfig: { numSamples: 4, searchAlg }, runConfig: { executor: inline({ workers: 2 }) } }).fit();
    expect(grid.numTerminated).toBe(4);
  });

  test('any numbers of samples, workers and points: every trial once, every file of it, a journal that is whole', async () => {
    const given = fc.record({
      samples: fc.integer({ min: 1, max: 5 }),
      workers: fc.integer({ min: 1, max: 4 }),
      points: fc.integer({ min: 0, max: 3 }),
      limit: fc.option(fc.integer({ min: 1, max: 3 })),
    });
    await fc.assert(
      fc.asyncProperty(given, async ({ samples, workers, points, limit }) => {
        const pointsToEvaluate = Array.from({ length: points }, (_, i) => ({ x: i / 10 }));
        const tuneConfig = { numSamples: samples, pointsToEvaluate, ...(limit === null ? {} : { maxConcurrentTrials: limit }) };
        const grid = await tune(count(2), { tuneConfig, runConfig: { executor: inline({ workers }) } }).fit();
        expect(grid.length).toBe(Math.max(samples, points));
        for (const { path, status } of grid) {
          expect(status).toBe('TERMINATED');
          expect(readdirSync(path).sort()).toEqual([
            expect.stringMatching(/^events\.out\.tfevents\.\d+\.attune$/),
            'params.json',
            'progress.csv',
            'result.json',
          ]);
          expect(rowsOf(path)).toHaveLength(2);
        }
        expect(journalOf(grid.experimentPath).at(-1)).toMatchObject({ kind: 'closed' });
      }),
      { numRuns: 20 },
    );
  });
});

describe('how many at once', () => {
  const most = async (tuneConfig: TuneConfig, workers: number): Promise<number> => {
    let running = 0;
    let peak = 0;
    const train: Train = async (_, trial) => {
      running += 1;
      peak = Math.max(peak, running);
      for (let step = 0; step < 3; step++) await trial.report({ loss: step });
      running -= 1;
    };
    await tune(train, { tuneConfig: { ...tuneConfig, numSamples: 8 }, runConfig: { executor: inline({ workers }) } }).fit();
    return peak;
  };
  test('as many as the executor has slots', async () => expect(await most({}, 3)).toBe(3));
  test('but at most maxConcurrentTrials', async () => expect(await most({ maxConcurrentTrials: 2 }, 4)).toBe(2));
});

describe('stop rules', () => {
  const stepsWith = async (accuracies: readonly number[], stop: RunConfig['stop']): Promise<number> => {
    const train: Train = async (_, trial) => {
      for (;;) await trial.report({ loss: 1, mean_accuracy: accuracies[trial.iteration] ?? 0.5, eval: { loss: 1 / (trial.iteration + 1) } });
    };
    const grid = await tune(train, { runConfig: { stop: stop as never } }).fit();
    return grid.get(0).metrics.training_iteration;
  };
  const either = { training_iteration: 10, mean_accuracy: 0.98 };
  test('any threshold that is reached', async () => expect(await stepsWith([0.5, 0.99], either)).toBe(2));
  test('or the other one', async () => expect(await stepsWith([], either)).toBe(10));
  test('an expression', async () => expect(await stepsWith([], 'eval.loss < 0.3 or training_iteration >= 100')).toBe(4));
  test('a function', async () => expect(await stepsWith([], (id, metrics) => id.endsWith('_00000') && metrics['eval/loss'] === 0.2)).toBe(5));
  test('a target to go below', async () => expect(await stepsWith([], { metric: 'eval/loss', mode: 'min', value: 0.5 })).toBe(2));
  test('several of them', async () => expect(await stepsWith([], [{ mean_accuracy: 0.9 }, 'training_iteration == 3'])).toBe(3));

  test('the reason is shown', async () => {
    const grid = await tune(count(99), { runConfig: { stop: { training_iteration: 3 } } }).fit();
    expect(grid.get(0).reason).toEqual({ by: 'stop', reason: 'training_iteration 3 >= 3' });
  });
});

describe('the time budget', () => {
  test('stops what runs at its next report, starts nothing more, and keeps the results', async () => {
    const grid = await tune(count(Number.POSITIVE_INFINITY), {
      tuneConfig: { numSamples: -1, timeBudgetS: 0.05 },
      runConfig: { executor: inline({ workers: 2 }) },
    }).fit();
    expect(grid.length).toBe(2);
    for (const { status, reason, metrics } of grid) {
      expect([status, reason?.by]).toEqual(['TERMINATED', 'timeBudgetS']);
      expect(metrics['loss']).toBe(metrics.training_iteration);
    }
    expect(journalOf(grid.experimentPath).at(-1)).toMatchObject({ kind: 'closed', why: 'the time budget of 0.05 s is used up' });
  });

  test('may be longer than a timer can be', async () => expect((await tune(count(1), { tuneConfig: { timeBudgetS: 1e7 } }).fit()).numTerminated).toBe(1));
});

describe('a row', () => {
  test('has the automatic keys beside the metrics, in the result and in result.json', async () => {
    const grid = await tune(count(2), { tuneConfig: { numSamples: 1 } }).fit();
    const { metrics, path, config } = grid.get(0);
    const expected = {
      ...{
        loss: 2,
        done: true,
        training_iteration: 2,
        trial_id: expect.stringMatching(/^[0-9a-f]{5}_00000$/),
        config,
        pid: process.pid,
        hostname: expect.any(String),
      },
      ...{
        node_ip: '127.0.0.1',
        timestamp: expect.any(Number),
        date: expect.stringMatching(/^\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d$/),
        time_this_iter_s: expect.any(Number),
      },
      ...{ time_total_s: expect.any(Number), time_since_restore: expect.any(Number), iterations_since_restore: 2, checkpoint_dir_name: null },
      ...{ experiment_tag: expect.stringMatching(/^0_x=/), thread_id: expect.any(Number) },
    };
    expect(metrics).toEqual(expected);
    const rows = rowsOf(path);
    expect(Object.keys(rows[1] ?? {}).sort()).toEqual(Object.keys(expected).sort());
    expect(rows.map((row) => row['training_iteration'])).toEqual([1, 2]);
    expect(JSON.parse(readFileSync(join(path, 'params.json'), 'utf8'))).toEqual(config);
  });

  test('a number is the metric of the experiment, and what a function returns is its last report', async () => {
    const grid = await tune(async (_, trial) => {
      await trial.report(5);
      return 3;
    }).fit();
    expect(rowsOf(grid.get(0).path).map((row) => row['loss'])).toEqual([5, 3]);
  });

  test('NaN and infinities are the worst loss, and no error', async () => {
    const losses = [Number.NaN, 3, Number.NEGATIVE_INFINITY];
    const grid = await tune(({ i }) => losses[i as number], { paramSpace: { i: gridSearch([0, 1, 2]) } }).fit();
    expect(grid.numErrors).toBe(0);
    expect(grid.getBestResult().config).toEqual({ i: 1 });
    expect(readFileSync(join(grid.get(0).path, 'result.json'), 'utf8')).toContain('"loss":null');
    expect(journalOf(grid.experimentPath).find((line) => line.kind === 'reported')).toMatchObject({ metrics: { loss: Number.NaN } });
  });
});

describe('the journal', () => {
  test('has a line for everything that happened, each of them JSON, from created to closed', async () => {
    const grid = await tune(count(2), { tuneConfig: { numSamples: 2 }, runConfig: { stop: { training_iteration: 2 }, name: 'a-journal' } }).fit();
    const lines = journalOf(grid.experimentPath);
    const trial = ['started', 'reported', 'reported', 'stopped'];
    expect(lines.map(({ kind }) => kind)).toEqual(['created', 'opened', 'queued', ...trial, 'queued', 'exhausted', ...trial, 'closed']);
    expect(lines[0]).toMatchObject({
      schema: 1,
      name: 'a-journal',
      seed: 7,
      objectives: [objective],
      searcher: { name: 'basicVariant' },
      scheduler: { name: 'fifo' },
    });
    expect(lines[1]).toMatchObject({ pid: process.pid, samples: 2, slots: 1 });
    expect(lines.at(-1)).toMatchObject({ why: 'all trials have ended' });
    expect(lines.filter(({ decisions }) => decisions).map((line) => [line.kind, line.decisions])).toEqual(
      [0, 1].map((id) => ['reported', [{ kind: 'stop', trial: id, reason: 'training_iteration 2 >= 2', by: 'stop', rule: true }]]),
    );
    for (const { at } of lines) expect(Number.isFinite(at)).toBe(true);
    expect(JSON.parse(readFileSync(join(grid.experimentPath, 'experiment.json'), 'utf8'))).toEqual(JSON.parse(JSON.stringify(lines[0])));
    expect(existsSync(join(grid.experimentPath, 'lock'))).toBe(false);
  });
});

describe('callbacks', () => {
  const recording = (): Callback & { readonly lines: JournalLine[] } => {
    const lines: JournalLine[] = [];
    return { name: 'recording', lines, onEvent: (line) => void lines.push(line) };
  };

  test('see what the journal has, in order, after it was written', async () => {
    const seen = recording();
    const checking: Callback = {
      name: 'checking',
      onEvent: (line, { path }) => expect(journalOf(path)).toContainEqual(line),
    };
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const grid = await tune(count(3), {
      tuneConfig: { numSamples: 3 },
      runConfig: { callbacks: [seen, checking], executor: inline({ workers: 2 }) },
    }).fit();
    expect(seen.lines).toEqual(journalOf(grid.experimentPath));
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
  });

  test('one that throws, rejects or cannot close is a warning, and no more', async () => {
    const warnings: string[] = [];
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation((text) => void warnings.push(String(text)));
    const throwing: Callback = {
      name: 'throwing',
      onEvent: (line) => {
        if (line.kind === 'completed') throw new Error('sync');
      },
    };
    const rejecting: Callback = { name: 'rejecting', onEvent: (line) => (line.kind === 'completed' ? Promise.reject(new Error('async')) : undefined) };
    const stuck: Callback = { name: 'stuck', onEvent() {}, [Symbol.asyncDispose]: () => Promise.reject(new Error('at the end')) };
    const grid = await tune(count(1), { runConfig: { callbacks: [throwing, rejecting, stuck] } }).fit();
    warned.mockRestore();
    expect(grid.numTerminated).toBe(1);
    const off = 'it is switched off, and the run goes on.';
    expect(warnings.sort()).toEqual([
      `callback "rejecting".onEvent on "completed" of trial ${grid.at(0)?.metrics.trial_id} threw: async; ${off}`,
      'callback "stuck" threw when it was closed: at the end.',
      `callback "throwing".onEvent on "completed" of trial ${grid.at(0)?.metrics.trial_id} threw: sync; ${off}`,
    ]);
  });

  test('are closed once, after the last line, and fit() waits for them', async () => {
    const order: string[] = [];
    const slow: Callback = {
      name: 'slow',
      onEvent: (line) => void order.push(line.kind),
      async [Symbol.asyncDispose]() {
        await new Promise((resolve) => setImmediate(resolve));
        order.push('disposed');
      },
    };
    await tune(count(1), { runConfig: { callbacks: [slow] } }).fit();
    expect(order.slice(-2)).toEqual(['closed', 'disposed']);
  });

  test('loggers replace the files of the trials; the reporter writes what the console shows, to standard error alone', async () => {
    const logger = recording();
    const [out, err] = (['stdout', 'stderr'] as const).map((name) => vi.spyOn(process[name], 'write').mockImplementation(() => true));
    const reporter: Reporter = ({ done, cpus }) => `${done} done on ${cpus.used} CPUs\n`;
    const grid = await tune(count(1), { runConfig: { loggers: [logger], reporter, verbose: 1 } }).fit();
    const said = err?.mock.calls.map(([text]) => String(text)).join('');
    expect(out?.mock.calls).toEqual([]);
    vi.restoreAllMocks();
    expect(said).toContain('\n1 done on 0 CPUs\n');
    expect(said).toContain(`Results: ${grid.experimentPath}\n`);
    expect(existsSync(grid.get(0).path)).toBe(false);
    expect(logger.lines).toEqual(journalOf(grid.experimentPath));
  });
});

describe('names', () => {
  test('a trial has the folder that trialDirName gives, made safe and unique', async () => {
    const grid = await tune(count(1), {
      tuneConfig: { numSamples: 3 },
      runConfig: { trialDirName: ({ name }) => (name.endsWith('0') ? '../up/and away' : 'same') },
    }).fit();
    const names = [...grid].map(({ path }) => basename(path));
    expect(names[0]).toBe('.._up_and away');
    expect(names[1]).toBe('same');
    expect(names[2]).toMatch(/^same_[0-9a-f]{5}_00002$/);
    for (const { path } of grid) {
      expect(dirname(path)).toBe(grid.experimentPath);
      expect(existsSync(path)).toBe(true);
    }
  });

  test('the resources are handed to the trials', async () => {
    let seen: unknown;
    await tune((_, trial) => ((seen = trial.resources), 1), { runConfig: { resources: { gpu: 0.5 } } }).fit();
    expect(seen).toEqual({ gpu: 0.5 });
  });
});

describe('a Tuner', () => {
  test('runs once', async () => {
    const tuner = tune(count(1));
    await tuner.fit();
    await expect(tuner.fit()).rejects.toMatchObject({ code: 'NOT_RUN' });
  });

  test('has results once it has run', async () => {
    const tuner = tune(count(1));
    await expect(tuner.getResults()).rejects.toMatchObject({ code: 'NOT_RUN' });
    const grid = await tuner.fit();
    expect([...(await tuner.getResults())].map(({ metrics }) => metrics)).toEqual([...grid].map(({ metrics }) => metrics));
  });

  test('and another can run side by side', async () => {
    const grids = await Promise.all([1, 2, 3].map((steps) => tune(count(steps), { tuneConfig: { numSamples: 2 } }).fit()));
    expect(grids.map((grid) => grid.get(1).metrics.training_iteration)).toEqual([1, 2, 3]);
  });

  test('without a metric runs all the same', async () => {
    const grid = await new Tuner((_: Config, trial: TrialContext) => trial.report({ seen: 1 }), {
      runConfig: quiet,
      tuneConfig: { scheduler: fifo(), numSamples: 2 },
    }).fit();
    expect(grid.numTerminated).toBe(2);
    expect(() => grid.getBestResult()).toThrow(/METRIC_INVALID/);
  });
});

test('run takes every option flat and gives the same grid', async () => {
  const train = ({ x }: { x: number }): number => x * x;
  const grid = await run(train, { ...quiet, config: { x: gridSearch([-2, 1, 3]) }, metric: 'loss', mode: 'min', seed: 7, name: 'flat' });
  expect(grid.getBestConfig()).toEqual({ x: 1 });
  expect(grid.experimentPath).toBe(join(storagePath, 'flat'));
});

test('whoever watches sees where a trial runs before it has reported', async () => {
  const views: ExperimentView[] = [];
  const seen: unknown[] = [];
  const train: Train = async (_, trial) => {
    while ((views[0]?.trials[0]?.where?.host ?? '') === '') await new Promise((resolve) => setImmediate(resolve));
    seen.push(views[0]?.trials[0]?.where?.pid, views[0]?.trials[0]?.last);
    await trial.report({ loss: 1 });
  };
  const onEvent: Callback['onEvent'] = (_, view) => void views.push(view);
  await tune(train, { runConfig: { callbacks: [{ name: 'watcher', onEvent }], executor: inline({ workers: 1 }) } }).fit();
  expect(seen).toEqual([process.pid, undefined]);
});
