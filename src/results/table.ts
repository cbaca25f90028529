import { createRequire } from 'node:module';
import type { ColumnTable } from 'arquero';
import type { Json } from '../base/json.ts';

const require = (id: string): unknown => createRequire(import.meta.url)(id); // not at once: a bundle may have no URL

/** One row of a table: column → value. */
export type TableRow = Readonly<Record<string, Json>>;

/**
 * An arquero table with the columns of all rows in order of first appearance; null where a row lacks one.
 * arquero is loaded by the first call (about 90 ms), not by `import 'attune'`.
 */
export function tableOf(rows: readonly TableRow[]): ColumnTable {
  const columns = new Map<string, Json[]>();
  for (const [i, row] of rows.entries()) {
    for (const key of Object.keys(row)) {
      let column = columns.get(key);
      if (column === undefined) {
        column = new Array<Json>(rows.length).fill(null);
        columns.set(key, column);
      }
      column[i] = row[key] ?? null;
    }
  }
  const { table } = require('arquero') as typeof import('arquero');
  return table(columns, [...columns.keys()]);
}
