import { afterEach, expect, expectTypeOf, test, vi } from 'vitest';
import { definePhases } from '../../src/trainable/phases.ts';
import type { TrainableRef } from '../../src/trainable/trainable-ref.ts';
import { play } from './world.ts';

afterEach(() => vi.restoreAllMocks());

const metricsOf = async (trainable: TrainableRef<never>): Promise<unknown> => (await play(trainable.implementation, trainable.form)).ending;
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
  expect(given).toEqual([{ x: 1 }]);
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
    error: { code: 'METRIC_INVALID', message: expect.stringContaining('expected post to return an object, got 3') },
  });
  expect(await post({ fit_time: 1 })).toMatchObject({ how: 'failed', error: { message: expect.stringContaining('reserved key "fit_time"') } });
  expect(await post({})).toMatchObject({ how: 'completed' });
});

test('fit is required, and unknown phases are refused', () => {
  expect(() => definePhases(module(), {} as never)).toThrow(/TRAINABLE_INVALID/);
  expect(() => definePhases(module(), { fit: 3 } as never)).toThrow(/expected fit to be a function, got 3/);
  expect(() => definePhases(module(), { fit: () => 1, after: () => 1 } as never)).toThrow(/OPTION_UNKNOWN/);
});
