import { AttuneError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { checkOptions, describe } from '../base/options.ts';
import type { TableRow } from '../results/table.ts';
import { checkMode, type Mode } from './numbers.ts';
import { columnName, type Rows } from './rows.ts';

/**
 * Which rows stand for a trial.
 *
 * - `best`: the one in which the metric was best, the first of equal ones
 * - `last`: the last one that has the metric as a number, which may be NaN
 * - `all`: every one
 */
export type Reduce = 'best' | 'last' | 'all';

/** How `reduceRows` chooses among the rows of a trial. `COLUMN_UNKNOWN` for a metric that no row has; `METRIC_INVALID`, `OPTION_RANGE` for another mode or `reduce`. */
export interface ReduceOptions {
  /** A column of the rows. */
  readonly metric: string;
  /** `'min'` when lower is better. */
  readonly mode: Mode;
  /** Default `'best'`. */
  readonly reduce?: Reduce;
  /** The column that says whose row it is. Default `trial_id`; a row without it is a trial of its own. */
  readonly trial?: string;
}

/**
 * One row per trial of a table with many: of `getDataFrame({ rows: 'all' })`, or any other with a column `trial_id`.
 * With several reports per trial, statistics over all rows take the epochs of one trial for independent trials; so one row per trial is
 * what everything here wants, and the default of every plot.
 *
 * @returns in the order in which the trials first appear; a trial that never had the metric as a number, or only as NaN, has its last row.
 *   With `'all'` the rows as they are.
 * @throws {AttuneError} `COLUMN_UNKNOWN` when no row has the metric; `METRIC_INVALID`, `OPTION_UNKNOWN` and `OPTION_RANGE` for wrong options
 * @remarks O(n) time and memory.
 * @example
 * import { reduceRows } from 'attune/analysis';
 * const rows = [{ trial_id: 'a', loss: 2 }, { trial_id: 'a', loss: 1 }, { trial_id: 'b', loss: 3 }];
 * reduceRows(rows, { metric: 'loss', mode: 'min' }); // => [{ trial_id: 'a', loss: 1 }, { trial_id: 'b', loss: 3 }]
 */
export function reduceRows(rows: Rows, options: ReduceOptions): readonly TableRow[] {
  checkOptions('reduceRows', options, ['metric', 'mode', 'reduce', 'trial']);
  const { metric, mode, reduce = 'best', trial = 'trial_id' } = options;
  checkMode('reduceRows', mode);
  if (!['best', 'last', 'all'].includes(reduce))
    throw new AttuneError('OPTION_RANGE', `reduceRows: expected reduce to be 'best', 'last' or 'all', got ${describe(reduce)}.`);
  const all = [...rows];
  const column = columnName('reduceRows', all, metric);
  if (reduce === 'all') return all;
  const chosen = new Map<Json | symbol, TableRow>();
  for (const row of all) {
    const key = row[trial] ?? Symbol();
    const held = chosen.get(key);
    if (held === undefined || (reduce === 'last' ? isKnown(row[column]) || !isKnown(held[column]) : isBetter(row[column], held[column], mode)))
      chosen.set(key, row);
  }
  return [...chosen.values()];
}

const isKnown = (value: Json | undefined): value is number => typeof value === 'number';

/** Whether a row takes the place of an earlier one of its trial: it is better, or none of the two is a number. */
function isBetter(value: Json | undefined, held: Json | undefined, mode: Mode): boolean {
  if (!isKnown(held) || Number.isNaN(held)) return true;
  return isKnown(value) && (mode === 'min' ? value < held : value > held);
}
