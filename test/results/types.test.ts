import { describe, expectTypeOf, test } from 'vitest';
import type { Checkpoint } from '../../src/checkpoint/checkpoint.ts';
import type { MetricKey } from '../../src/results/metric-key.ts';
import type { ResultGrid } from '../../src/results/result-grid.ts';

interface Config {
  readonly lr: number;
  readonly momentum: 0.8 | 0.9;
}
interface MyMetrics {
  readonly loss: number;
  readonly eval: { readonly acc: number; readonly name: string };
  readonly curve: readonly number[];
  readonly note?: string;
}

declare const grid: ResultGrid<Config, MyMetrics>;
declare const untyped: ResultGrid;

/** Never called: these lines are for the compiler. */
function compiles(): void {
  expectTypeOf(grid.getBestResult().config).toEqualTypeOf<Config>();
  expectTypeOf(grid.getBestConfig({ scope: 'all' })).toEqualTypeOf<Config>();
  expectTypeOf(grid.getBestResult().metrics.training_iteration).toEqualTypeOf<number>();
  expectTypeOf(grid.getBestResult().metrics.loss).toEqualTypeOf<number | undefined>();
  expectTypeOf(grid.getBestResult().metrics.config).toEqualTypeOf<Config>();
  expectTypeOf(grid.observations()[0]?.config).toEqualTypeOf<Config | undefined>();
  expectTypeOf(grid.at(0)?.checkpoint).toEqualTypeOf<Checkpoint | undefined>();
  for (const result of grid) expectTypeOf(result.config.momentum).toEqualTypeOf<0.8 | 0.9>();

  grid.getBestResult({ metric: 'eval/acc', mode: 'max' });
  grid.getBestResult({ metric: 'time_total_s', mode: 'min' });
  grid.getBestResult({ mode: 'min' });
  grid.getDataFrame({ filterMetric: 'loss', filterMode: 'min' });
  grid.get(0).getBestCheckpoint('loss', 'min');
  untyped.getBestResult({ metric: 'anything', mode: 'max' });
  // @ts-expect-error a metric without its mode
  grid.getBestResult({ metric: 'loss' });
  // @ts-expect-error a misspelt metric
  grid.getBestResult({ metric: 'lss', mode: 'min' });
  // @ts-expect-error a metric that is no number
  grid.getBestResult({ metric: 'eval/name', mode: 'min' });
  // @ts-expect-error a mode without a metric
  grid.getDataFrame({ filterMode: 'min' });
  // @ts-expect-error a metric without its mode
  grid.get(0).getBestCheckpoint('loss');
}

describe('the types of results', () => {
  test('name the numbers among the metrics, nested ones with a slash', () => {
    expectTypeOf<'loss' | 'eval/acc' | 'time_total_s'>().toExtend<MetricKey<MyMetrics>>();
    expectTypeOf<'curve'>().not.toExtend<MetricKey<MyMetrics>>();
    expectTypeOf<'note'>().not.toExtend<MetricKey<MyMetrics>>();
    expectTypeOf<MetricKey<Record<string, unknown>>>().toEqualTypeOf<string>();
    expectTypeOf(compiles).toBeFunction();
  });
});
