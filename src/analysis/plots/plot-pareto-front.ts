import { AttuneError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { paretoRanks } from '../../base/numeric/pareto.ts';
import { checkOptions, describe } from '../../base/options.ts';
import { checkMetrics } from '../numbers.ts';
import type { Rows } from '../rows.ts';
import { axis, counted, type Scale, shown } from './axis.ts';
import { lacking, type Metrics, measured } from './metrics.ts';
import { PLOT_OPTIONS, type Plot, type PlotOptions, plotOf } from './plot.ts';
import { tips } from './tips.ts';
import { parameterOf } from './trials-of.ts';

/** The axes of `plotParetoFront`. */
export interface ParetoFrontOptions extends PlotOptions {
  /** Exactly two: the horizontal axis, and the upright one. */
  readonly metrics: Metrics;
}

/**
 * Trials by two metrics, and those that no other beats in both, joined by a line.
 *
 * @param rows - one per trial, or one per report, of which the best in the first metric counts
 * @throws {AttuneError} `METRIC_INVALID` without metrics, `OPTION_RANGE` for one or more than two, `COLUMN_UNKNOWN`, `DATA_INSUFFICIENT`
 * @example
 * ```ts
 * import { plotParetoFront } from 'attune/analysis';
 * plotParetoFront([{ loss: 1, ms: 9 }, { loss: 2, ms: 4 }, { loss: 3, ms: 8 }], { metrics: { ms: 'min', loss: 'min' } });
 * ```
 */
export function plotParetoFront(rows: Rows, options: ParetoFrontOptions): Plot {
  const where = 'plotParetoFront';
  checkOptions(where, options, ['metrics', ...PLOT_OPTIONS]);
  checkMetrics(where, options.metrics);
  const names = Object.keys(options.metrics);
  if (names.length !== 2) throw new AttuneError('OPTION_RANGE', `${where}: expected two metrics, got ${describe(options.metrics)}.`);
  const { all, trials } = measured(where, [...rows], options.metrics);
  const ranks = paretoRanks(trials.map(({ losses }) => losses));
  const values = trials.map(({ name, values: [x = 0, y = 0] }, i): JsonObject => ({ x, y, name, kind: ranks[i] === 0 ? 'front' : 'others' }));
  const front = values.filter(({ kind }) => kind === 'front');
  const [xTitle, yTitle] = names.map(parameterOf) as [string, string];
  const linear: Scale = 'linear';
  const [x, y] = [axis('x', xTitle, linear), axis('y', yTitle, linear)];
  const color = { field: 'kind', type: 'nominal', title: null, scale: { domain: ['others', 'front'] }, legend: { orient: 'top' } };
  const tooltip = tips({ name: 'trial', x: xTitle, y: yTitle });
  const point = { type: 'point', filled: true, size: 40 };
  const layer = [
    { name: 'line', data: { values: front }, mark: { type: 'line', interpolate: 'linear', strokeWidth: 1.5, opacity: 0.7 }, encoding: { x, y, color } },
    { name: 'points', data: { values }, mark: { ...point, opacity: trials.length > 500 ? 0.4 : 0.8 }, encoding: { x, y, color, tooltip } },
    { name: 'front', data: { values: front }, mark: { ...point, opacity: 1 }, encoding: { x, y, color, tooltip } }, // not behind the others
  ];
  const sketch = {
    width: 520,
    height: 400,
    title: `${shown(yTitle)} and ${shown(xTitle)}`,
    subtitle: [`${counted(trials.length, 'trial')}, ${front.length} on the front`, ...lacking(all, trials.length)],
  };
  return plotOf(where, { ...sketch, view: () => ({ layer }) }, options);
}
