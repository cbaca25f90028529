import { writeFileSync } from 'node:fs';
import { dirname, extname, resolve } from 'node:path';
import { AttuneError } from '../base/errors.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { makeDirectory } from '../base/make-directory.ts';
import { checkText, describe } from '../base/options.ts';
import { rowToJson } from '../trial/row-json.ts';
import type { Table } from './table.ts';

/** The formats, by the suffix of the file. */
const WRITERS: Readonly<Record<string, (table: Table) => Promise<string | Uint8Array> | string>> = {
  '.csv': toCsv,
  '.jsonl': toJsonLines,
  '.arrow': toArrow,
  '.parquet': toParquet,
};

/**
 * Writes a table to a file, in the format of its suffix: `.csv`, `.jsonl` (a JSON object per line), `.arrow` (the IPC file format, also known as
 * Feather) or `.parquet`. The table is one of `grid.getDataFrame()`, `result.metricsDataFrame()`, or what arquero has made of it. A file that is there
 * is replaced; folders are made.
 *
 * A column is of one type: numbers (whole ones of up to 32 bits stay so in Arrow and Parquet), booleans, texts. One of lists, objects, or mixed types
 * holds JSON text in `.arrow` and `.parquet`; in `.csv` lists and objects are JSON text. A missing value is null, in `.csv` an empty cell. NaN and infinities are themselves in Arrow and
 * Parquet; `.csv` and `.jsonl` have them as `progress.csv` and `result.json` do: an empty cell, `inf`, `-inf`, and null, `1e999`, `-1e999`. A date of
 * arquero's is its ISO text, a BigInt a number, or text beyond 2^53.
 *
 * Cost: the file is made in memory. The packages for Arrow and Parquet are loaded by the first call that needs them.
 *
 * @param path - relative to the working directory
 * @throws {AttuneError} `OPTION_RANGE` for another suffix, and for what is no table; `STORAGE_UNWRITABLE`
 * @example
 * ```ts
 * import { exportTable, run, uniform } from 'attune';
 *
 * const train = ({ x }: { x: number }) => ({ loss: x ** 2 });
 * const grid = await run(train, { config: { x: uniform(-1, 1) }, metric: 'loss', mode: 'min', numSamples: 5, verbose: 0 });
 * await exportTable(grid.getDataFrame({ rows: 'all' }), `${grid.experimentPath}/results.parquet`);
 * ```
 */
export async function exportTable(table: Table, path: string): Promise<void> {
  checkText('exportTable', 'path', path);
  if (typeof (table as Partial<Table> | null)?.columnNames !== 'function') {
    const hint = 'Give grid.getDataFrame(), or what arquero has made: from(rows) of it makes a table of objects.';
    throw new AttuneError('OPTION_RANGE', `exportTable: expected a table, got ${describe(table)}.`, { hint });
  }
  const write = WRITERS[extname(path).toLowerCase()];
  if (write === undefined) {
    throw new AttuneError('OPTION_RANGE', `exportTable: expected a path that ends with ${Object.keys(WRITERS).join(', ')}, got ${describe(path)}.`);
  }
  writeExport('exportTable', path, await write(table));
}

/** A file that was asked for, with its folders. @throws {AttuneError} `STORAGE_UNWRITABLE` */
export function writeExport(where: string, path: string, content: string | Uint8Array): void {
  try {
    makeDirectory(dirname(resolve(path)));
    writeFileSync(path, content);
  } catch (cause) {
    const hint = 'Give a path that this process may write to, on a disk that has room.';
    throw new AttuneError('STORAGE_UNWRITABLE', `${where}: expected to write "${path}", got ${(cause as Error).message}.`, { hint, cause });
  }
}

type Kind = 'int' | 'float' | 'boolean' | 'text' | 'json';

interface Column {
  readonly name: string;
  readonly kind: Kind;
  /** Of that kind, or null. */
  readonly values: readonly Json[];
}

/** The columns of a table as it shows: filtered and in order. */
function columnsOf(table: Table): readonly Column[] {
  return table.columnNames().map((name) => {
    const values = valuesOf(table, name);
    const kind = kindOf(values);
    return { name, kind, values: kind === 'json' ? values.map((value) => (value === null ? null : jsonText(value))) : values };
  });
}

/** What arquero computes besides JSON is made JSON. */
const valuesOf = (table: Table, column: string): readonly Json[] => Array.from(table.array(column) as readonly unknown[], toJson);

function toJson(value: unknown): Json {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return value.toJSON();
  return (value ?? null) as Json;
}

const jsonText = (value: Json): string => rowToJson(value as JsonObject);

function kindOf(values: readonly Json[]): Kind {
  let kind: Kind | undefined;
  for (const value of values) {
    if (value === null) continue;
    const own = kindOfOne(value);
    if (kind === undefined || kind === own) kind = own;
    else if ((kind === 'int' && own === 'float') || (kind === 'float' && own === 'int')) kind = 'float';
    else return 'json';
  }
  return kind ?? 'float'; // nothing but null
}

function kindOfOne(value: Json): Kind {
  if (typeof value === 'number') return isInt(value) ? 'int' : 'float';
  if (typeof value === 'boolean') return 'boolean';
  return typeof value === 'string' ? 'text' : 'json';
}

const isInt = (value: number): boolean => (value | 0) === value && !Object.is(value, -0);

function toCsv(table: Table): string {
  const names = table.columnNames();
  const columns = names.map((name) => valuesOf(table, name));
  const lines = [names.map(cell).join(',')];
  for (let row = 0; row < table.numRows(); row++) lines.push(columns.map((values) => cell(values[row] ?? null)).join(','));
  return `${lines.join('\n')}\n`;
}

/** RFC 4180; an empty text is `""`, so that it is none that is missing. */
function cell(value: Json): string {
  if (value === null || Number.isNaN(value)) return '';
  if (value === Infinity || value === -Infinity) return value > 0 ? 'inf' : '-inf';
  const text = typeof value === 'object' ? jsonText(value) : String(value);
  return text === '' || /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function toJsonLines(table: Table): string {
  const names = table.columnNames();
  const columns = names.map((name) => valuesOf(table, name));
  const row = (i: number): string => rowToJson(Object.fromEntries(names.map((name, j) => [name, columns[j]?.[i] ?? null])));
  return Array.from({ length: table.numRows() }, (_, i) => `${row(i)}\n`).join('');
}

async function toArrow(table: Table): Promise<Uint8Array> {
  const { bool, columnFromArray, float64, int32, tableFromColumns, tableToIPC, utf8 } = await import('@uwdata/flechette');
  const types = { int: int32, float: float64, boolean: bool, text: utf8, json: utf8 };
  const columns = columnsOf(table).map(({ name, kind, values }) => [name, columnFromArray([...values], types[kind]())] as const);
  return tableToIPC(tableFromColumns(columns.map(([name, column]) => [name, column])), { format: 'file' }) as Uint8Array;
}

async function toParquet(table: Table): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const types = { int: 'INT32', float: 'DOUBLE', boolean: 'BOOLEAN', text: 'STRING', json: 'STRING' } as const;
  const columnData = columnsOf(table).map(({ name, kind, values }) => ({ name, data: [...values], type: types[kind], nullable: true }));
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}
