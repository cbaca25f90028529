import { expect, onTestFinished, test } from 'vitest';
import { ResultGrid } from '../../src/results/result-grid.ts';
import { Story, temporaryDirectory } from '../watch/story.ts';

/** The nine trials of Ray's guide to results, 100 reports each: the last accuracy, the best one, and the report that had it. */
const TRIALS = [
  [0.953125, 0.96875, 50],
  [0.9625, 0.975, 55],
  [0.95625, 0.975, 95],
  [0.946875, 0.978125, 71],
  [0.925, 0.959375, 65],
  [0.934375, 0.965625, 77],
  [0.965625, 0.975, 82],
  [0.95625, 0.96875, 80],
  [0.94375, 0.975, 92],
] as const;

test("the nine trials of Ray's guide give its tables, its best and its worst", async () => {
  const told = new Story(temporaryDirectory(onTestFinished), { objectives: [{ metric: 'mean_accuracy', mode: 'max' }] });
  for (const [last, best, at] of TRIALS) {
    const value = (step: number): number => (step === 100 ? last : step === at ? best : 0.5);
    await told.runs(
      { momentum: 0.9 },
      Array.from({ length: 100 }, (_, i) => ({ mean_accuracy: value(i + 1) })),
    );
  }
  const grid = new ResultGrid<{ momentum: number }, { mean_accuracy: number }>(told);
  const shown = (table: ReturnType<typeof grid.getDataFrame>) =>
    table
      .select('training_iteration', 'mean_accuracy')
      .objects()
      .map((row) => Object.values(row));
  expect(shown(grid.getDataFrame())).toEqual(TRIALS.map(([last]) => [100, last]));
  expect(shown(grid.getDataFrame({ filterMetric: 'mean_accuracy', filterMode: 'max' }))).toEqual(TRIALS.map(([, best, at]) => [at, best]));
  expect(grid.getBestResult()).toBe(grid.at(6));
  expect(grid.getBestResult({ scope: 'all' })).toBe(grid.at(3));
  expect(grid.getBestResult({ metric: 'mean_accuracy', mode: 'min' })).toBe(grid.at(4));
  expect(grid.getBestResult().metrics).toMatchObject({ mean_accuracy: 0.965625, training_iteration: 100, done: true });
  expect(grid.getBestResult().metricsDataFrame().numRows()).toBe(100);
  expect(grid.getDataFrame({ rows: 'all' }).numRows()).toBe(900);
});
