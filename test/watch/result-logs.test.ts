import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { trialId } from '../../src/trial/ids.ts';
import { rowFromJson } from '../../src/trial/row-json.ts';
import { resultLogs } from '../../src/watch/result-logs.ts';
import { rebuildTrialLogs, TrialLogs } from '../../src/watch/trial-logs.ts';
import { checkpointed, reported, Story, started, temporaryDirectory } from './story.ts';

const story = () => new Story(temporaryDirectory(onTestFinished));
const read = (path: string) => readFileSync(path, 'utf8');
const rowsOf = (told: Story, n: number) => read(told.fileOf(n, 'result.json')).split('\n').filter(Boolean).map(rowFromJson);
/** progress.csv as columns → cells, for cells without quotes. */
const csvOf = (told: Story, n: number) => {
  const [header = '', ...lines] = read(told.fileOf(n, 'progress.csv')).split('\r\n').slice(0, -1);
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [header.split(',')[i], cell])));
};

describe('resultLogs', () => {
  test('writes params.json, a row of result.json and a line of progress.csv for each report', async () => {
    const told = story();
    await told.runs({ momentum: 0.9, lr: 0.1 }, [{ score: 1 }, { score: 2 }]);
    expect(read(told.fileOf(0, 'params.json'))).toBe('{\n  "lr": 0.1,\n  "momentum": 0.9\n}\n');
    expect(rowsOf(told, 0)).toMatchObject([
      { score: 1, training_iteration: 1, config: { lr: 0.1, momentum: 0.9 }, checkpoint_dir_name: null },
      { score: 2, training_iteration: 2 },
    ]);
    expect(csvOf(told, 0)).toMatchObject([
      { score: '1', training_iteration: '1', hostname: 'here', done: 'false', checkpoint_dir_name: '' },
      { score: '2', time_total_s: '2' },
    ]);
    expect(Object.keys(csvOf(told, 0)[0] ?? {})).not.toContain('config/lr');
  });

  test('makes no directory for a trial that never reports', async () => {
    const told = story();
    await told.starts();
    await told.happens({ kind: 'stopped', trial: trialId(0), by: 'asha', reason: 'no' });
    expect(readdirSync(told.path)).toEqual([]);
  });

  test('writes a row once its checkpoint is on disk', async () => {
    const told = story();
    await told.starts();
    await told.happens(reported(0, 1, { score: 1 }, 'checkpoint_000000'));
    expect(existsSync(told.fileOf(0, 'result.json'))).toBe(false);
    await told.happens(checkpointed(0, 1, 'checkpoint_000000'));
    await told.happens(reported(0, 2, { score: 2 }, 'checkpoint_000001'));
    await told.happens({ kind: 'failed', trial: trialId(0), error: { name: 'Error', message: 'disk' } });
    expect(rowsOf(told, 0)).toMatchObject([
      { score: 1, checkpoint_dir_name: 'checkpoint_000000' },
      { score: 2, checkpoint_dir_name: null },
    ]);
  });

  test('adds a column that appears late to progress.csv', async () => {
    const told = story();
    await told.runs({}, [{ score: 1 }, { score: Infinity, eval: { loss: 3 } }, { score: Number.NaN }]);
    expect(csvOf(told, 0)).toMatchObject([
      { score: '1', 'eval/loss': '' },
      { score: 'inf', 'eval/loss': '3' },
      { score: '', 'eval/loss': '' },
    ]);
    expect(readdirSync(told.fileOf(0, '')).sort()).toEqual(['params.json', 'progress.csv', 'result.json']);
  });

  test('quotes what would break a line of CSV', async () => {
    const told = story();
    await told.runs({}, [{ note: 'a "b", c\nd', list: [1, 2] }]);
    expect(read(told.fileOf(0, 'progress.csv'))).toContain('"a ""b"", c\nd","[1,2]",');
  });

  test('appends every failure to error.txt, with its causes', async () => {
    const told = story();
    await told.starts();
    const error = { name: 'TypeError', message: 'no', stack: 'TypeError: no\n    at train.ts:3:1', cause: { name: 'Error', message: 'deep' } };
    await told.happens({ kind: 'retried', trial: trialId(0), error }, started(0));
    await told.happens({ kind: 'failed', trial: trialId(0), error: { name: 'Error', message: 'again' } });
    expect(read(told.fileOf(0, 'error.txt'))).toBe(
      'Failure # 1 (occurred at 2023-08-25_17-42-27)\nTypeError: no\n    at train.ts:3:1\nCaused by: Error: deep\n\n' +
        'Failure # 2 (occurred at 2023-08-25_17-42-27)\nError: again\n\n',
    );
  });

  test('writes the new configuration of an exploited trial to params.json', async () => {
    const told = story();
    for (const lr of [0.1, 0.2]) {
      const n = await told.starts({ lr });
      await told.happens(reported(n, 1, { score: n }, 'checkpoint_000000'));
      await told.happens(checkpointed(n, 1, 'checkpoint_000000'));
    }
    const exploited = { from: trialId(1), source: 'checkpoint_000000', checkpoint: 'checkpoint_000001', step: 1, config: { lr: 0.3 }, reason: 'low' } as const;
    await told.happens({ kind: 'exploited', trial: trialId(0), ...exploited }, started(0, 1));
    await told.happens(reported(0, 2, { score: 2 }));
    expect(JSON.parse(read(told.fileOf(0, 'params.json')))).toEqual({ lr: 0.3 });
    expect(rowsOf(told, 0).map((row) => row['config'])).toEqual([{ lr: 0.1 }, { lr: 0.3 }]);
  });

  test('goes on with the files of an earlier session, and drops a torn line', async () => {
    const told = story();
    await told.starts();
    await told.happens(reported(0, 1, { score: 1 }));
    writeFileSync(told.fileOf(0, 'result.json'), '{"score":2,"lo', { flag: 'a' });
    writeFileSync(told.fileOf(0, 'progress.csv'), '2,', { flag: 'a' });
    const later = new Story(told.path);
    await later.starts();
    await later.happens(reported(0, 1, { score: 3, loss: 4 }));
    expect(rowsOf(later, 0).map(({ score }) => score)).toEqual([1, 3]);
    expect(csvOf(later, 0)).toMatchObject([
      { score: '1', loss: '' },
      { score: '3', loss: '4' },
    ]);
  });

  test('opens its files again after a pause', async () => {
    const told = story();
    await told.starts();
    await told.happens(reported(0, 1, { score: 1 }));
    await told.happens({ kind: 'paused', by: 'asha', trial: trialId(0), reason: 'rung' });
    await told.happens(started(0, 1));
    await told.happens(reported(0, 2, { score: 2 }));
    expect(csvOf(told, 0).map(({ score }) => score)).toEqual(['1', '2']);
  });

  test('hands a write that failed to the next event, and goes on', async () => {
    const told = story();
    await told.starts();
    writeFileSync(told.fileOf(0, ''), 'a file where the directory should be');
    await told.happens(reported(0, 1, { score: 1 }));
    await expect(told.starts()).rejects.toThrow('EEXIST');
    await told.happens(reported(1, 1, { score: 1 }));
    expect(rowsOf(told, 1)).toHaveLength(1);
  });

  test('writes what is left, and closes, when it is disposed of', async () => {
    const told = story();
    await told.starts();
    const logs = told.callbacks[0] ?? resultLogs();
    const told1 = told.happens(reported(0, 1, { score: 1 }));
    await logs[Symbol.asyncDispose]?.();
    await told1;
    expect(rowsOf(told, 0)).toHaveLength(1);
  });

  test('writes the same files at once, report by report, from the journal, and over two sessions', async () => {
    const metric = fc.oneof(fc.double(), fc.constantFrom('a', true, null));
    const report = fc.dictionary(fc.constantFrom('score', 'x', 'a,b', 'q"'), fc.oneof(metric, fc.dictionary(fc.constantFrom('y', 'z'), metric)));
    await fc.assert(
      fc.asyncProperty(fc.array(report, { minLength: 1, maxLength: 6 }), fc.nat({ max: 5 }), async (reports, cut) => {
        const told = story();
        await told.starts({ lr: 1 });
        const rows: JsonObject[] = [];
        for (const [i, metrics] of reports.entries()) {
          await told.happens(reported(0, i + 1, metrics as JsonObject));
          rows.push(told.trials[0]?.last ?? {});
        }
        const [rebuilt, continued] = [join(told.path, 'rebuilt'), join(told.path, 'continued')];
        rebuildTrialLogs(rebuilt, { rows });
        rebuildTrialLogs(continued, { rows: rows.slice(0, cut) });
        if (cut < rows.length) appendAll(continued, rows.slice(cut));
        for (const file of ['result.json', 'progress.csv', 'params.json']) {
          const expected = read(told.fileOf(0, file));
          expect(read(join(rebuilt, file))).toBe(expected);
          expect(read(join(continued, file))).toBe(expected);
        }
      }),
      { numRuns: 30 },
    );
  });
});

function appendAll(dir: string, rows: readonly JsonObject[]): void {
  const logs = new TrialLogs(dir);
  for (const row of rows) logs.append([row]);
  logs.close();
}
