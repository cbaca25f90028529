import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import type { Config } from '../../src/space/config.ts';
import { definePhases, type RunKeys } from '../../src/trainable/phases.ts';
import type { TrainableRef } from '../../src/trainable/trainable-ref.ts';
import { play } from './world.ts';

afterEach(() => vi.restoreAllMocks());

const dir = mkdtempSync(join(tmpdir(), 'attune-phases-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const played = (trainable: TrainableRef<never>, config: Config = { x: 1 }): ReturnType<typeof play> =>
  play(trainable.implementation, trainable.form, { trial: { dir, config, id: 'abc_00007' } });
const metricsOf = async (trainable: TrainableRef<never>, config?: Config): Promise<unknown> => (await played(trainable, config)).ending;
let n = 0;
const module = (): string => `/lib/phases-${n++}.mjs`;

test('pre prepares, fit is timed, post scores', async () => {
  const trainable = definePhases(module(), {
    pre: async (config: { x: number }) => ({ data: [config.x, 2] }),
    fit: (config, { data }) => ({ weight: config.x + data.length }),
    post: (config, { weight }) => ({ score: weight * 10 + config.x }),
  });
  expectTypeOf(trainable).toExtend<TrainableRef<{ x: number }, { score: number } & { readonly fit_time: number }>>();
  expect(trainable.name).toMatch(/^phases-\d+$/);
  expect(await metricsOf(trainable)).toMatchObject({ how: 'completed', metrics: { score: 31, fit_time: expect.any(Number) } });
});

test('without pre, fit gets the configuration alone; without post there is the time only', async () => {
  let given: unknown[] = [];
  const trainable = definePhases(module(), {
    fit: (...all: unknown[]) => {
      given = all;
    },
  });
  expect(await metricsOf(trainable as never)).toMatchObject({ metrics: { fit_time: expect.any(Number) } });
  expect(given).toEqual([{ x: 1, experiment_id: 7, run_id: 0, out_path: dir }]);
  expect(JSON.parse(readFileSync(join(dir, 'config.json'), 'utf8'))).toEqual(given[0]);
});

test('only fit is timed', async () => {
  let ms = 0;
  const takes = (seconds: number) => () => {
    ms += seconds * 1000;
    return {};
  };
  vi.spyOn(performance, 'now').mockImplementation(() => ms);
  const ending = await metricsOf(definePhases(module(), { pre: takes(100), fit: takes(3), post: takes(100) }) as never);
  expect(ending).toMatchObject({ metrics: { fit_time: 3 } });
});

test('post returns an object, without a fit_time of its own', async () => {
  const post = (value: unknown): Promise<unknown> => metricsOf(definePhases(module(), { fit: () => 1, post: () => value as Record<string, number> }) as never);
  expect(await post(3)).toMatchObject({
    how: 'failed',
    error: { code: 'METRIC_INVALID', message: expect.stringContaining('post: expected an object of metrics, got 3') },
  });
  expect(await post({ fit_time: 1 })).toMatchObject({ how: 'failed', error: { message: expect.stringContaining('reserved key "fit_time"') } });
  expect(await post({})).toMatchObject({ how: 'completed' });
  expect(await post({ mean_accuracy: 0.9 })).toMatchObject({ how: 'completed' }); // a name like any other, while nobody asks for repetitions
});

test('fit is required, and unknown phases are refused', () => {
  expect(() => definePhases(module(), {} as never)).toThrow(/TRAINABLE_INVALID/);
  expect(() => definePhases(module(), { fit: 3 } as never)).toThrow(/expected fit to be a function, got 3/);
  expect(() => definePhases(module(), { fit: () => 1, after: () => 1 } as never)).toThrow(/OPTION_UNKNOWN/);
});

test('typed arrays are lists in the metrics; a tensor, which may lie on a device, is refused with what to write', async () => {
  class Tensor {
    readonly dtype = 'float32';
    dataSync(): void {}
  }
  const post = (value: unknown): Promise<unknown> => metricsOf(definePhases(module(), { fit: () => 1, post: () => ({ score: value }) }) as never);
  expect(await post(new Float32Array([1, 0.5]))).toMatchObject({ metrics: { score: [1, 0.5] } });
  expect(await post([{ deep: new Uint8Array([1]) }])).toMatchObject({ metrics: { score: [{ deep: [1] }] } });
  expect(await post(new Tensor())).toMatchObject({ how: 'failed', error: { code: 'METRIC_NOT_JSON', message: expect.stringContaining('a tf.Tensor') } });
  expect(await post(new BigInt64Array(1))).toMatchObject({ how: 'failed', error: { message: expect.stringContaining('a BigInt64Array') } });
  expect(await post(new DataView(new ArrayBuffer(8)))).toMatchObject({ how: 'failed', error: { message: expect.stringContaining('a DataView') } });
});

test('the functions of a definition can be taken from it', () => {
  const phases = { pre: () => 1, fit: () => 2, post: () => ({}) };
  const { pre, fit, post } = definePhases(module(), phases);
  expect({ pre, fit, post }).toEqual(phases);
  expect(definePhases(module(), { fit }).post).toBeUndefined();
});

describe('repetitions', () => {
  const scores = [{ accuracy: 0.9 }, { accuracy: 0.8 }, { accuracy: 0.85 }];
  const three = definePhases(
    module(),
    { fit: () => 1, post: ({ run_id }: { x: number } & RunKeys) => ({ ...scores[run_id] }) as { accuracy: number } },
    { repetitions: 3 },
  );

  test('each metric is a list, with its mean and the deviation of the population', async () => {
    expectTypeOf(three).toExtend<TrainableRef<{ x: number }, { mean_accuracy: number; std_accuracy: number; mean_fit_time: number }>>();
    expect(await metricsOf(three as never)).toMatchObject({
      metrics: {
        accuracy: [0.9, 0.8, 0.85],
        mean_accuracy: expect.closeTo(0.85, 12),
        std_accuracy: expect.closeTo(0.040824829, 9), // of the sample it would be 0.05
        fit_time: [expect.any(Number), expect.any(Number), expect.any(Number)],
        mean_fit_time: expect.any(Number),
        std_fit_time: expect.any(Number),
      },
    });
  });

  test('a report follows each, so that a scheduler can stop what is bad twice', async () => {
    const { events, ending } = await played(three as never);
    expect(events).toMatchObject([
      { kind: 'reported', step: 1, metrics: { accuracy: [0.9], mean_accuracy: 0.9, std_accuracy: 0 } },
      { kind: 'reported', step: 2, metrics: { accuracy: [0.9, 0.8] } },
    ]);
    expect(ending).toMatchObject({ how: 'completed', step: 3 });
  });

  test('each has a folder and a copy of the configuration; one alone has that of the trial', async () => {
    const seen: unknown[] = [];
    const fit = (config: Config & RunKeys): void => {
      seen.push(structuredClone(config));
      (config as Record<string, unknown>)['x'] = 'changed';
    };
    const once = definePhases(module(), { fit }, { repetitions: 1, name: 'once' });
    expectTypeOf(once).toExtend<TrainableRef<{ x: number }, { readonly fit_time: number }>>();
    const keeps = definePhases(module(), { fit }, { repetitions: 2 });
    await metricsOf(keeps as never);
    expect(seen).toEqual([0, 1].map((run_id) => ({ x: 1, experiment_id: 7, run_id, out_path: join(dir, String(run_id)) })));
    expect(JSON.parse(readFileSync(join(dir, '1', 'config.json'), 'utf8'))).toEqual(seen[1]);
  });

  test('the configuration decides where it says how many', async () => {
    expect(await metricsOf(three as never, { repetitions: 1 })).toMatchObject({ metrics: { accuracy: 0.9 }, step: 1 });
    expect(await metricsOf(three as never, { repetitions: 2 })).toMatchObject({ metrics: { accuracy: [0.9, 0.8] } });
    expect(await metricsOf(three as never, { repetitions: 0 })).toMatchObject({ how: 'failed', error: { code: 'CONFIG_INVALID' } });
    expect(() => definePhases(module(), { fit: () => 1 }, { repetitions: 1.5 })).toThrow(/expected repetitions to be an integer >= 1, got 1.5.*OPTION_RANGE/);
  });

  test('a metric that one lacks is null there and left out of the mean; what is no number has none; nested ones are aggregated where they stand', async () => {
    const rows = [{ a: 1, note: 'x', test: { loss: 2 } }, { note: 'y', late: [1], test: { loss: 4, f1: Number.NaN } }, { a: 3 }];
    const post = ({ run_id }: RunKeys): object => rows[run_id] as object;
    expect(await metricsOf(definePhases(module(), { fit: () => 1, post: post as never }, { repetitions: 3 }) as never)).toMatchObject({
      metrics: {
        ...{ a: [1, null, 3], mean_a: 2, std_a: 1, note: ['x', 'y', null], late: [null, [1], null] },
        test: { loss: [2, 4, null], mean_loss: 3, std_loss: 1, f1: [null, Number.NaN, null], mean_f1: Number.NaN },
      },
    });
  });

  test('what is added is reserved', async () => {
    const post = (name: string): Promise<unknown> =>
      metricsOf(definePhases(module(), { fit: () => 1, post: () => ({ [name]: 1 }) }, { repetitions: 2 }) as never);
    expect(await post('mean_accuracy')).toMatchObject({
      how: 'failed',
      error: { code: 'METRIC_INVALID', message: expect.stringContaining('reserved key "mean_accuracy"') },
    });
    expect(await post('std_x')).toMatchObject({ how: 'failed' });
    expect(await post('meaning')).toMatchObject({ how: 'completed' });
    const own = definePhases(module(), { fit: () => 1 });
    expect(await metricsOf(own as never, { run_id: 3 })).toMatchObject({
      how: 'failed',
      error: { code: 'CONFIG_INVALID', message: expect.stringContaining('"run_id"') },
    });
    expect(await metricsOf(own as never, { out_path: 'x' })).toMatchObject({ how: 'failed' });
  });
});
