import { AttuneError } from '../../base/errors.ts';
import { describe } from '../../base/options.ts';
import type { TableRow } from '../../results/table.ts';
import { checkMetrics, type Mode } from '../numbers.ts';
import { reduceRows } from '../reduce-rows.ts';
import { columnName } from '../rows.ts';
import { placed } from './axis.ts';
import { someNumber, trialsOf } from './trials-of.ts';

/** `{ loss: 'min', accuracy: 'max' }`. */
export type Metrics = Readonly<Record<string, Mode>>;

/** A trial that has all metrics as numbers. */
export interface Measured {
  /** Its place among all trials. */
  readonly trial: number;
  readonly name: string;
  readonly row: TableRow;
  /** One per metric, as reported. */
  readonly values: readonly number[];
  /** The same, lower is better. */
  readonly losses: readonly number[];
}

/**
 * The trials with numbers in all metrics; of several rows of a trial the one that is best in the first.
 * @throws {AttuneError} `METRIC_INVALID`, `COLUMN_UNKNOWN`, `DATA_INSUFFICIENT` when there is none
 */
export function measured(where: string, rows: readonly TableRow[], metrics: Metrics): { readonly all: number; readonly trials: readonly Measured[] } {
  checkMetrics(where, metrics);
  const entries = Object.entries(metrics);
  const [, first] = entries[0] as readonly [string, Mode];
  const columns = entries.map(([metric]) => columnName(where, rows, metric));
  const trials = trialsOf(reduceRows(rows, { metric: columns[0] as string, mode: first }), 'each');
  for (const [i, [metric]] of entries.entries()) {
    someNumber(
      where,
      metric,
      trials.map(({ rows: [row] }) => row?.[columns[i] as string]),
    );
  }
  const complete = trials.flatMap(({ trial, name, rows: [row] }): Measured[] => {
    const values = columns.map((column) => placed(row?.[column]));
    if (row === undefined || !values.every((value) => value !== null)) return [];
    return [{ trial, name, row, values, losses: values.map((value, i) => (entries[i]?.[1] === 'max' ? -value : value)) }];
  });
  if (complete.length === 0)
    throw new AttuneError(
      'DATA_INSUFFICIENT',
      `${where}: expected a trial with finite numbers in all of ${entries.map(([metric]) => describe(metric)).join(', ')}, got none.`,
    );
  return { all: trials.length, trials: complete };
}

/** The line below the title that says how many are not in the picture. */
export const lacking = (all: number, drawn: number): readonly string[] => (drawn < all ? [`${all - drawn} of ${all} trials without a number left out`] : []);
