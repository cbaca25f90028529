import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareExperiments } from '../../src/analysis/compare-experiments.ts';
import { compareSamples } from '../../src/analysis/compare-samples.ts';

const A = [1.2, 2.1, 0.7, 1.9, 1.4, 2.5, 1.1, 0.9];
const B = [1.9, 2.8, 1.6, 2.2, 2.9, 2.4, 2.7, 1.3];
const rows = (losses: readonly number[]) => losses.map((loss, seed) => ({ 'config/seed': seed, 'config/lr': 0.1, loss }));

describe('compareSamples', () => {
  test('agrees with another implementation: Welch, Mann and Whitney, and the effect', () => {
    const found = compareSamples(A, B);
    expect(found.difference).toBeCloseTo(-0.75, 12);
    expect(found.interval[0]).toBeCloseTo(-1.4020119050165105, 9);
    expect(found.interval[1]).toBeCloseTo(-0.09798809498348948, 9);
    expect(found.pOfMeans).toBeCloseTo(0.027149787632562497, 10);
    expect(found.p).toBeCloseTo(0.03555623164239794, 10);
    expect(found.a12).toBe(0.1796875);
    expect(found.cliffsDelta).toBe(-0.640625);
  });

  test('little: NaN where there is nothing to say', () => {
    expect(compareSamples([1], [2])).toMatchObject({ difference: -1, interval: [Number.NaN, Number.NaN], pOfMeans: Number.NaN, a12: 0 });
    expect(compareSamples([], [2])).toMatchObject({ n: [0, 1], difference: Number.NaN, a12: Number.NaN, p: 1 });
    expect(compareSamples([2, 2], [2, 2])).toMatchObject({ interval: [0, 0], pOfMeans: 1, p: 1, a12: 0.5 });
    expect(() => compareSamples(['a'], [1])).toThrow('compareSamples: expected numbers in a, got "a" in row 0');
  });

  const values = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 12 });
  test('a12 agrees with counting all pairs, and only ranks count', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const wins = a.flatMap((x) => b.map((y) => (x > y ? 1 : x === y ? 0.5 : 0) as number)).reduce((total, win) => total + win, 0);
        const found = compareSamples(a, b);
        expect(found.a12).toBeCloseTo(wins / (a.length * b.length), 12);
        const warped = compareSamples(
          a.map((x) => Math.exp(x)),
          b.map((x) => Math.exp(x)),
        );
        expect([warped.a12, warped.p]).toEqual([found.a12, found.p]);
        expect(compareSamples(b, a).a12).toBeCloseTo(1 - found.a12, 12);
      }),
    );
  });
});

describe('compareExperiments', () => {
  test('unpaired: which is better, how sure, and by how much', () => {
    const found = compareExperiments(rows(A), rows(B), { metric: 'loss', mode: 'min' });
    expect(found).toMatchObject({ paired: false, n: [8, 8], omitted: [0, 0], best: [0.7, 1.3], a12: 1 - 0.1796875, better: 'a' });
    expect(found.p).toBeCloseTo(0.03555623164239794, 10);
    expect(compareExperiments(rows(A), rows(B), { metric: 'loss', mode: 'max' })).toMatchObject({ a12: 0.1796875, better: 'b', best: [2.5, 2.9] });
    expect(compareExperiments(rows(A), rows(B), { metric: 'loss', mode: 'min', confidence: 0.99 }).better).toBe('none');
  });

  test('paired by the configuration or a column: agrees with another implementation', () => {
    for (const pairedBy of ['config', ['seed'], ['config/seed', 'lr']] as const) {
      const found = compareExperiments(rows(A), rows(B).reverse(), { metric: 'loss', mode: 'min', pairedBy });
      expect(found).toMatchObject({ paired: true, n: [8, 8], better: 'a', a12: 7 / 8 });
      expect(found.interval[0]).toBeCloseTo(-1.2354272221618097, 9);
      expect(found.interval[1]).toBeCloseTo(-0.2645727778381903, 9);
      expect(found.pOfMeans).toBeCloseTo(0.008140982130530905, 10);
      expect(found.p).toBeCloseTo(0.015625, 9);
    }
  });

  test('several trials with one seed count with their mean, those without a partner do not', () => {
    const a = [
      { seed: 1, loss: 1 },
      { seed: 1, loss: 3 },
      { seed: 2, loss: 1 },
      { seed: 3, loss: 9 },
      { seed: 4, loss: Number.NaN },
    ];
    const b = [
      { seed: 1, loss: 3 },
      { seed: 2, loss: 2 },
      { seed: 4, loss: 2 },
    ];
    expect(compareExperiments(a, b, { metric: 'loss', mode: 'min', pairedBy: ['seed'] })).toMatchObject({
      n: [2, 2],
      omitted: [2, 1],
      means: [1.5, 2.5],
      difference: -1,
      interval: [-1, -1],
    });
  });

  test('takes one row per trial', () => {
    const reports = [
      { trial_id: 'x', loss: 3 },
      { trial_id: 'x', loss: 1 },
      { trial_id: 'y', loss: 2 },
    ];
    expect(compareExperiments(reports, reports, { metric: 'loss', mode: 'min' })).toMatchObject({ n: [2, 2], means: [1.5, 1.5], better: 'none', a12: 0.5 });
    expect(compareExperiments(reports, reports, { metric: 'loss', mode: 'min', reduce: 'last' }).means).toEqual([1.5, 1.5]);
  });

  test.each<[string, object, string]>([
    ['a metric nobody reported', { metric: 'accuracy' }, 'COLUMN_UNKNOWN'],
    ['a column to pair by that is not there', { pairedBy: ['fold'] }, 'COLUMN_UNKNOWN'],
    ['no columns to pair by', { pairedBy: [] }, 'OPTION_RANGE'],
    ['another mode', { mode: 'low' }, 'METRIC_INVALID'],
    ['percent', { confidence: 95 }, 'OPTION_RANGE'],
    ['another option', { paired: true }, 'OPTION_UNKNOWN'],
  ])('%s: says so', (_case, options, code) => {
    expect(() => compareExperiments(rows(A), rows(B), { metric: 'loss', mode: 'min', ...options } as never)).toThrow(expect.objectContaining({ code }));
  });

  test('no pairs, or only NaN: says so', () => {
    const other = rows(B).map((row) => ({ ...row, 'config/seed': row['config/seed'] + 100 }));
    expect(() => compareExperiments(rows(A), other, { metric: 'loss', mode: 'min', pairedBy: 'config' })).toThrow(
      'expected at least 1 pairs with the same config/seed, config/lr',
    );
    expect(() => compareExperiments(rows(A), rows(B.map(() => Number.NaN)), { metric: 'loss', mode: 'min' })).toThrow('DATA_INSUFFICIENT');
    expect(() => compareExperiments([{ loss: 1 }], [{ loss: 1 }], { metric: 'loss', mode: 'min', pairedBy: 'config' })).toThrow('COLUMN_UNKNOWN');
  });
});
