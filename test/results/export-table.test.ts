import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableFromIPC } from '@uwdata/flechette';
import { desc, fromCSV, table } from 'arquero';
import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { describe, expect, onTestFinished, test } from 'vitest';
import { exportTable, type Table, type TableRow } from '../../src/index.ts';
import { tableOf } from '../../src/results/table.ts';
import { temporaryDirectory } from '../watch/story.ts';

const ROWS: readonly TableRow[] = [
  { trial_id: 'a,"b"', 'train/loss': 0.5, epoch: 1, done: true, layers: [32, 16], odd: 1, big: 2 ** 40, nothing: null },
  { trial_id: 'line\nend', 'train/loss': Number.NaN, epoch: 2, done: false, layers: null, odd: 'two', big: -0, nothing: null },
  { trial_id: '', 'train/loss': -Infinity, epoch: 3, done: null, layers: [Infinity], odd: null, big: 1, nothing: null },
];
const [first, second, third] = ROWS as readonly [TableRow, TableRow, TableRow];

async function exported(suffix: string, rows: readonly TableRow[] = ROWS): Promise<Buffer> {
  const path = join(temporaryDirectory(onTestFinished), 'some', 'folder', `results${suffix}`);
  await exportTable(tableOf(rows), path);
  return readFileSync(path);
}

describe('exportTable', () => {
  test('writes CSV as pandas and arquero read it', async () => {
    const text = (await exported('.csv')).toString();
    expect(text).toBe(
      [
        'trial_id,train/loss,epoch,done,layers,odd,big,nothing',
        '"a,""b""",0.5,1,true,"[32,16]",1,1099511627776,',
        '"line\nend",,2,false,,two,0,',
        '"",-inf,3,,[1e999],,1,\n',
      ].join('\n'),
    );
    expect(fromCSV(text).array('epoch')).toEqual([1, 2, 3]);
  });

  test('writes a JSON object per line, as result.json has them', async () => {
    const lines = (await exported('.jsonl')).toString().trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([first, { ...second, 'train/loss': null, big: 0 }, third]);
    expect(lines[2]).toContain('"train/loss":-1e999');
  });

  const asText = [
    { ...first, layers: '[32,16]', odd: '1' },
    { ...second, odd: '"two"' },
    { ...third, layers: '[1e999]' },
  ];

  test('writes Arrow: a type per column, JSON text for lists and mixed types', async () => {
    const table = tableFromIPC(await exported('.arrow'));
    expect(table.toArray()).toEqual(asText);
    expect(table.schema.fields.map(({ name, type }) => [name, type.typeId])).toEqual(
      // Utf8 5, Float 3, Int 2, Bool 6
      [
        ...[
          ['trial_id', 5],
          ['train/loss', 3],
          ['epoch', 2],
        ],
        ...[
          ['done', 6],
          ['layers', 5],
          ['odd', 5],
          ['big', 3],
          ['nothing', 3],
        ],
      ],
    );
  });

  test('writes Parquet: the same', async () => {
    const { buffer, byteOffset, byteLength } = await exported('.parquet');
    const rows = await parquetReadObjects({ file: buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer });
    expect(rows).toEqual(asText);
  });

  test('writes what arquero has made of a table: filtered, in another order, fewer columns', async () => {
    const path = join(temporaryDirectory(onTestFinished), 'results.csv');
    await exportTable(tableOf(ROWS).filter('d => d.epoch > 1').orderby(desc('epoch')).select('epoch', 'odd'), path);
    expect(readFileSync(path, 'utf8')).toBe('epoch,odd\n3,\n2,two\n');
  });

  test('writes what arquero computes besides JSON: dates as ISO text, BigInts as numbers', async () => {
    const folder = temporaryDirectory(onTestFinished);
    const made = table({ day: [new Date(0), null], n: new BigInt64Array([1n, 2n ** 60n]), x: new Float32Array([0.5, 2]) }) as Table;
    const rows = [
      { day: '1970-01-01T00:00:00.000Z', n: 1, x: 0.5 },
      { day: null, n: '1152921504606846976', x: 2 },
    ];
    for (const suffix of ['csv', 'jsonl', 'arrow', 'parquet']) await exportTable(made, join(folder, `t.${suffix}`));
    expect(readFileSync(join(folder, 't.csv'), 'utf8')).toBe('day,n,x\n1970-01-01T00:00:00.000Z,1,0.5\n,1152921504606846976,2\n');
    expect(readFileSync(join(folder, 't.jsonl'), 'utf8')).toBe(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    expect(tableFromIPC(readFileSync(join(folder, 't.arrow'))).toArray()).toEqual([
      { ...rows[0], n: '1' },
      { ...rows[1], n: '"1152921504606846976"' },
    ]);
  });

  test('refuses what is no table', async () => {
    await expect(exportTable([{ a: 1 }] as never, 'results.csv')).rejects.toThrow(/^exportTable: expected a table, got an array of 1\..*OPTION_RANGE/);
    await expect(exportTable(null as never, 'results.csv')).rejects.toThrow('exportTable: expected a table, got null.');
  });

  test.each(['.csv', '.jsonl', '.arrow', '.parquet'])('writes a table without rows as %s', async (suffix) => {
    await expect(exported(suffix, [])).resolves.toBeInstanceOf(Buffer);
  });

  test('refuses a suffix that it does not know, and a path that cannot be written', async () => {
    await expect(exportTable(tableOf(ROWS), 'results.xlsx')).rejects.toThrow(
      'exportTable: expected a path that ends with .csv, .jsonl, .arrow, .parquet, got "results.xlsx".',
    );
    const file = join(temporaryDirectory(onTestFinished), 'file');
    writeFileSync(file, '');
    await expect(exportTable(tableOf(ROWS), join(file, 'results.csv'))).rejects.toMatchObject({ code: 'STORAGE_UNWRITABLE' });
  });

  test('keeps every number, text, boolean and null in Arrow and Parquet', async () => {
    const column = fc.oneof(
      ...[fc.double(), fc.integer(), fc.maxSafeInteger()].map((number) => fc.array(fc.option(number), { minLength: 3, maxLength: 3 })),
      ...[fc.string({ unit: 'binary' }), fc.boolean()].map((other) =>
        fc.array(fc.option(other as fc.Arbitrary<string | boolean>), { minLength: 3, maxLength: 3 }),
      ),
    );
    const folder = temporaryDirectory(onTestFinished);
    await fc.assert(
      fc.asyncProperty(fc.array(column, { minLength: 1, maxLength: 4 }), async (columns) => {
        const rows = [0, 1, 2].map((i) => Object.fromEntries(columns.map((values, j) => [`c${j}`, values[i] ?? null])));
        const path = (suffix: string): string => join(folder, `table${suffix}`);
        await exportTable(tableOf(rows), path('.arrow'));
        await exportTable(tableOf(rows), path('.parquet'));
        expect(tableFromIPC(readFileSync(path('.arrow'))).toArray()).toEqual(rows);
        const { buffer, byteOffset, byteLength } = readFileSync(path('.parquet'));
        expect(await parquetReadObjects({ file: buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer })).toEqual(rows);
      }),
      { numRuns: 60, seed: 1 },
    );
  });
});
