import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bestSoFar } from '../../src/analysis/best-so-far.ts';
import { empiricalDistribution } from '../../src/analysis/empirical-distribution.ts';
import { hypervolumeHistory } from '../../src/analysis/hypervolume-history.ts';
import { hypervolume } from '../../src/base/numeric/hypervolume.ts';
import { paretoFront } from '../../src/base/numeric/pareto.ts';

describe('empiricalDistribution', () => {
  test('what share is no greater than each value; NaN and infinities are left out', () => {
    const rows = [{ loss: 2 }, { loss: 1 }, { loss: 2 }, { loss: 4 }, { loss: Number.NaN }, { loss: Infinity }, {}];
    expect(empiricalDistribution(rows, { metric: 'loss' })).toEqual([
      { value: 1, share: 0.25 },
      { value: 2, share: 0.75 },
      { value: 4, share: 1 },
    ]);
    expect(empiricalDistribution([{ loss: 3 }], { metric: 'loss' })).toEqual([{ value: 3, share: 1 }]);
  });

  test('agrees with counting', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1 }), (losses) => {
        const points = empiricalDistribution(
          losses.map((loss) => ({ loss })),
          { metric: 'loss' },
        );
        for (const { value, share } of points) expect(share).toBe(losses.filter((loss) => loss <= value).length / losses.length);
        expect(points.map(({ value }) => value)).toEqual([...new Set(losses)].sort((a, b) => a - b));
      }),
    );
  });
});

describe('bestSoFar', () => {
  test('the best after each trial; a diverged one changes nothing', () => {
    const rows = [{ loss: Number.NaN }, { loss: 3 }, { loss: 1 }, { loss: null }, { loss: 2 }];
    expect(bestSoFar(rows, { metric: 'loss', mode: 'min' }).map(({ best }) => best)).toEqual([Number.NaN, 3, 1, 1, 1]);
    expect(bestSoFar(rows, { metric: 'loss', mode: 'max' }).map(({ best }) => best)).toEqual([Number.NaN, 3, 3, 3, 3]);
    expect(bestSoFar(rows, { metric: 'loss', mode: 'min' })[3]).toEqual({ index: 3, value: Number.NaN, best: 1 });
  });
});

describe('hypervolumeHistory', () => {
  test('two metrics, one of them greater is better', () => {
    const rows = [
      { loss: 1, accuracy: 2 },
      { loss: 2, accuracy: 3 },
      { loss: 3, accuracy: 1 },
      { loss: Number.NaN, accuracy: 9 },
      { loss: 1, accuracy: 2 },
    ];
    const found = hypervolumeHistory(rows, { metrics: { loss: 'min', accuracy: 'max' }, reference: { loss: 3, accuracy: 0 } });
    expect(found.map((point) => point.hypervolume)).toEqual([4, 5, 5, 5, 5]);
    expect(found.map(({ onFront }) => onFront)).toEqual([true, true, false, false, false]);
  });

  test('without a reference: a tenth beyond the worst', () => {
    const rows = [
      { a: 0, b: 10 },
      { a: 10, b: 0 },
    ];
    expect(hypervolumeHistory(rows, { metrics: { a: 'min', b: 'min' } }).map((point) => point.hypervolume)).toEqual([11, 21]);
  });

  const point = fc.record({ a: fc.integer({ min: 0, max: 6 }), b: fc.integer({ min: 0, max: 6 }), c: fc.integer({ min: 0, max: 6 }) });
  test('agrees with the hypervolume of each beginning, never falls, and ends with the Pareto front', () => {
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 12 }), (rows) => {
        const found = hypervolumeHistory(rows, { metrics: { a: 'min', b: 'min', c: 'min' }, reference: { a: 6, b: 6, c: 6 } });
        const losses = rows.map(({ a, b, c }) => [a, b, c]);
        for (const [i, { hypervolume: volume }] of found.entries()) expect(volume).toBeCloseTo(hypervolume(losses.slice(0, i + 1), [6, 6, 6]), 9);
        const front = new Set(paretoFront(losses).map((index) => losses[index]?.join()));
        for (const values of front) expect(found.some(({ onFront }, i) => onFront && losses[i]?.join() === values)).toBe(true);
      }),
    );
  });

  test.each<[string, () => unknown, string]>([
    ['no metrics', () => hypervolumeHistory([{ a: 1 }], { metrics: {} }), 'METRIC_INVALID'],
    ['a reference without a metric', () => hypervolumeHistory([{ a: 1 }], { metrics: { a: 'min' }, reference: {} }), 'OPTION_RANGE'],
    ['no row with all metrics', () => hypervolumeHistory([{ a: 1 }, { b: 1 }], { metrics: { a: 'min', b: 'min' } }), 'DATA_INSUFFICIENT'],
    ['a metric nobody reported', () => hypervolumeHistory([{ a: 1 }], { metrics: { b: 'min' } }), 'COLUMN_UNKNOWN'],
    ['another mode', () => bestSoFar([{ a: 1 }], { metric: 'a', mode: 'up' as never }), 'METRIC_INVALID'],
    ['only NaN', () => empiricalDistribution([{ a: Number.NaN }], { metric: 'a' }), 'DATA_INSUFFICIENT'],
    ['a text', () => bestSoFar([{ a: 1 }, { a: 'x' }], { metric: 'a', mode: 'min' }), 'DATA_INSUFFICIENT'],
  ])('%s: says so', (_case, call, code) => {
    expect(call).toThrow(expect.objectContaining({ code }));
  });
});
