import { join } from 'node:path';
import type { JsonObject } from '../base/json.ts';
import { addEmptyCells, csvColumns, csvHeader, csvLine, csvRow } from './csv.ts';
import { endsWithRow, readEnd } from './file-ends.ts';
import { GrowingFile } from './growing-file.ts';
import type { LoggedRow, TrialLog } from './trial-log.ts';

/** progress.csv, a record per report. A column that appears late comes last, and earlier records get an empty cell for it. */
export class CsvLog implements TrialLog {
  readonly #file: GrowingFile;
  /** In order. */
  #columns: readonly string[] = [];
  #known: ReadonlySet<string> = new Set();

  constructor(dir: string) {
    this.#file = new GrowingFile(join(dir, 'progress.csv'));
  }

  append(rows: readonly LoggedRow[]): void {
    const cells = rows.map(({ row }) => csvRow(row));
    const isKnown = (key: string): boolean => this.#known.has(key);
    if (cells.every((row) => Object.keys(row).every(isKnown))) return this.#file.append(recordsOf(this.#columns, cells));
    const known = new Set([...this.#columns, ...cells.flatMap((row) => Object.keys(row))]);
    const columns = [...known];
    const records = recordsOf(columns, cells);
    if (this.#columns.length === 0) this.#file.append(csvHeader(columns) + records);
    else this.#file.replace((old) => csvHeader(columns) + addEmptyCells(old, columns.length - this.#columns.length) + records);
    this.#columns = columns;
    this.#known = known;
  }

  close(): void {
    this.#file.close();
  }
}

function recordsOf(columns: readonly string[], rows: readonly ReturnType<typeof csvRow>[]): string {
  let records = '';
  for (const row of rows) records += csvLine(columns, row);
  return records;
}

/** Bytes of the longest header that is looked for. */
const LONGEST_HEADER = 8_192;

/** See `haveLogs`. @throws what the file system throws */
export function hasCsvLog(dir: string, last: JsonObject): boolean {
  const path = join(dir, 'progress.csv');
  const endsWith = (columns: readonly string[]): boolean => endsWithRow(path, last, (row) => csvLine(columns, csvRow(row)));
  if (endsWith(Object.keys(csvRow(last)))) return true; // as it is unless some rows have other keys
  const columns = csvColumns(readEnd(path, 'first', LONGEST_HEADER).toString());
  return columns !== undefined && endsWith(columns);
}
