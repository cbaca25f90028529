import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json.ts';
import { numbersOf } from '../../../src/trial/metrics.ts';
import { isTensorBoardLog, TensorBoardLog } from '../../../src/watch/tensorboard/tensorboard-log.ts';
import { temporaryDirectory } from '../story.ts';
import { type ReadEvent, readEvents } from './read-events.ts';

const AT = Date.UTC(2023, 7, 25, 17, 42, 27, 625);

function logged(rows: readonly JsonObject[], end?: 'success' | 'failure'): { readonly events: readonly ReadEvent[]; readonly name: string } {
  const dir = temporaryDirectory(onTestFinished);
  const log = new TensorBoardLog(dir);
  for (const [i, row] of rows.entries()) {
    log.append([{ row, at: AT + i * 1000 }]);
    if (i % 2 === 1) log.close(); // a pause
  }
  if (end) log.end(end, AT + 99_000);
  log.close();
  const [name = ''] = readdirSync(dir);
  return { name, events: readEvents(join(dir, name)) };
}

const scalarsOf = (events: readonly ReadEvent[]) => events.filter(({ scalars }) => scalars.size > 0).map(({ scalars }) => Object.fromEntries(scalars));

describe('an event file', () => {
  test('has its version, the configuration, the scalars of each report, and the end', () => {
    const config = { lr: 0.1, act: 'relu', bias: true, model: { layers: [32, 16], none: null } };
    const row = (n: number): JsonObject => ({ score: n / 3, eval: { loss: n }, config, training_iteration: n, trial_id: 'a', done: false });
    const { events, name } = logged([row(1), row(2)], 'success');
    expect(name).toBe('events.out.tfevents.1692985347.attune');
    expect(isTensorBoardLog(name)).toBe(true);
    expect(events).toMatchObject([
      { wall_time: 1692985347.625, file_version: 'brain.Event:2', step: 0n },
      { step: 0n, hparams: { session_start_info: { start_time_secs: 1692985347.625 } } },
      { wall_time: 1692985347.625, step: 1n },
      { wall_time: 1692985348.625, step: 2n },
      { wall_time: 1692985446.625, step: 2n, hparams: { session_end_info: { status: 'STATUS_SUCCESS', end_time_secs: 1692985446.625 } } },
    ]);
    expect(events[1]?.hparams?.session_start_info?.hparams).toEqual({
      lr: { number_value: 0.1 },
      act: { string_value: 'relu' },
      bias: { bool_value: true },
      'model/layers': { string_value: '[32,16]' },
    });
    expect(scalarsOf(events)).toEqual([1, 2].map((n) => ({ score: Math.fround(n / 3), 'eval/loss': n })));
  });

  test('says that a trial has failed', () => {
    expect(logged([{ score: 1 }], 'failure').events.at(-1)?.hparams?.session_end_info?.status).toBe('STATUS_FAILURE');
  });

  test('leaves out what is no number, and what says where and when the trial ran', () => {
    const rest = { pid: 1, thread_id: 2, timestamp: 3, training_iteration: 4, config: { x: 5 } };
    const { events } = logged([{ ...rest, a: 'text', b: null, c: [1], d: true, e: 6, f: Number.NaN, g: -Infinity, h: 1e300, time_total_s: 7 }]);
    expect(scalarsOf(events)).toEqual([{ e: 6, f: Number.NaN, g: -Infinity, h: Infinity, time_total_s: 7 }]);
    expect(events.at(-1)?.step).toBe(4n);
  });

  test('has one scalar where a flat and a nested name meet: the one that counts everywhere', () => {
    expect(
      scalarsOf(
        logged([
          { eval: { loss: 3 }, 'eval/loss': 7 },
          { 'eval/loss': 7, eval: { loss: 3 } },
        ]).events,
      ),
    ).toEqual([{ 'eval/loss': 7 }, { 'eval/loss': 7 }]);
  });

  test('counts timesteps where they are reported', () => {
    const { events } = logged([
      { training_iteration: 1, timesteps_total: 512 },
      { training_iteration: 2, timesteps_total: Number.NaN },
    ]);
    expect(events.slice(2).map(({ step, scalars }) => [step, [...scalars.keys()]])).toEqual([
      [512n, ['training_iteration']],
      [2n, ['timesteps_total']],
    ]);
  });

  test('law: every number of every row is read back, whatever the names, at any step', () => {
    const name = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('a', 'b', 'a/b', 'b/a', 'a/b/a', 'a.b', 'a,b', 'a"b', 'a\nb', 'π', 'x'.repeat(200)),
    );
    const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(-0, 2 ** 31, 2 ** 53, 2 ** 70));
    const value = fc.oneof(number, fc.string(), fc.constant(null), fc.array(fc.integer()), fc.dictionary(name, fc.oneof(number, fc.dictionary(name, number))));
    const row = fc.record({
      metrics: fc.dictionary(name, value, { maxKeys: 8 }),
      step: fc.oneof(fc.maxSafeInteger(), fc.nat(300), fc.double({ noNaN: true, noDefaultInfinity: true })),
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 4 }), (rows) => {
        const { events } = logged(rows.map(({ metrics, step }) => ({ ...(metrics as Record<string, Json>), training_iteration: step })));
        const reports = events.slice(2);
        expect(reports.map(({ step }) => step)).toEqual(rows.map(({ step }) => clamped(step)));
        for (const [i, { scalars }] of reports.entries()) {
          const numbers = numbersOf(rows[i]?.metrics as JsonObject);
          expect(Object.fromEntries(scalars)).toEqual(
            Object.fromEntries(Object.entries(numbers).map(([key, n]) => [Buffer.from(key).toString(), Math.fround(n)])),
          );
        }
      }),
    );
  });

  test('law: hyperparameters are read back', () => {
    const value = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.string({ unit: 'grapheme' }),
      fc.boolean(),
      fc.constant('x'.repeat(1_000_000)),
    );
    const key = fc.string({ unit: 'grapheme' }).filter((name) => name !== '__proto__'); // which the reader of this test drops from its maps
    fc.assert(
      fc.property(fc.dictionary(key, value), (config) => {
        const read = logged([{ config }]).events[1]?.hparams?.session_start_info?.hparams ?? {};
        expect(Object.fromEntries(Object.entries(read).map(([key, kind]) => [key, Object.values(kind)[0]]))).toEqual({ ...config });
      }),
      { numRuns: 30 },
    );
  });
});

const clamped = (step: number): bigint => BigInt.asIntN(64, [2n ** 63n - 1n, BigInt(Math.trunc(step)), -(2n ** 63n)].sort((a, b) => (a < b ? -1 : 1))[1] ?? 0n);
