import { describe, expect, test } from 'vitest';
import { plotOptimizationHistory } from '../../../src/analysis/plots/plot-optimization-history.ts';
import { expectOnAxis, readPicture } from './picture.ts';
import { reportsOf } from './trials.ts';

const rows = [3, 5, Number.NaN, 1, 2].map((loss) => ({ loss }));
const path = async (mode: 'min' | 'max') => {
  const { marks, texts } = readPicture(await plotOptimizationHistory(rows, { metric: 'loss', mode }).svg());
  return { texts: texts.map(({ text }) => text), points: marks.get('trials_marks') ?? [], best: marks.get('best_marks')?.[0]?.path ?? [] };
};

describe('plotOptimizationHistory', () => {
  test('a point for each trial with a value, and the best until then', async () => {
    const { points, best, texts } = await path('min');
    const heights = [...points.map(({ at: [, y] }) => y), ...best.map(([, y]) => y)];
    expectOnAxis(
      points.map(({ at: [x] }) => x),
      [0, 1, 3, 4],
    );
    expect(best.length).toBeGreaterThan(4);
    expectOnAxis(heights, [3, 5, 1, 2, ...steps([3, 3, 3, 1, 1])]);
    expect(texts).toEqual(expect.arrayContaining(['loss of 5 trials', 'best: 1, trial 3', '1 without a value', 'best so far']));
  });

  test('the other way round when more is better', async () => {
    const { points, best } = await path('max');
    expectOnAxis([...points.map(({ at: [, y] }) => y), ...best.map(([, y]) => y)], [3, 5, 1, 2, ...steps([3, 5, 5, 5, 5])]);
  });

  test('of a table with a row per report the best of each trial counts', async () => {
    const reports = reportsOf({ trials: 4, steps: 5 });
    const plot = plotOptimizationHistory(reports, { metric: 'latency', mode: 'max' });
    const best = [0, 1, 2, 3].map((trial) => Math.max(...reports.slice(5 * trial, 5 * trial + 5).map(({ latency }) => latency as number)));
    expectOnAxis(
      (readPicture(await plot.svg()).marks.get('trials_marks') ?? []).map(({ at: [, y] }) => y),
      best,
    );
  });

  test('what cannot be drawn says what and where', () => {
    expect(() => plotOptimizationHistory(rows, { metric: 'los', mode: 'min' })).toThrow(expect.objectContaining({ code: 'COLUMN_UNKNOWN' }));
    expect(() => plotOptimizationHistory(rows, { metric: 'loss', mode: 'least' as never })).toThrow(expect.objectContaining({ code: 'METRIC_INVALID' }));
    expect(() => plotOptimizationHistory([{ loss: null }], { metric: 'loss', mode: 'min' })).toThrow(expect.objectContaining({ code: 'DATA_INSUFFICIENT' }));
  });
});

/** The values of the corners of a line of steps: each but the first twice, once as it was before. */
const steps = (values: readonly number[]): readonly number[] => values.flatMap((value, i) => (i === 0 ? [value] : [values[i - 1] as number, value]));
