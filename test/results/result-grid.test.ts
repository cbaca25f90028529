import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { ResultGrid } from '../../src/results/result-grid.ts';
import { SCOPES, type Scope } from '../../src/results/scope.ts';
import type { Config } from '../../src/space/config.ts';
import { trialId } from '../../src/trial/ids.ts';
import type { Mode, Objective } from '../../src/trial/metrics.ts';
import { reported, Story, temporaryDirectory } from '../watch/story.ts';

const story = (objectives?: readonly Objective[]) => new Story(temporaryDirectory(onTestFinished), objectives ? { objectives } : {});

/** A grid of one trial per history of `score`, maximised. */
async function gridOf(...histories: readonly (readonly number[])[]) {
  const told = story();
  for (const [i, scores] of histories.entries())
    await told.runs(
      { i },
      scores.map((score) => ({ score })),
    );
  return new ResultGrid<{ i: number }>(told);
}

const bestOf = (grid: ResultGrid<{ i: number }>, mode: Mode, scope: Scope) => grid.getBestResult({ metric: 'score', mode, scope }).config.i;
const seven = (first: number, middle: number, last: number) => [first, ...Array<number>(7).fill(middle), last];

describe('ResultGrid', () => {
  test('holds every trial in order, whatever became of it', async () => {
    const told = story();
    await told.runs({ i: 0 }, [{ score: 1 }]);
    await told.starts({ i: 1 });
    await told.happens({
      kind: 'failed',
      trial: trialId(1),
      error: { name: 'TypeError', message: 'no', stack: 'TypeError: no\n    at train.ts:3:1', code: 'E_NO' },
    });
    await told.starts({ i: 2 });
    const grid = new ResultGrid(told);
    expect(grid.length).toBe(3);
    expect([...grid].map(({ status }) => status)).toEqual(['TERMINATED', 'ERROR', 'RUNNING']);
    expect(grid.at(-1)?.config).toEqual({ i: 2 });
    expect(grid.at(3)).toBeUndefined();
    expect(grid.get(told.trials[1]?.name ?? '').config).toEqual({ i: 1 });
    expect(() => grid.get(3)).toThrow(expect.objectContaining({ code: 'RESULT_NOT_FOUND' }));
    expect(grid.experimentPath).toBe(told.path);
    expect([grid.numErrors, grid.hasErrors, grid.numTerminated]).toEqual([1, true, 1]);
    expect(grid.errors[0]).toMatchObject({ name: 'TypeError', message: 'no', code: 'E_NO' });
    expect(grid.errors[0]?.stack).toBe('TypeError: no\n    at train.ts:3:1');
  });

  test('has no errors when nothing failed', async () => {
    const grid = await gridOf([1]);
    expect(grid.errors).toEqual([]);
    expect(grid.hasErrors).toBe(false);
  });
});

describe('getBestResult', () => {
  test('gives the winners of five histories in every scope', async () => {
    const grid = await gridOf(seven(5, 4, 0), seven(4, 3, 1), seven(2, 1, 8), seven(9, 7, 6), seven(7, 5, 3));
    expect(bestOf(grid, 'max', 'all')).toBe(3);
    expect(bestOf(grid, 'min', 'all')).toBe(0);
    expect(bestOf(grid, 'max', 'last')).toBe(2);
    expect(bestOf(grid, 'max', 'avg')).toBe(3);
    expect(bestOf(grid, 'min', 'avg')).toBe(2);
    expect(bestOf(grid, 'max', 'last-5-avg')).toBe(3);
    expect(bestOf(grid, 'min', 'last-5-avg')).toBe(2);
    expect(bestOf(grid, 'max', 'last-10-avg')).toBe(3);
    expect(bestOf(grid, 'min', 'last-10-avg')).toBe(2);
  });

  test('takes the last value unless told otherwise', async () => {
    const grid = await gridOf([0.9, 0.5], [0.6, 0.6]);
    expect(grid.getBestResult().config.i).toBe(1);
    expect(grid.getBestResult({ scope: 'all' }).config.i).toBe(0);
    expect(grid.getBestResult({ scope: 'avg' }).config.i).toBe(0);
    expect(grid.getBestConfig()).toEqual({ i: 1 });
  });

  test('finds the worst trial with the mode turned around', async () => {
    expect((await gridOf([3], [1], [2])).getBestResult({ mode: 'min' }).config.i).toBe(1);
  });

  test('prefers the first of equal trials', async () => {
    expect((await gridOf([1], [2], [2])).getBestResult().config.i).toBe(1);
  });

  test('passes over NaN and infinities', async () => {
    const grid = await gridOf([Number.NaN], [1], [Infinity]);
    expect(grid.getBestResult().config.i).toBe(1);
    expect(grid.getBestResult({ filterNanAndInf: false }).config.i).toBe(2);
    expect((await gridOf([Number.NaN], [-Infinity])).getBestResult({ filterNanAndInf: false }).config.i).toBe(1);
  });

  test('forgets nothing for one NaN on the way', async () => {
    const grid = await gridOf([5, Number.NaN, 6], [5.5, 5.5]);
    expect(grid.getBestResult({ scope: 'all' }).config.i).toBe(0);
    expect(bestOf(grid, 'min', 'all')).toBe(0);
    expect(grid.getBestResult({ scope: 'avg' }).config.i).toBe(0);
  });

  test('asks of a single trial what it asks of many', async () => {
    const nan = await gridOf([Number.NaN]);
    expect(() => nan.getBestResult()).toThrow('expected a trial with a "score" (scope "last"), got 1 trial: 1 NaN or infinite there.');
    expect(() => nan.getBestResult({ metric: 'scroe', mode: 'max' })).toThrow('Numbers reported: "score",');
  });

  test('leaves out trials that failed, and says so when none is left', async () => {
    const told = story();
    await told.starts({});
    await told.happens(reported(0, 1, { score: 9 }), { kind: 'failed', trial: trialId(0), error: { name: 'Error', message: 'late' } });
    expect(() => new ResultGrid(told).getBestResult()).toThrow('1 failed');
    await told.runs({ i: 1 }, [{ score: 1 }]);
    expect(new ResultGrid(told).getBestConfig()).toEqual({ i: 1 });
  });

  /** One trial for each pair. */
  const constrained = async (...pairs: readonly (readonly [score: number, violation: number])[]) => {
    const told = story();
    for (const [score, violation] of pairs) {
      const n = await told.starts({ score });
      await told.happens({ ...reported(n, 1, { score }), violation } as ReturnType<typeof reported>);
    }
    return new ResultGrid(told);
  };

  test('leaves out trials that break a constraint', async () => {
    expect((await constrained([9, 1], [5, 0], [8, 0.5])).getBestConfig()).toEqual({ score: 5 });
  });

  test('says how far the nearest was from being feasible when none is', async () => {
    const grid = await constrained([9, 1], [8, 0.5]);
    expect(() => grid.getBestResult()).toThrow(
      'expected a feasible trial with a "score" (scope "last"), got 2 trials: 2 infeasible (constraints broken by 0.5 at least)',
    );
    expect(grid.getBestResults()).toEqual([]);
  });

  test('takes the last value that was reported when the last report has none', async () => {
    const told = story();
    await told.runs({ i: 0 }, [{ score: 5 }, { other: 1 }]);
    await told.runs({ i: 1 }, [{ score: 4 }]);
    expect(new ResultGrid(told).getBestConfig()).toEqual({ i: 0 });
  });

  test('takes null for no value, as the engine does', async () => {
    const told = story();
    await told.runs({ i: 0 }, [{ score: 5 }, { score: null }]);
    await told.runs({ i: 1 }, [{ score: 4 }]);
    expect(new ResultGrid(told).getBestConfig()).toEqual({ i: 0 });
    const never = story();
    await never.runs({}, [{ score: null }]);
    expect(() => new ResultGrid(never).getBestResult()).toThrow('1 never reported it');
  });

  test('finds nested metrics', async () => {
    const told = story([{ metric: 'eval/loss', mode: 'min' }]);
    await told.runs({ i: 0 }, [{ eval: { loss: 2 } }]);
    await told.runs({ i: 1 }, [{ eval: { loss: 1 } }]);
    expect(new ResultGrid(told).getBestConfig({ scope: 'all' })).toEqual({ i: 1 });
  });

  test('reads no file for the last values, and says which one it misses for the others', async () => {
    const grid = await gridOf([1], [2]);
    rmSync(grid.experimentPath, { recursive: true });
    expect(grid.getBestResult().config.i).toBe(1);
    expect(grid.getDataFrame().numRows()).toBe(2);
    expect(() => grid.getBestResult({ scope: 'all' })).toThrow(/result\.json, got none/);
  });

  test('refuses what it cannot understand', async () => {
    const grid = await gridOf([1]);
    const code = (code: string) => expect.objectContaining({ code });
    expect(() => grid.getBestResult({ metric: 'loss' } as never)).toThrow(code('METRIC_INVALID'));
    expect(() => grid.getBestResult({ mode: 'best' } as never)).toThrow(code('METRIC_INVALID'));
    expect(() => grid.getBestResult({ metric: 3, mode: 'max' } as never)).toThrow('getBestResult: expected the name of a metric, got 3.');
    expect(() => grid.getBestResult({ scope: 'first' } as never)).toThrow(code('OPTION_RANGE'));
    expect(() => grid.getBestResult({ metrik: 'score' } as never)).toThrow(code('OPTION_UNKNOWN'));
    expect(() => new ResultGrid(story([])).getBestResult()).toThrow(code('METRIC_INVALID'));
    const two = new ResultGrid(
      story([
        { metric: 'a', mode: 'min' },
        { metric: 'b', mode: 'max' },
      ]),
    );
    expect(() => two.getBestResult()).toThrow('expected one metric, got the 2 of the experiment: "a", "b".');
    expect(() => new ResultGrid(story()).getBestResult()).toThrow('got an experiment without trials');
  });

  test('equals brute force', async () => {
    const value = fc.oneof({ weight: 5, arbitrary: fc.integer({ min: -3, max: 3 }) }, fc.constantFrom(Number.NaN, Infinity, -Infinity));
    const histories = fc.array(fc.array(value, { maxLength: 12 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(histories, fc.constantFrom(...SCOPES), fc.constantFrom<Mode>('min', 'max'), async (scores, scope, mode) => {
        const grid = await gridOf(...scores);
        const values = scores.map((history) => bruteForce(history, scope, mode)).map((x) => (Number.isFinite(x) ? x : undefined));
        const finite = values.filter((x) => x !== undefined);
        if (finite.length === 0) return void expect(() => bestOf(grid, mode, scope)).toThrow(expect.objectContaining({ code: 'RESULT_NOT_FOUND' }));
        expect(bestOf(grid, mode, scope)).toBe(values.indexOf(mode === 'min' ? Math.min(...finite) : Math.max(...finite)));
      }),
      { numRuns: 60 },
    );
  });
});

function bruteForce(history: readonly number[], scope: Scope, mode: Mode): number {
  if (scope === 'last') return history.at(-1) ?? Number.NaN;
  const numbers = (scope === 'last-5-avg' ? history.slice(-5) : scope === 'last-10-avg' ? history.slice(-10) : history).filter((x) => !Number.isNaN(x));
  if (scope === 'all') return numbers.length === 0 ? Number.NaN : mode === 'min' ? Math.min(...numbers) : Math.max(...numbers);
  return numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
}

describe('getBestResults', () => {
  test('is the Pareto front, in order of the grid', async () => {
    const told = story([
      { metric: 'loss', mode: 'min' },
      { metric: 'acc', mode: 'max' },
    ]);
    for (const [loss, acc] of [
      [2, 0.9],
      [1, 0.5],
      [2, 0.8],
      [Number.NaN, 1],
      [1, 0.5],
    ] as const)
      await told.runs({ loss, acc }, [{ loss, acc }]);
    expect(new ResultGrid(told).getBestResults().map(({ metrics }) => metrics.trial_id.slice(-1))).toEqual(['0', '1', '4']);
  });

  test('is every trial that ties, with one objective', async () => {
    expect((await gridOf([2], [1], [2])).getBestResults().map(({ config }) => config.i)).toEqual([0, 2]);
  });

  test('is without the trials that break a constraint', async () => {
    const told = story([
      { metric: 'a', mode: 'min' },
      { metric: 'b', mode: 'min' },
    ]);
    const runs = async (a: number, b: number, violation: number) => {
      const n = await told.starts({ a });
      await told.happens({ ...reported(n, 1, { a, b }), violation } as ReturnType<typeof reported>);
    };
    const front = () => new ResultGrid<{ a: number }>(told).getBestResults().map(({ config }) => config.a);
    await runs(1, 1, 2);
    expect(front()).toEqual([]);
    await runs(9, 9, 0);
    await runs(0, 0, Infinity);
    await runs(8, 10, 0);
    await runs(9, 11, 0);
    expect(front()).toEqual([9, 8]);
  });

  test('is empty when nothing can be compared', async () => {
    expect((await gridOf([Number.NaN])).getBestResults()).toEqual([]);
  });
});

describe('getDataFrame', () => {
  const twoTrials = async () => {
    const told = story();
    await told.runs({ lr: 0.1, model: { units: 8 } }, [{ score: 5, eval: { loss: 1 } }, { score: 3 }]);
    await told.runs({ lr: 0.2, model: { units: 16 } }, [{ score: 2 }, { score: 4 }, { score: 4 }]);
    await told.starts({ lr: 0.3, model: { units: 32 } });
    return { told, grid: new ResultGrid(told) };
  };

  test('has one row per trial: its last report, its configuration and its directory', async () => {
    const { told, grid } = await twoTrials();
    const frame = grid.getDataFrame();
    expect(frame.select('training_iteration', 'score', 'config/lr', 'config/model/units', 'logdir').objects()).toEqual([
      { training_iteration: 2, score: 3, 'config/lr': 0.1, 'config/model/units': 8, logdir: told.fileOf(0, '') },
      { training_iteration: 3, score: 4, 'config/lr': 0.2, 'config/model/units': 16, logdir: told.fileOf(1, '') },
      { training_iteration: null, score: null, 'config/lr': 0.3, 'config/model/units': 32, logdir: told.fileOf(2, '') },
    ]);
  });

  test('shows the first best report of the whole history when filtered', async () => {
    const { grid } = await twoTrials();
    const rows = grid.getDataFrame({ filterMetric: 'score', filterMode: 'max' }).select('training_iteration', 'score', 'eval/loss').objects();
    expect(rows.slice(0, 2)).toEqual([
      { training_iteration: 1, score: 5, 'eval/loss': 1 },
      { training_iteration: 2, score: 4, 'eval/loss': null },
    ]);
    expect(grid.getDataFrame({ filterMetric: 'score' }).array('score')).toEqual([5, 4, null]);
  });

  test('shows the last report of a trial that never had the metric of the filter', async () => {
    const { grid } = await twoTrials();
    expect(grid.getDataFrame({ filterMetric: 'eval/loss', filterMode: 'min' }).array('score')).toEqual([5, 4, null]);
  });

  test('refuses a mode without a metric', async () => {
    const { grid } = await twoTrials();
    expect(() => grid.getDataFrame({ filterMode: 'max' } as never)).toThrow(expect.objectContaining({ code: 'METRIC_INVALID' }));
  });

  test('is an empty table for an experiment without trials', () => {
    expect(new ResultGrid(story()).getDataFrame().numRows()).toBe(0);
  });
});

describe('observations', () => {
  test('are configurations with their losses, lower is better, NaN worst', async () => {
    const grid = await gridOf([1, 2], [Number.NaN], []);
    expect(grid.observations()).toEqual([
      { config: { i: 0 }, losses: [-2] },
      { config: { i: 1 }, losses: [Number.MAX_VALUE] },
    ]);
    expect(grid.observations({ metric: 'training_iteration', mode: 'min' }).map(({ losses }) => losses)).toEqual([[2], [1]]);
  });

  test('say by how much a trial breaks a constraint', async () => {
    const told = story();
    for (const violation of [0.5, 0, Number.POSITIVE_INFINITY]) {
      const n = await told.starts({ i: violation === 0 ? 0 : 1 });
      await told.happens({ ...reported(n, 1, { score: 3 }), violation } as ReturnType<typeof reported>);
    }
    expect(new ResultGrid(told).observations()).toEqual([
      { config: { i: 1 }, losses: [-3], violation: 0.5 },
      { config: { i: 0 }, losses: [-3] },
      { config: { i: 1 }, losses: [-3], violation: Number.POSITIVE_INFINITY },
    ]);
  });
});

describe('Result', () => {
  const withCheckpoints = async (rows: readonly JsonObject[], config: Config = { lr: 1 }) => {
    const told = new Story(temporaryDirectory(onTestFinished), { checkpoints: { frequency: 1, atEnd: false, scoreAttribute: 'score' } });
    const n = await told.starts(config);
    for (const [i, metrics] of rows.entries()) {
      const checkpoint = `checkpoint_00000${i}`;
      mkdirSync(told.fileOf(n, checkpoint), { recursive: true });
      await told.happens(reported(n, i + 1, metrics, checkpoint));
      await told.happens({ kind: 'checkpointed', trial: trialId(n), step: i + 1, checkpoint });
    }
    await told.happens({ kind: 'stopped', trial: trialId(n), by: 'asha', reason: 'rung 3' });
    return { told, result: new ResultGrid(told).get(n) };
  };

  test('has the last report with the automatic keys, and why the trial ended', async () => {
    const { told, result } = await withCheckpoints([{ score: 1 }, { score: 2 }]);
    expect(result.metrics).toMatchObject({
      score: 2,
      training_iteration: 2,
      done: true,
      thread_id: 3,
      checkpoint_dir_name: 'checkpoint_000001',
      config: { lr: 1 },
    });
    expect(result.config).toEqual({ lr: 1 });
    expect(result.reason).toEqual({ by: 'asha', reason: 'rung 3' });
    expect(result.error).toBeUndefined();
    expect(join(result.path, 'result.json')).toBe(told.fileOf(0, 'result.json'));
  });

  test('has the automatic keys of a trial that never reported', async () => {
    const told = story();
    await told.starts({ lr: 1 });
    const { metrics, checkpoint } = new ResultGrid(told).get(0);
    expect(metrics).toMatchObject({ training_iteration: 0, done: false, trial_id: told.trials[0]?.name, config: { lr: 1 } });
    expect(Object.keys(metrics).sort()).toEqual(
      Object.keys((await gridOf([1])).get(0).metrics)
        .filter((key) => key !== 'score')
        .sort(),
    );
    expect(checkpoint).toBeUndefined();
  });

  test('opens its newest checkpoint, and the others from worst to best', async () => {
    const { told, result } = await withCheckpoints([{ score: 0.5 }, { score: 0.9 }, { loss: 1 }]);
    expect(result.checkpoint?.path).toBe(told.fileOf(0, 'checkpoint_000002'));
    expect(result.bestCheckpoints.map(({ checkpoint }) => checkpoint.path.slice(-1))).toEqual(['2', '0', '1']);
    expect(result.bestCheckpoints.at(-1)?.metrics['score']).toBe(0.9);
  });

  test('finds the best checkpoint by any metric', async () => {
    const { result } = await withCheckpoints([
      { score: 0.5, loss: Number.NaN },
      { score: 0.9, loss: 3 },
      { score: 0.1, loss: 4 },
    ]);
    expect(result.getBestCheckpoint().path).toMatch(/checkpoint_000001$/);
    expect(result.getBestCheckpoint('loss', 'max').path).toMatch(/checkpoint_000002$/);
    expect(result.getBestCheckpoint('training_iteration', 'min').path).toMatch(/checkpoint_000000$/);
    expect(() => result.getBestCheckpoint('acc', 'max')).toThrow('expected a checkpoint of trial');
  });

  test('has its whole history as a table', async () => {
    const { result } = await withCheckpoints([{ score: 1 }, { score: 2, eval: { loss: 3 } }], { model: { units: 8 } });
    expect(result.metricsDataFrame().select('training_iteration', 'score', 'eval/loss', 'config/model/units').objects()).toEqual([
      { training_iteration: 1, score: 1, 'eval/loss': null, 'config/model/units': 8 },
      { training_iteration: 2, score: 2, 'eval/loss': 3, 'config/model/units': 8 },
    ]);
  });
});
