import type { Json, JsonObject } from '../base/json.ts';
import { flatten } from '../trial/metrics.ts';

/** As RFC 4180 has it, and as Python's csv module writes. */
const LINE_END = '\r\n';

/** A row of progress.csv by column: nested keys are joined by `/`, and the configuration is left out (params.json has it). */
export function csvRow(row: JsonObject): Readonly<Record<string, Json>> {
  const { config: _, ...rest } = row;
  return flatten(rest, Object.create(null) as Record<string, Json>); // a column may be called `constructor`
}

export const csvHeader = (columns: readonly string[]): string => columns.map(quote).join(',') + LINE_END;

/** The columns of a text that begins with a header; `undefined` when it has no whole one. */
export function csvColumns(text: string): readonly string[] | undefined {
  const columns: string[] = [];
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy)) {
    columns.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === LINE_END) return columns;
  }
  return undefined;
}

/** One line: a missing value, null and NaN are empty, infinities `inf` and `-inf`, arrays JSON. */
export function csvLine(columns: readonly string[], row: Readonly<Record<string, Json>>): string {
  let line = '';
  for (let i = 0; i < columns.length; i++) line += (i > 0 ? ',' : '') + cell(row[columns[i] as string]);
  return line + LINE_END;
}

/** The records of `text` without its header, each with so many empty cells more. Cost: one pass. */
export function addEmptyCells(text: string, count: number): string {
  const cells = `${','.repeat(count)}${LINE_END}`;
  let records = '';
  let isHeader = true;
  let record = '';
  let quotes = 0;
  for (const piece of text.split(LINE_END)) {
    record += piece;
    quotes += piece.split('"').length - 1;
    if (quotes % 2 === 1) {
      record += LINE_END; // inside of a quoted cell
      continue;
    }
    if (!isHeader && record !== '') records += record + cells;
    isHeader = false;
    record = '';
  }
  return records;
}

function cell(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number') return numberCell(value);
  if (typeof value === 'boolean') return String(value);
  return quote(typeof value === 'string' ? value : JSON.stringify(value));
}

function numberCell(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? '' : value > 0 ? 'inf' : '-inf';
}

const quote = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
