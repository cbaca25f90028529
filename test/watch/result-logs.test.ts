import { existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import type { ExperimentEvent } from '../../src/trial/events.ts';
import { trialId } from '../../src/trial/ids.ts';
import { rowFromJson } from '../../src/trial/row-json.ts';
import type { LogFormat } from '../../src/watch/log-format.ts';
import { resultLogs } from '../../src/watch/result-logs.ts';
import { parseCsv } from './parse-csv.ts';
import { checkpointed, reported, Story, started, temporaryDirectory } from './story.ts';
import { readEvents } from './tensorboard/read-events.ts';

const story = () => new Story(temporaryDirectory(onTestFinished));
const read = (path: string) => readFileSync(path, 'utf8');
const rowsOf = (told: Story, n: number) => read(told.fileOf(n, 'result.json')).split('\n').filter(Boolean).map(rowFromJson);
const eventFileOf = (told: Story, n: number) => readdirSync(told.fileOf(n, '')).find((name) => name.endsWith('.attune')) ?? '';
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
    expect(readdirSync(told.fileOf(0, '')).sort()).toEqual([eventFileOf(told, 0), 'params.json', 'progress.csv', 'result.json']);
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

  test('a later session writes the files of a trial that goes on anew, whatever stands there', async () => {
    const told = story();
    await told.starts();
    await told.happens(reported(0, 1, { score: 1 }));
    const event = eventFileOf(told, 0);
    const [torn, lost] = ['{"score":2,"lo', '"a\n'];
    writeFileSync(told.fileOf(0, 'result.json'), torn, { flag: 'a' });
    writeFileSync(told.fileOf(0, 'progress.csv'), lost, { flag: 'a' });
    writeFileSync(told.fileOf(0, event), 'torn', { flag: 'a' });
    writeFileSync(told.fileOf(0, 'params.json'), '');
    writeFileSync(told.fileOf(0, 'events.out.tfevents.1.somebody-else'), 'kept');
    const later = await told.restored();
    expect(read(later.fileOf(0, 'params.json'))).toBe('{}\n');
    expect(read(later.fileOf(0, event))).not.toContain('torn');
    expect(read(later.fileOf(0, 'events.out.tfevents.1.somebody-else'))).toBe('kept');
    await later.happens(started(0, 1), reported(0, 2, { score: 3, loss: 4 }));
    expect(rowsOf(later, 0).map(({ score }) => score)).toEqual([1, 3]);
    expect(csvOf(later, 0)).toMatchObject([
      { score: '1', loss: '' },
      { score: '3', loss: '4' },
    ]);
  });

  test('keeps the files of trials that ended long ago, and removes those of trials that no event names', async () => {
    const told = story();
    await told.runs({}, [{ score: 1 }]);
    told.passes(120);
    await told.runs({}, [{ score: 2 }]);
    const count = told.lines.length;
    await told.runs({}, [{ score: 3 }]);
    writeFileSync(told.fileOf(0, 'result.json'), 'as it was');
    const later = await told.restored(undefined, count);
    expect(read(later.fileOf(0, 'result.json'))).toBe('as it was');
    expect(rowsOf(later, 1)).toMatchObject([{ score: 2 }]);
    await later.starts();
    await later.happens({ kind: 'stopped', trial: trialId(2), by: 'asha', reason: 'no' });
    expect(readdirSync(later.fileOf(2, ''))).toEqual([]);
  });

  test('goes on with a trial that had failed for good', async () => {
    const told = story();
    await told.starts();
    await told.happens(reported(0, 1, { score: 1 }));
    await told.happens({ kind: 'failed', trial: trialId(0), error: { name: 'Error', message: 'first' } });
    told.passes(120);
    await told.happens({ kind: 'closed', why: 'done' });
    const later = await told.restored();
    await later.happens({ kind: 'retried', trial: trialId(0), error: { name: 'Error', message: 'first' }, resumed: true }, started(0));
    await later.happens(reported(0, 1, { score: 2 }));
    await later.happens({ kind: 'failed', trial: trialId(0), error: { name: 'Error', message: 'second' } });
    expect(rowsOf(later, 0).map(({ score }) => score)).toEqual([1, 2]);
    expect(read(later.fileOf(0, 'error.txt')).match(/Error: \w+/g)).toEqual(['Error: first', 'Error: second']);
  });

  test('writes a row whose checkpoint was being saved when the session before ended', async () => {
    const told = story();
    await told.starts();
    await told.happens(reported(0, 1, { score: 1 }), reported(0, 2, { score: 2 }, 'checkpoint_000000'));
    const later = await told.restored();
    expect(rowsOf(later, 0)).toHaveLength(1);
    await later.happens(checkpointed(0, 2, 'checkpoint_000000'));
    expect(rowsOf(later, 0)).toMatchObject([{ score: 1 }, { score: 2, checkpoint_dir_name: 'checkpoint_000000' }]);
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

  test('warns of a write that failed, once, and goes on', async () => {
    const told = story();
    await told.starts();
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    onTestFinished(() => warned.mockRestore());
    writeFileSync(told.fileOf(0, ''), 'a file where the directory should be');
    await told.happens(reported(0, 1, { score: 1 }));
    expect(warned.mock.calls).toEqual([[expect.stringMatching(/^result-logs: .*EEXIST/), expect.objectContaining({ type: 'AttuneWarning' })]]);
    await told.starts();
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

  test.each<[readonly LogFormat[], readonly string[]]>([
    [['json'], ['params.json', 'result.json']],
    [['csv'], ['progress.csv']],
    [['tensorboard'], ['events.out.tfevents.1692985347.attune']],
    [[], []],
  ])('writes %s alone, and error.txt whatever is chosen', async (formats, files) => {
    const told = new Story(temporaryDirectory(onTestFinished), { callbacks: [resultLogs({ formats })] });
    await told.starts();
    await told.happens(reported(0, 1, { score: 1 }));
    await told.happens({ kind: 'failed', trial: trialId(0), error: { name: 'Error', message: 'no' } });
    expect(readdirSync(told.fileOf(0, '')).sort()).toEqual(['error.txt', ...files].sort());
  });

  test('of another choice than before leaves nothing of the old one behind', async () => {
    const told = story();
    await told.starts();
    await told.happens(reported(0, 1, { score: 1 }));
    const later = await told.restored([resultLogs({ formats: ['csv'] })]);
    expect(readdirSync(later.fileOf(0, ''))).toEqual(['progress.csv']);
    const last = await later.restored();
    expect(readdirSync(last.fileOf(0, ''))).toHaveLength(4);
    expect(rowsOf(last, 0)).toMatchObject([{ score: 1 }]);
  });

  test('of another choice than before keeps what it does not write of a trial that is over', async () => {
    const told = story();
    await told.runs({}, [{ score: 1 }]);
    await told.starts();
    await told.happens(reported(1, 1, { score: 2 }), { kind: 'failed', trial: trialId(1), error: { name: 'Error', message: 'no' } });
    const before = [0, 1].map((n) => readdirSync(told.fileOf(n, '')));
    for (const formats of [['csv'], []] as const) {
      const later = await told.restored([resultLogs({ formats })]);
      expect([0, 1].map((n) => readdirSync(later.fileOf(n, '')))).toEqual(before);
      expect(rowsOf(later, 1)).toMatchObject([{ score: 2 }]);
    }
    const resumed = await told.restored([resultLogs({ formats: ['csv'] })]);
    await resumed.happens({ kind: 'retried', trial: trialId(1), error: { name: 'Error', message: 'no' }, resumed: true }, started(1, 1));
    expect(readdirSync(resumed.fileOf(1, ''))).toEqual(['error.txt', 'progress.csv']);
    expect(readdirSync(resumed.fileOf(0, ''))).toEqual(before[0]);
  });

  test('writes 500 metrics, odd names and values of a million characters so that each format gives them back', async () => {
    const told = story();
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`group ${i % 7}/m,"${i}"\n.x`, i / 3]));
    const long = 'π"\r\n,'.repeat(200_000);
    await told.runs({ lr: 1 }, [{ ...many }, { ...many, long }]);
    expect(rowsOf(told, 0)).toMatchObject([many, { ...many, long }]);
    const [header = [], first = [], second = []] = parseCsv(read(told.fileOf(0, 'progress.csv')));
    for (const [key, value] of Object.entries(many)) expect(second[header.indexOf(key)]).toBe(String(value));
    expect([first, second].map((record) => record[header.indexOf('long')])).toEqual(['', long]);
    const events = readEvents(told.fileOf(0, eventFileOf(told, 0))).filter(({ scalars }) => scalars.size > 0);
    const floats = Object.entries(many).map(([key, value]) => [key, Math.fround(value)]);
    for (const { scalars } of events) expect([...scalars].filter(([key]) => key in many)).toEqual(floats);
    expect(events).toHaveLength(2);
  });

  test('refuses a format that there is not', () => {
    expect(() => resultLogs({ formats: ['tensorbord' as never] })).toThrow('Did you mean "tensorboard"?');
    expect(() => resultLogs({ format: [] } as never)).toThrow('Did you mean "formats"?');
  });

  test('leaves the files of a trial that has just ended alone when they have all of it', async () => {
    const told = story();
    await told.runs({ lr: 1 }, [{ score: 1 }, { score: 2 }]);
    await told.runs({ lr: 1 }, [{ score: 1 }, { score: 2, late: { 'a,"': 1 } }, { score: 3 }]);
    await told.starts();
    await told.happens(reported(2, 1, { score: 1 }), { kind: 'stopped', trial: trialId(2), by: 'asha', reason: 'no' });
    const change = (n: number, name: string) => writeFileSync(told.fileOf(n, name), read(told.fileOf(n, name)).replace('lr', 'LR').replace('true', 'TRUE'));
    for (const n of [0, 1, 2]) change(n, 'params.json'); // nothing that a look at the end of a file finds
    const before = [0, 1, 2].map((n) => filesOf(told, n));
    await told.restored();
    expect([0, 1, 2].map((n) => filesOf(told, n))).toEqual(before);
    await told.restored([resultLogs({ formats: [] })]);
    expect([0, 1, 2].map((n) => filesOf(told, n))).toEqual(before);
  });

  test('law: whichever file of a trial that has just ended lost whatever of its end, it is written anew', async () => {
    const report = fc.dictionary(fc.constantFrom('score', 'x', 'a,b', 'q"', 'done'), fc.oneof(fc.double(), fc.boolean(), fc.constant('a\r\n"b')));
    const step = fc.record({ report, then: fc.constantFrom('goes on', 'saves', 'pauses', 'fails') });
    const cut = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), fc.boolean(), fc.nat(), cut, async (steps, atOnce, which, share) => {
        const told = story();
        await told.starts({ lr: 1 });
        const events: readonly ExperimentEvent[] = [...eventsOf(steps), { kind: 'completed', trial: trialId(0) }];
        if (atOnce) await told.happens(...events);
        else for (const event of events) await told.happens(event);
        const expected = filesOf(told);
        const names = Object.keys(expected);
        const path = told.fileOf(0, names[which % names.length] as string);
        if (share === 0) rmSync(path);
        else truncateSync(path, Math.floor(share * statSync(path).size));
        await told.restored();
        if (!atOnce) expect(filesOf(told)).toEqual(expected); // a batch is shown as it stood at its end, and told again line by line
        expect(Object.keys(filesOf(told))).toEqual(names);
        expect(rowsOf(told, 0)).toHaveLength(steps.length);
      }),
      { numRuns: 100 },
    );
  });

  test('law: whatever happens, and wherever a session ends, the files are those of one session', async () => {
    const metric = fc.oneof(fc.double(), fc.constantFrom('a', 'a\r\n"b', true, null));
    const report = fc.dictionary(fc.constantFrom('score', 'x', 'a,b', 'q"'), fc.oneof(metric, fc.dictionary(fc.constantFrom('y', 'z'), metric)));
    const step = fc.record({ report, then: fc.constantFrom('goes on', 'saves', 'pauses', 'fails') });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), fc.double({ min: 0, max: 1, noNaN: true }), async (steps, cut) => {
        const told = story();
        await told.starts({ lr: 1 });
        for (const event of eventsOf(steps)) await told.happens(event);
        await told.happens({ kind: 'completed', trial: trialId(0) });
        const expected = filesOf(told);
        const count = 2 + Math.floor(cut * (told.lines.length - 2));
        const later = await told.restored(undefined, count);
        for (const line of told.lines.slice(count)) await later.happens(line);
        expect(filesOf(later)).toEqual(expected);
        expect(filesOf(await later.restored())).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });
});

/** Reports of trial 0, and what becomes of it after each. */
function eventsOf(steps: readonly { readonly report: object; readonly then: string }[]): readonly ExperimentEvent[] {
  return steps.flatMap(({ report, then }, i): ExperimentEvent[] => {
    const [trial, name, step] = [trialId(0), `checkpoint_00000${i}`, i + 1];
    const happens = reported(0, step, report as JsonObject, then === 'saves' ? name : undefined);
    if (then === 'saves') return [happens, checkpointed(0, step, name)];
    if (then === 'pauses') return [happens, { kind: 'paused', trial, by: 'asha', reason: 'rung' }, started(0, step)];
    if (then === 'fails') return [happens, { kind: 'retried', trial, error: { name: 'Error', message: 'no' } }, started(0, step)];
    return [happens];
  });
}

const filesOf = (told: Story, n = 0) => Object.fromEntries(readdirSync(told.fileOf(n, '')).map((name) => [name, readFileSync(told.fileOf(n, name), 'latin1')]));
