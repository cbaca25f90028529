import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PlainCells } from '../../../src/results/reader/cells.ts';
import { Frame } from '../../../src/results/reader/frame.ts';

/** A frame of rows that are in memory. */
const frameOf = (...rows: readonly Readonly<Record<string, unknown>>[]): Frame =>
  new Frame(
    rows.map((row) => new PlainCells(new Map(Object.entries(row)))),
    [...new Set(rows.flatMap((row) => Object.keys(row)))],
  );

const frame = frameOf(
  { 'config.lr': 10, 'config.net': null, loss: [4, 2] },
  { 'config.lr': 1, loss: [2, 1, 0] },
  { 'config.lr': 1, 'config.net': 'cnn', loss: [6] },
);

describe('a frame', () => {
  test('gives rows, columns and slices', () => {
    expect([...frame].map((row) => row['config.lr'])).toEqual([10, 1, 1]);
    expect(frame.at(-1)).toMatchObject({ 'config.net': 'cnn' });
    expect(frame.at(3)).toBeUndefined();
    expect(frame.col('config.net')).toEqual([null, null, 'cnn']);
    expect(frame.slice(1).select('config.lr').columns()).toEqual(['config.lr']);
    expect(frame.slice(1, 2).columns()).toEqual(['config.lr', 'loss']);
    expect(frame.slice(3).columns()).toEqual(['config.lr', 'config.net', 'loss']);
    expect(frame.slice(3).toTable().array('loss')).toEqual([]);
  });

  test('is filtered by a function of a row, or of whole columns', () => {
    expect(frame.filter((row) => row['loss'].at(-1) < 2).col('config.lr')).toEqual([1]);
    const longest = (lists: number[][]): boolean[] => lists.map(({ length }) => length === Math.max(...lists.map((list) => list.length)));
    expect(frame.filter([longest, 'loss']).col('loss')).toEqual([[2, 1, 0]]);
  });

  test('is sorted, null first, and equal rows keep their order', () => {
    expect(frame.sort('config.lr').col('loss')).toEqual([[2, 1, 0], [6], [4, 2]]);
    expect(frame.sort(['config.lr', 'loss'], { ascending: false }).col('loss')).toEqual([[4, 2], [6], [2, 1, 0]]);
    expect(frame.sort('config.net').col('config.net')).toEqual([null, null, 'cnn']);
  });

  test('diff has what varies, whichever row lacks it', () => {
    expect(frame.diff()).toEqual(['config.lr', 'config.net']);
    expect(frameOf({ 'config.a': 1, 'config.b': Number.NaN }, { 'config.b': Number.NaN }).diff()).toEqual(['config.a']);
    expect(frameOf({ 'config.a': 1 }, { 'config.a': 1, 'config.b': null }).diff()).toEqual(['config.b']);
    expect(frame.slice(0, 1).diff()).toEqual([]);
  });

  test('map, transform and merge add columns', () => {
    function half(x: number): number {
      return x / 2;
    }
    const rank = (xs: number[]): number[] => xs.map((x) => xs.filter((y) => y < x).length);
    expect(frame.map([half, 'config.lr']).col('fhalf.config.lr')).toEqual([5, 0.5, 0.5]);
    expect(frame.transform([rank, 'config.lr', 'rank']).col('rank')).toEqual([2, 0, 0]);
    expect(
      frame
        .merge(frameOf({ loss: 0 }, {}, { more: 1 }))
        .toTable()
        .objects()[2],
    ).toEqual({ 'config.lr': 1, 'config.net': 'cnn', loss: [6], more: 1 });
  });

  test('built-in aggregations go over lists of any length', () => {
    const row = frame
      .aggregate(['mean', ['loss', 'config.lr']], ['std', 'loss'], ['min', 'loss'], ['max', 'loss', 'most'], ['last', 'loss'], ['count', 'config.net'])
      .at(0);
    expect(row).toMatchObject({
      'fmean.loss': [4, 1.5, 0],
      'fmean.config.lr': 4,
      'fmin.loss': [2, 1, 0],
      most: [6, 2, 0],
      'flast.loss': [2, 0, 6],
      'fcount.config.net': 1,
    });
    expect(row?.['fstd.loss'][0]).toBeCloseTo(Math.sqrt(8 / 3), 12); // of the population
    expect(frame.slice(0, 0).aggregate(['mean', 'loss']).at(0)).toMatchObject({ 'fmean.loss': null });
  });

  test('prints rows with a gap between the columns that fit, and the ends of many rows', () => {
    const wide = frameOf(...Array.from({ length: 70 }, (_, i) => Object.fromEntries(Array.from({ length: 20 }, (__, k) => [`column_${k}`, i * k]))));
    const lines = inspect(wide).split('\n');
    expect(lines[0]).toMatch(/^ +column_0 +column_1 .* \.\.\. .*column_18 +column_19$/);
    expect(lines).toHaveLength(1 + 5 + 1 + 5 + 2);
    expect(lines.at(-1)).toBe('[70 rows x 20 columns]');
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100);
    expect(inspect(frameOf({ note: '\x1b[31mred\n' }))).not.toContain('\x1b');
    expect(inspect({ frame, groups: frame.groupBy('config.lr') }, { depth: 0 })).toBe('{ frame: [Frame], groups: [GroupedFrame] }');
    expect(inspect(frameOf())).toBe('');
  });
});

describe('groups', () => {
  test('are in order of their keys, which are lists; null is a part like others', () => {
    const groups = frameOf({ a: 10, b: 'x' }, { a: 9 }, { b: 'x' }, { a: 9, b: null }, { a: 10, b: 'x' }).groupBy(['a', 'b']);
    expect(groups.keys()).toEqual([
      [null, 'x'],
      [9, null],
      [10, 'x'],
    ]);
    expect([...groups].map(([, { length }]) => length)).toEqual([1, 2, 2]);
    expect([groups.size, groups.groupKeys]).toEqual([3, ['a', 'b']]);
    expect(frame.groupBy('config.lr').get(10)?.length).toBe(1);
    expect(frame.groupBy('loss').get([6])?.length).toBe(1); // the key is the list
    expect(frame.groupBy('config.lr').get([7])).toBeUndefined();
  });

  test('are selected by their keys, filtered, and put together again', () => {
    const groups = frame.groupBy('config.lr');
    expect(groups.select([[1], [99]]).keys()).toEqual([[1]]);
    expect(
      groups
        .filter((row) => row['loss'].length > 1)
        .ungroup()
        .col('loss'),
    ).toEqual([
      [2, 1, 0],
      [4, 2],
    ]);
    expect(groups.aggregate(['count', 'loss']).ungroup().toTable().objects()).toEqual([
      { 'config.lr': 1, 'fcount.loss': 2 },
      { 'config.lr': 10, 'fcount.loss': 1 },
    ]);
    expect(groups.select([]).ungroup().length).toBe(0);
    expect([groups.select([]).toTable().numRows(), groups.select([]).toTable().columnNames()]).toEqual([0, ['config.lr']]);
  });

  test('property: every row is in one group, whose key it has', () => {
    const value = fc.constantFrom(null, 0, 1, true, '1', Number.NaN);
    fc.assert(
      fc.property(fc.array(fc.record({ a: value, b: value }, { requiredKeys: [] }), { minLength: 1 }), (rows) => {
        const all = frameOf({ a: 0, b: 0 }, ...rows);
        const groups = all.groupBy(['a', 'b']);
        expect([...groups].reduce((sum, [, { length }]) => sum + length, 0)).toBe(all.length);
        for (const [key, group] of groups) for (const row of group) expect([row['a'] ?? null, row['b'] ?? null]).toEqual(key);
      }),
      { seed: 8 },
    );
  });
});

describe('bad calls', () => {
  test.each<readonly [string, () => unknown, string]>([
    ['a column that is not there', () => frame.col('config.lrr'), 'COLUMN_UNKNOWN'],
    ['grouped by one', () => frame.groupBy('nothing'), 'COLUMN_UNKNOWN'],
    ['aggregated over one', () => frame.aggregate(['mean', 'nothing']), 'COLUMN_UNKNOWN'],
    ['a function without a name', () => frame.aggregate([(x) => x, 'loss']), 'OPTION_RANGE'],
    ['an aggregation that is none', () => frame.aggregate(['median' as never, 'loss']), 'OPTION_RANGE'],
    ['a mean of texts', () => frame.aggregate(['mean', 'config.net']), 'OPTION_RANGE'],
    ['no map', () => frame.aggregate('loss' as never), 'OPTION_RANGE'],
    ['too few names', () => frame.aggregate(['mean', ['loss', 'config.lr'], 'one']), 'OPTION_RANGE'],
    ['a filter that says too little', () => frame.filter([() => [true], 'loss']), 'OPTION_RANGE'],
    ['a filter that says numbers', () => frame.filter([() => [1, 0, 1] as never, 'loss']), 'OPTION_RANGE'],
    ['a filter that is none', () => frame.filter('loss' as never), 'OPTION_RANGE'],
    ['a transform of another length', () => frame.transform([() => [], 'loss', 'x']), 'OPTION_RANGE'],
    ['a merge of another length', () => frame.merge(frame.slice(1)), 'OPTION_RANGE'],
    ['an option that nobody reads', () => frame.toTable({ lzy: true } as never), 'OPTION_UNKNOWN'],
  ])('%s', (_, call, code) => {
    expect(call).toThrow(expect.objectContaining({ code }));
  });
});
