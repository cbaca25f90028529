import { describe, expect, test } from 'vitest';
import { columnName, columnOf } from '../../src/analysis/rows.ts';
import { tableOf } from '../../src/results/table.ts';

const rows = [{ 'config/model/activation': 'relu', loss: 1 }, { loss: 2 }];

describe('columnOf', () => {
  test('takes a parameter as written in the space, or its column', () => {
    expect(columnOf('plot', rows, 'model.activation')).toEqual(['relu', null]);
    expect(columnOf('plot', rows, 'config/model/activation')).toEqual(['relu', null]);
    expect(columnOf('plot', [{ 'config.model.activation': 'elu' }], 'model.activation')).toEqual(['elu']);
    expect(columnName('plot', [...tableOf(rows)], 'loss')).toBe('loss');
  });

  test('names the nearest columns when there is none', () => {
    expect(() => columnOf('plot', rows, 'los')).toThrow('plot: expected a column "los", or "config/los", got "loss", "config/model/activation".');
    expect(() => columnOf('plot', [], 'loss')).toThrow(expect.objectContaining({ code: 'COLUMN_UNKNOWN', message: expect.stringContaining('got no rows') }));
  });
});
