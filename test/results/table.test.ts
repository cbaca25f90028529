import type { ColumnTable } from 'arquero';
import { expect, test, vi } from 'vitest';
import { tableOf } from '../../src/results/table.ts';

const table = tableOf([
  { trial: 'a', loss: 3, step: 1 },
  { trial: 'a', loss: 1, step: 2 },
  { trial: 'b', loss: 2, step: 1, note: 'late' },
]);

test('the columns are those of all rows, and null where a row lacks one', () => {
  expect(table.columnNames()).toEqual(['trial', 'loss', 'step', 'note']);
  expect([table.numRows(), table.numCols()]).toEqual([3, 4]);
  expect(table.array('note')).toEqual([null, null, 'late']);
  expect([...table]).toEqual(table.objects());
  expect(table.objects({ limit: 1, offset: 2 })).toEqual([table.object(2)]);
  expect(table.get('loss', 1)).toBe(1);
});

test('what the interface promises, arquero does', () => {
  expect(table.filter((d) => d.loss < 3).array('loss')).toEqual([1, 2]);
  expect(table.derive({ half: (d: { loss: number }) => d.loss / 2, twice: 'd => d.loss * 2' }).object()).toMatchObject({ half: 1.5, twice: 6 });
  expect(table.orderby('loss').select('step', ['loss']).objects({ limit: 1 })).toEqual([{ step: 2, loss: 1 }]);
  const groups = table.groupby('trial');
  expect(groups.rollup({ best: 'd => op.min(d.loss)' }).objects()).toEqual([
    { trial: 'a', best: 1 },
    { trial: 'b', best: 2 },
  ]);
  expect(groups.count().array('count')).toEqual([2, 1]);
  expect(groups.slice(0, 1).ungroup().array('loss')).toEqual([3, 2]);
  const narrow = table.select('loss');
  expect(narrow.toCSV()).toBe('loss\n3\n1\n2\n');
  expect(JSON.parse(narrow.toJSON())).toEqual([{ loss: 3 }, { loss: 1 }, { loss: 2 }]);
  expect(narrow.toMarkdown({ limit: 1 })).toContain('|3|');
  expect(narrow.toHTML()).toContain('<td style="text-align: right;">2</td>');
});

test('print() prints a table', () => {
  const shown = vi.spyOn(console, 'table').mockImplementation(() => {});
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  expect(table.print(2)).toBe(table);
  expect(shown).toHaveBeenCalledOnce();
  log.mockRestore();
  shown.mockRestore();
});

test("it can be cast to arquero's own type", () => {
  expect((table as ColumnTable).totalRows()).toBe(3);
});
