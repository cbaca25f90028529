import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { NO_TOTALS, nextRow, type RowFacts, totalsFrom, violationOf, withCheckpoint } from '../../src/trial/row.ts';

const facts: RowFacts = { name: '6e465_00007', tag: '7_lr=0.1000', config: { lr: 0.1 }, pid: 42, host: 'here', thread: 3 };
const at = Date.UTC(2023, 7, 25, 17, 42, 27, 900);

const report = (metrics: JsonObject, seconds = 1.5) => ({ metrics, at, seconds });

describe('nextRow', () => {
  test('adds the automatic keys to the metrics of the user', () => {
    expect(nextRow(NO_TOTALS, report({ loss: 0.5 }), facts).row).toEqual({
      loss: 0.5,
      timestamp: 1692985347,
      done: false,
      training_iteration: 1,
      trial_id: '6e465_00007',
      date: '2023-08-25_17-42-27',
      time_this_iter_s: 1.5,
      time_total_s: 1.5,
      pid: 42,
      hostname: 'here',
      node_ip: '127.0.0.1',
      thread_id: 3,
      config: { lr: 0.1 },
      time_since_restore: 1.5,
      iterations_since_restore: 1,
      checkpoint_dir_name: null,
      experiment_tag: '7_lr=0.1000',
    });
  });

  test('counts reports and adds up seconds', () => {
    const { totals } = nextRow(NO_TOTALS, report({}), facts);
    expect(nextRow(totals, report({}, 2), facts).row).toMatchObject({ training_iteration: 2, time_this_iter_s: 2, time_total_s: 3.5 });
  });

  test('lets the user set done, training_iteration, time_this_iter_s, timestamp and totals', () => {
    const own = { done: true, training_iteration: 50, time_this_iter_s: 9, timestamp: 1, time_total_s: 100, timesteps_this_iter: 5, timesteps_total: 7 };
    expect(nextRow(NO_TOTALS, report(own), facts).row).toMatchObject(own);
    expect(nextRow(NO_TOTALS, report(own), facts).totals).toMatchObject({ iteration: 1, timeTotal: 9 });
  });

  test('keeps every other automatic key for itself', () => {
    expect(nextRow(NO_TOTALS, report({ trial_id: 'mine', config: 'mine', pid: 0 }), facts).row).toMatchObject({
      trial_id: '6e465_00007',
      config: { lr: 0.1 },
      pid: 42,
    });
  });

  test('has totals of steps and episodes only for those who report them', () => {
    const first = nextRow(NO_TOTALS, report({ timesteps_this_iter: 10 }), facts);
    expect(first.row).toMatchObject({ timesteps_total: 10, timesteps_since_restore: 10 });
    expect(first.row).not.toHaveProperty('episodes_total');
    expect(nextRow(first.totals, report({ episodes_this_iter: 2 }), facts).row).toMatchObject({ timesteps_total: 10, episodes_total: 2 });
  });

  test('keeps NaN as it is, and does not let it poison the totals', () => {
    const { row, totals } = nextRow(NO_TOTALS, report({ loss: Number.NaN, time_this_iter_s: Number.NaN }), facts);
    expect(row).toMatchObject({ loss: Number.NaN, time_this_iter_s: 1.5 });
    expect(totals.timeTotal).toBe(1.5);
  });

  test('does not touch what it is given', () => {
    const metrics = Object.freeze({ loss: 1 });
    expect(() => nextRow(Object.freeze({ ...NO_TOTALS }), Object.freeze(report(metrics)), facts)).not.toThrow();
  });
});

describe('totalsFrom', () => {
  test('goes on from the row of a checkpoint, and counts anew since the restore', () => {
    const first = nextRow(NO_TOTALS, report({ timesteps_this_iter: 10 }, 4), facts);
    const totals = totalsFrom({ step: 1, row: first.row });
    expect(nextRow(totals, report({ timesteps_this_iter: 1 }, 1), facts).row).toMatchObject({
      training_iteration: 2,
      time_total_s: 5,
      timesteps_total: 11,
      time_since_restore: 1,
      iterations_since_restore: 1,
      timesteps_since_restore: 1,
    });
  });
});

describe('a row', () => {
  test('names its checkpoint once that is on disk', () => {
    expect(withCheckpoint({ loss: 1, checkpoint_dir_name: null }, 'checkpoint_000000')).toEqual({ loss: 1, checkpoint_dir_name: 'checkpoint_000000' });
  });

  test('holds how far the constraints are violated, and NaN is as far as can be', () => {
    const { row } = nextRow(NO_TOTALS, { ...report({}), violation: 2 }, facts);
    expect(violationOf(row)).toBe(2);
    expect(violationOf({ constraint_violation: Number.NaN })).toBe(Infinity);
    expect(violationOf({})).toBe(0);
  });
});
