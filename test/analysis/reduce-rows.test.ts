import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reduceRows } from '../../src/analysis/reduce-rows.ts';
import { tableOf } from '../../src/results/table.ts';

const rows = [
  { trial_id: 'a', step: 1, accuracy: 0.5, lr: 1 },
  { trial_id: 'b', step: 1, accuracy: 0.7, lr: 2 },
  { trial_id: 'a', step: 2, accuracy: 0.9, lr: 1 },
  { trial_id: 'a', step: 3, accuracy: 0.6, lr: 1 },
  { trial_id: 'b', step: 2, accuracy: null, lr: 2 },
];

describe('reduceRows', () => {
  test('best: the row of each trial in which the metric was best', () => {
    expect(reduceRows(rows, { metric: 'accuracy', mode: 'max' })).toEqual([rows[2], rows[1]]);
    expect(reduceRows(rows, { metric: 'accuracy', mode: 'min' })).toEqual([rows[0], rows[1]]);
  });

  test('last: the last row that has the metric', () => {
    expect(reduceRows(rows, { metric: 'accuracy', mode: 'max', reduce: 'last' })).toEqual([rows[3], rows[1]]);
  });

  test('all: the rows as they are', () => {
    expect(reduceRows(rows, { metric: 'accuracy', mode: 'max', reduce: 'all' })).toEqual(rows);
  });

  test('takes a table, nested metrics, and another column for the trials', () => {
    const table = tableOf([
      { run: 1, 'eval/loss': 3 },
      { run: 1, 'eval/loss': 2 },
    ]);
    expect(reduceRows(table, { metric: 'eval/loss', mode: 'min', trial: 'run' })).toEqual([{ run: 1, 'eval/loss': 2 }]);
  });

  test('NaN is never the best, and a trial that has nothing else keeps its last row', () => {
    const diverged = [
      { trial_id: 'a', loss: 1, step: 1 },
      { trial_id: 'a', loss: Number.NaN, step: 2 },
      { trial_id: 'b', loss: Number.NaN, step: 1 },
      { trial_id: 'b', loss: Number.NaN, step: 2 },
      { trial_id: 'c', step: 1 },
    ];
    expect(reduceRows(diverged, { metric: 'loss', mode: 'min' }).map(({ step }) => step)).toEqual([1, 2, 1]);
    expect(reduceRows(diverged, { metric: 'loss', mode: 'min', reduce: 'last' }).map(({ step }) => step)).toEqual([2, 2, 1]);
  });

  test('a row without a trial is a trial of its own', () => {
    const plain = [{ loss: 1 }, { loss: 1 }];
    expect(reduceRows(plain, { metric: 'loss', mode: 'min' })).toEqual(plain);
  });

  test.each([
    [{ metric: 'los', mode: 'min' }, 'COLUMN_UNKNOWN', 'reduceRows: expected a column "los"'],
    [{ metric: 'accuracy', mode: 'least' }, 'METRIC_INVALID', `reduceRows: expected mode 'min' or 'max', got "least"`],
    [{ metric: 'accuracy', mode: 'min', reduce: 'first' }, 'OPTION_RANGE', `expected reduce to be 'best', 'last' or 'all', got "first"`],
    [{ metric: 'accuracy', mode: 'min', redcue: 'all' }, 'OPTION_UNKNOWN', 'Did you mean "reduce"?'],
  ])('%j is refused', (options, code, message) => {
    expect(() => reduceRows(rows, options as never)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });

  const table = fc.array(fc.record({ trial_id: fc.constantFrom('a', 'b', 'c'), loss: fc.option(fc.integer({ min: -3, max: 3 })) }), { minLength: 1 });
  test('agrees with sorting the rows of each trial', () => {
    fc.assert(
      fc.property(table, fc.constantFrom('min' as const, 'max' as const), (all, mode) => {
        const slow = [...new Set(all.map(({ trial_id }) => trial_id))].map((id) => {
          const own = all.filter(({ trial_id }) => trial_id === id);
          const known = own.filter(({ loss }) => loss !== null).sort((a, b) => (mode === 'min' ? 1 : -1) * ((a.loss ?? 0) - (b.loss ?? 0)));
          return known[0] ?? own.at(-1);
        });
        expect(reduceRows(all, { metric: 'loss', mode })).toEqual(slow);
      }),
    );
  });
});
