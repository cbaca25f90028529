import type { JsonObject } from '../../base/json.ts';
import { checkOptions, checkText } from '../../base/options.ts';
import { bestSoFar } from '../best-so-far.ts';
import { checkMode } from '../numbers.ts';
import { reduceRows } from '../reduce-rows.ts';
import { columnName, type Rows } from '../rows.ts';
import { axis, checkScale, counted, placed, type Scale, short, shown } from './axis.ts';
import { PLOT_OPTIONS, type Plot, type PlotOptions, plotOf } from './plot.ts';
import { tips } from './tips.ts';
import { parameterOf, someNumber, trialsOf } from './trials-of.ts';

/** What `plotOptimizationHistory` shows. */
export interface OptimizationHistoryOptions extends PlotOptions {
  /** A column of the rows. */
  readonly metric: string;
  /** `'min'` when lower is better. */
  readonly mode: 'min' | 'max';
  /** Default: the name of the metric. */
  readonly yTitle?: string;
  /** Default `linear`; `log` leaves out values that are not above 0. */
  readonly yScale?: Scale;
}

/**
 * What every trial reached, in the order in which trials were queued, and the best until then.
 *
 * @param rows - one per trial; of several rows with the same `trial_id` the best counts. Trials without a finite number have no point, and are counted
 * @throws {AttuneError} `COLUMN_UNKNOWN`, `DATA_INSUFFICIENT` when no trial has a number
 * @see bestSoFar
 * @example
 * ```ts
 * import { plotOptimizationHistory } from 'attune/analysis';
 * plotOptimizationHistory([{ loss: 3 }, { loss: 1 }, { loss: 2 }], { metric: 'loss', mode: 'min' }).spec.title; // => { text: 'loss of 3 trials', subtitle: ['best: 1, trial 1'] }
 * ```
 */
export function plotOptimizationHistory(rows: Rows, options: OptimizationHistoryOptions): Plot {
  const where = 'plotOptimizationHistory';
  checkOptions(where, options, ['metric', 'mode', 'yTitle', 'yScale', ...PLOT_OPTIONS]);
  checkText(where, 'metric', options.metric);
  checkMode(where, options.mode);
  checkScale(where, 'yScale', options.yScale);
  const { metric, mode, yScale = 'linear' } = options;
  const all = [...rows];
  const column = columnName(where, all, metric);
  const trials = trialsOf(reduceRows(all, { metric: column, mode, reduce: 'best' }), 'each');
  someNumber(
    where,
    metric,
    trials.map(({ rows: [row] }) => row?.[column]),
    yScale,
  );
  const own = trials.map(({ rows: [row] }) => ({ value: placed(row?.[column], yScale) }));
  const points = bestSoFar(own, { metric: 'value', mode }).filter(({ best }) => !Number.isNaN(best));
  const values = points.map(({ index, best }): JsonObject => ({ trial: index, name: trials[index]?.name ?? '', value: own[index]?.value ?? null, best }));
  const best = points.at(-1)?.best ?? Number.NaN;
  const first = own.findIndex(({ value }) => value === best);
  const title = options.yTitle ?? parameterOf(metric);
  const missing = trials.length - values.filter(({ value }) => value !== null).length;
  const lacking = missing > 0 ? [`${missing} without a value`] : [];
  const subtitle = [`best: ${short(best)}, trial ${first}`, ...lacking];
  const x = axis('trial', 'trial', 'linear', { axis: { tickMinStep: 1, format: 'd' } });
  const y = axis('value', title, yScale);
  const scale = { domain: ['trial', 'best so far'] };
  const legend = { title: null, orient: 'top', symbolType: 'circle' };
  const tooltip = tips({ name: 'trial', value: title, best: 'best so far' });
  const view = {
    data: { values },
    layer: [
      {
        name: 'trials',
        transform: [{ filter: 'isValid(datum.value)' }],
        mark: { type: 'point', style: 'trial' },
        encoding: { x, y, color: { datum: 'trial', scale, legend }, tooltip },
      },
      {
        name: 'best',
        mark: { type: 'line', interpolate: 'step-after', strokeWidth: 2 },
        encoding: { x, y: { ...y, field: 'best' }, color: { datum: 'best so far', scale, legend } },
      },
    ],
  };
  return plotOf(where, { width: 640, height: 360, title: `${shown(title)} of ${counted(trials.length, 'trial')}`, subtitle, view: () => view }, options);
}
