import { createRequire } from 'node:module';
import type { Json } from '../base/json.ts';

const require = (id: string): unknown => createRequire(import.meta.url)(id); // not at once: a bundle may have no URL

/** One row of a table: column → value. */
export type TableRow = Readonly<Record<string, Json>>;

/**
 * What a verb computes from a row: the name of a column (in `orderby` and `groupby`), the text `'d => d.loss * 2'` (in the others), the same as a function
 * (arquero reads its text, so it sees none of your variables: give them to `params`, and take them from the second argument), or what a function of
 * arquero's made, such as `desc('loss')` or `escape(…)`.
 */
export type TableExpression = string | object | ((row: Values, params: Values) => unknown);
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a column holds is known when the expression runs
type Values = Readonly<Record<string, any>>;

/**
 * An arquero `ColumnTable`: immutable, each verb returns another table. These are the members that results are read with;
 * for all the others install arquero and cast: `table as import('arquero').ColumnTable`. Its own declarations
 * compile only with `skipLibCheck`, so ours do not name them.
 */
export interface Table {
  numRows(): number;
  numCols(): number;
  columnNames(): string[];
  /** The values of a column; a TypeError when there is no such column. */
  array(column: string): Json[];
  /** One value; a TypeError when there is no such column. @param row - default 0 */
  get(column: string, row?: number): Json;
  /** One row. @param row - default 0 */
  object(row?: number): TableRow;
  /** The rows. */
  objects(options?: { readonly limit?: number; readonly offset?: number }): TableRow[];
  [Symbol.iterator](): Iterator<TableRow>;
  /** The rows for which the expression holds. */
  filter(criteria: TableExpression): Table;
  /** With more columns, or others in their place. */
  derive(columns: Readonly<Record<string, TableExpression>>): Table;
  /** These columns, in this order. */
  select(...columns: readonly (string | readonly string[])[]): Table;
  /** Ascending. Descending: `desc` of arquero. */
  orderby(...keys: readonly TableExpression[]): Table;
  /** The same, with values that its expressions find in their second argument. */
  params(values: Readonly<Record<string, unknown>>): Table;
  groupby(...keys: readonly TableExpression[]): Table;
  ungroup(): Table;
  /** One row per group: `{ best: 'd => op.min(d.loss)' }`. */
  rollup(columns: Readonly<Record<string, TableExpression>>): Table;
  /** How many rows, per group: the column `count`. */
  count(): Table;
  /** Rows `start` (default 0) to before `end` (default: all), per group. */
  slice(start?: number, end?: number): Table;
  /** Prints rows with `console.table`. @param limit - default 10 */
  print(limit?: number): this;
  toCSV(): string;
  toJSON(): string;
  /** The first 100 rows, or `limit`. */
  toHTML(options?: { readonly limit?: number }): string;
  /** The first 100 rows, or `limit`. */
  toMarkdown(options?: { readonly limit?: number }): string;
}

/**
 * A table with the columns of all rows in order of first appearance; null where a row lacks one.
 * arquero is loaded by the first call (about 90 ms), not by `import 'attune'`.
 *
 * @param names - columns that come first, and are there without rows too
 */
export function tableOf(rows: Iterable<TableRow>, names: readonly string[] = []): Table {
  const columns = new Map<string, Json[]>(names.map((name) => [name, []]));
  let count = 0;
  for (const row of rows) {
    for (const key of Object.keys(row)) {
      let column = columns.get(key);
      if (column === undefined) columns.set(key, (column = []));
      while (column.length < count) column.push(null);
      column.push(row[key] ?? null);
    }
    count += 1;
  }
  for (const column of columns.values()) while (column.length < count) column.push(null);
  const { table } = require('arquero') as typeof import('arquero');
  return table(columns, [...columns.keys()]) as Table;
}
