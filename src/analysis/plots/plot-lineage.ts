import { AttuneError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { checkOptions } from '../../base/options.ts';
import { counted, shown } from './axis.ts';
import { type Frame, PLOT_OPTIONS, type Plot, type PlotOptions, plotOf } from './plot.ts';
import { tips } from './tips.ts';

/** What a plot of lineages reads of a `Result`. */
export interface Descendant {
  readonly metrics: { readonly trial_id: string; readonly training_iteration: number };
  readonly lineage: readonly { readonly trial: string; readonly step: number }[];
}

/**
 * Where the weights of each member of a population come from: a row for each trial, and a line along those who trained what is now its, from row to
 * row where one was copied. Lines that died out end where nobody copied them any more.
 *
 * @param grid - a `ResultGrid`, or some of its results
 * @throws {AttuneError} `DATA_INSUFFICIENT` when there is no trial
 * @example
 * ```ts
 * import { plotLineage } from 'attune/analysis';
 * plotLineage([
 *   { metrics: { trial_id: 'a', training_iteration: 9 }, lineage: [{ trial: 'a', step: 0 }] },
 *   { metrics: { trial_id: 'b', training_iteration: 9 }, lineage: [{ trial: 'a', step: 0 }, { trial: 'b', step: 5 }] },
 * ]);
 * ```
 */
export function plotLineage(grid: Iterable<Descendant>, options: PlotOptions = {}): Plot {
  const where = 'plotLineage';
  checkOptions(where, options, PLOT_OPTIONS);
  const results = [...grid].map(({ metrics, lineage }) => ({ id: metrics.trial_id, end: metrics.training_iteration, lineage }));
  if (results.length === 0) throw new AttuneError('DATA_INSUFFICIENT', `${where}: expected at least one trial, got none.`);
  const place = new Map(results.map(({ id }, i) => [id, i]));
  const values = results.flatMap(({ id, end, lineage }): JsonObject[] =>
    lineage.flatMap(({ trial, step }, i) => {
      const y = place.get(trial) ?? place.get(id) ?? 0;
      const to = lineage[i + 1]?.step ?? Math.max(step, end);
      return [step, to].map((x, side) => ({ x, y, of: id, i: 2 * i + side, name: shown(id), by: shown(trial) }));
    }),
  );
  const copies = results.reduce((sum, { lineage }) => sum + lineage.filter(({ trial }, i) => i > 0 && trial !== lineage[i - 1]?.trial).length, 0);
  const last = results.length - 1;
  const view = ({ height }: Frame): JsonObject => {
    const few = (height - 110) / results.length >= 14;
    const names = JSON.stringify(results.map(({ id }) => shown(id)));
    const axis = few ? { values: results.map((_, i) => i), labelExpr: `${names}[datum.value]`, labelOverlap: false } : { tickMinStep: 1, format: 'd' };
    const x = { field: 'x', type: 'quantitative', title: 'step', scale: { zero: true }, axis: { tickMinStep: 1 } };
    const y = {
      field: 'y',
      type: 'quantitative',
      title: few ? null : 'trial',
      scale: { domain: [-0.6, last + 0.6], nice: false, zero: false, reverse: true },
      axis: { ...axis, grid: false },
    };
    const opacity = Math.max(0.1, Math.min(0.7, 20 / results.length));
    const color = { field: 'of', type: 'nominal', legend: null, scale: { domain: results.map(({ id }) => id) } };
    const order = { field: 'i', type: 'quantitative' };
    return {
      layer: [
        {
          name: 'lines',
          data: { values },
          mark: { type: 'line', strokeWidth: 1.8, opacity },
          encoding: { x, y, order, color, tooltip: tips({ name: 'trial' }) },
        },
      ],
    };
  };
  const height = Math.round(Math.min(700, Math.max(220, 130 + 22 * Math.min(results.length, 26))));
  const sketch = {
    width: 640,
    height,
    title: 'Whose weights they are',
    subtitle: [`${counted(results.length, 'trial')}, ${copies} copied from another`],
    view,
  };
  return plotOf(where, sketch, options);
}
