import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ResultGrid } from '../../src/results/result-grid.ts';
import { trialId } from '../../src/trial/ids.ts';
import { reported, Story, temporaryDirectory } from '../watch/story.ts';

const story = () => new Story(temporaryDirectory(onTestFinished));

/** Three trials: two reports, none, one that has a metric more. */
async function threeTrials() {
  const told = story();
  await told.runs({ lr: 0.1, model: { act: 'relu' } }, [{ score: 1 }, { score: 2 }]);
  await told.starts({ lr: 0.2, model: { act: 'tanh' } });
  await told.runs({ lr: 0.3, model: { act: 'elu' } }, [{ score: 3, train: { loss: 4 } }]);
  return told;
}

describe("getDataFrame({ rows: 'all' })", () => {
  test('has a row per report of every trial, trial and step first, the configuration repeated', async () => {
    const table = new ResultGrid(await threeTrials()).getDataFrame({ rows: 'all' });
    expect(table.columnNames().slice(0, 2)).toEqual(['trial_id', 'training_iteration']);
    const shown = table.select('training_iteration', 'score', 'train/loss', 'config/lr', 'config/model/act').objects();
    expect(shown).toEqual([
      { training_iteration: 1, score: 1, 'train/loss': null, 'config/lr': 0.1, 'config/model/act': 'relu' },
      { training_iteration: 2, score: 2, 'train/loss': null, 'config/lr': 0.1, 'config/model/act': 'relu' },
      { training_iteration: 1, score: 3, 'train/loss': 4, 'config/lr': 0.3, 'config/model/act': 'elu' },
    ]);
    expect(new Set(table.array('trial_id')).size).toBe(2);
    expect(table.toCSV().trimEnd().split('\n')).toHaveLength(4);
  });

  test('is the tables of the trials, one below the other', async () => {
    const grid = new ResultGrid(await threeTrials());
    const rows = grid.getDataFrame({ rows: 'all' }).objects();
    const one = [...grid].flatMap((result) => result.metricsDataFrame().objects());
    expect(rows.map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)))).toEqual(
      one.map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))),
    );
  });

  test('of an experiment without a report is empty, but for its first columns', async () => {
    const table = new ResultGrid(story()).getDataFrame({ rows: 'all' });
    expect([table.numRows(), table.columnNames()]).toEqual([0, ['trial_id', 'training_iteration']]);
  });

  test('has them first, and the configuration as it was, whatever metrics are called', async () => {
    const told = story();
    await told.runs({ lr: 0.1 }, [{ 0: 7, 'config/lr': 99, score: 1 }]);
    const grid = new ResultGrid(told);
    const table = grid.getDataFrame({ rows: 'all' });
    expect(table.columnNames().slice(0, 3)).toEqual(['trial_id', 'training_iteration', '0']);
    for (const one of [table, grid.getDataFrame(), grid.at(0)?.metricsDataFrame()]) expect(one?.object()).toMatchObject({ 0: 7, 'config/lr': 0.1 });
  });

  test('takes no filter, and only what it knows', async () => {
    const grid = new ResultGrid<object, { score: number }>(story());
    expect(() => grid.getDataFrame({ rows: 'all', filterMetric: 'score' } as never)).toThrow("expected rows: 'all' or a filter, got both");
    expect(() => grid.getDataFrame({ rows: 'every' } as never)).toThrow(`getDataFrame: expected rows to be 'last' or 'all', got "every".`);
  });

  test('finds what readHistories has read, though the files are gone', async () => {
    const told = await threeTrials();
    const [grid, late] = [new ResultGrid(told), new ResultGrid(told)];
    await grid.readHistories();
    for (const { dir } of told.trials) rmSync(join(told.path, dir), { recursive: true, force: true });
    expect(grid.getDataFrame({ rows: 'all' }).numRows()).toBe(3);
    expect(() => late.getDataFrame({ rows: 'all' })).toThrow(expect.objectContaining({ code: 'RESULT_NOT_FOUND' }));
    await expect(late.readHistories()).rejects.toMatchObject({ code: 'RESULT_NOT_FOUND' });
  });
});

test('what needs last reports alone works without any history', async () => {
  const told = await threeTrials();
  for (const { dir } of told.trials) rmSync(join(told.path, dir), { recursive: true, force: true });
  const grid = new ResultGrid(told);
  expect(grid.getDataFrame().array('score')).toEqual([2, null, 3]);
  expect(grid.getBestResult().config).toMatchObject({ lr: 0.3 });
  expect([grid.getBestResults().length, grid.observations().length, grid.errors.length]).toEqual([1, 2, 0]);
  expect(grid.summary().best).toMatchObject([{ value: 3 }]);
});

describe('summary', () => {
  test('says what became of the trials, which is best, how long it took and what failed', async () => {
    const told = await threeTrials();
    const n = await told.starts({ lr: 0.4 });
    await told.happens(reported(n, 1, { score: 9 }), { kind: 'failed', trial: trialId(n), error: { name: 'RangeError', message: 'no\nroom' } });
    const summary = new ResultGrid({ ...told, trials: told.trials, path: '/results/test', openMs: 3_725_000, interrupted: 'SIGINT' }).summary();
    const [best, failed] = [2, 3].map((i) => told.trials[i]?.name);
    expect(summary).toEqual({
      ...{ name: 'test', path: '/results/test', wall_s: 3725, trial_s: 4, reports: 4, interrupted: 'SIGINT' },
      trials: { total: 4, PENDING: 0, RUNNING: 1, PAUSED: 0, TERMINATED: 2, ERROR: 1 },
      best: [{ metric: 'score', mode: 'max', value: 3, trial_id: best, config: { lr: 0.3, model: { act: 'elu' } } }],
      errors: [{ trial_id: failed, message: 'RangeError: no\nroom' }],
    });
    expect(String(summary).split('\n')).toEqual([
      'test: 4 trials: 2 completed, 1 running, 1 failed; interrupted by SIGINT',
      `best score (max): 3 of ${best}, lr=0.3 model/act="elu"`,
      'time: 1 h 2 min from start to end, 4 s in trials, 4 reports',
      `error of ${failed}: RangeError: no\\nroom`,
      'path: /results/test',
    ]);
    expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
  });

  test('of an experiment in which nothing has run', () => {
    const summary = new ResultGrid({ ...story(), trials: [], path: '/results/test' }).summary();
    expect(`${summary}`).toBe('test: 0 trials\nbest score (max): none\ntime: 0 s in trials, 0 reports\npath: /results/test');
  });
});
