import { checkOptions } from '../base/options.ts';
import { checkMode, isNumber, type Mode, metricOf } from './numbers.ts';
import type { Rows } from './rows.ts';

/** A trial in the history of an experiment. */
export interface HistoryPoint {
  /** The number of the row, from 0. */
  readonly index: number;
  /** NaN when it has no finite one. */
  readonly value: number;
  /** The best so far, this one included; NaN as long as there is none. */
  readonly best: number;
}

/**
 * The optimisation history: after each trial the best value so far.
 *
 * @param rows - one per trial, in the order in which they ran; see `reduceRows`
 * @returns one point per row
 * @throws {AttuneError} `COLUMN_UNKNOWN`; `DATA_INSUFFICIENT` when no value is finite, or one is no number; `METRIC_INVALID` for another mode
 * @remarks O(n) time.
 * @example
 * import { bestSoFar } from 'attune/analysis';
 * bestSoFar([{ loss: 3 }, { loss: 1 }, { loss: 2 }], { metric: 'loss', mode: 'min' }).map(({ best }) => best); // => [3, 1, 1]
 */
export function bestSoFar(rows: Rows, options: { readonly metric: string; readonly mode: Mode }): readonly HistoryPoint[] {
  checkOptions('bestSoFar', options, ['metric', 'mode']);
  const { metric, mode } = options;
  checkMode('bestSoFar', mode);
  let best = Number.NaN;
  return metricOf('bestSoFar', [...rows], metric).map((value, index) => {
    if (isNumber(value) && !(mode === 'min' ? value >= best : value <= best)) best = value;
    return { index, value, best };
  });
}
