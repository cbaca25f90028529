import { editDistance } from '../base/edit-distance.ts';
import { AttuneError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { describe } from '../base/options.ts';
import type { TableRow } from '../results/table.ts';

/** What every analysis takes: a table of `getDataFrame()`, of a `Frame`, or an array of objects. Each row is gone through once. */
export type Rows = Iterable<TableRow>;

/**
 * The values of a column, one per row, null where a row lacks it. A parameter may be written as in the space (`model.activation`), or as the
 * column that holds it (`config/model/activation`, in a `Frame` `config.model.activation`).
 *
 * @param where - the function, for the message
 * @throws {AttuneError} `COLUMN_UNKNOWN`
 */
export function columnOf(where: string, rows: readonly TableRow[], name: string): readonly Json[] {
  const column = columnName(where, rows, name);
  return rows.map((row) => row[column] ?? null);
}

/** The key of the rows that `name` means. @throws {AttuneError} `COLUMN_UNKNOWN` */
export function columnName(where: string, rows: readonly TableRow[], name: string): string {
  const spellings = [name, `config/${name}`, `config/${name.replaceAll('.', '/')}`, `config.${name}`];
  const found = spellings.find((spelling) => rows.some((row) => Object.hasOwn(row, spelling)));
  if (found !== undefined) return found;
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].sort((a, b) => editDistance(a, name) - editDistance(b, name));
  throw new AttuneError(
    'COLUMN_UNKNOWN',
    `${where}: expected a column ${describe(name)}, or "config/${name}", got ${columns.slice(0, 10).map(describe).join(', ') || 'no rows'}.`,
  );
}
