import type { JsonObject } from '../../base/json.ts';
import { checkOptions } from '../../base/options.ts';
import { type HypervolumeOptions, volumesOf } from '../hypervolume-history.ts';
import type { Rows } from '../rows.ts';
import { axis, short, shown } from './axis.ts';
import { lacking, measured } from './metrics.ts';
import { PLOT_OPTIONS, type Plot, type PlotOptions, plotOf } from './plot.ts';
import { tips } from './tips.ts';
import { parameterOf } from './trials-of.ts';

/** Of which metrics `plotHypervolumeHistory` shows the volume, and up to where: as `hypervolumeHistory` has it. */
export interface HypervolumeHistoryOptions extends PlotOptions, HypervolumeOptions {}

/**
 * How much of the space between the trials and a point of reference the first 1, 2, … trials dominate: it never falls, and stands still where a search
 * finds nothing new.
 *
 * @param rows - one per trial in the order in which they were queued, or one per report, of which the best in the first metric counts
 * @see hypervolumeHistory
 * @throws {AttuneError} `METRIC_INVALID` without metrics; `OPTION_RANGE` for a reference that lacks one; `COLUMN_UNKNOWN`, `DATA_INSUFFICIENT`
 * @example
 * ```ts
 * import { plotHypervolumeHistory } from 'attune/analysis';
 * plotHypervolumeHistory([{ loss: 1, ms: 9 }, { loss: 2, ms: 4 }], { metrics: { loss: 'min', ms: 'min' }, reference: { loss: 3, ms: 10 } });
 * ```
 */
export function plotHypervolumeHistory(rows: Rows, options: HypervolumeHistoryOptions): Plot {
  const where = 'plotHypervolumeHistory';
  checkOptions(where, options, ['metrics', 'reference', ...PLOT_OPTIONS]);
  const { all, trials } = measured(where, [...rows], options.metrics);
  const { points, reference } = volumesOf(
    where,
    trials.map(({ row }) => row),
    options,
  );
  const values = trials.map(({ trial, name }, i): JsonObject => ({ trial, name, volume: points[i]?.hypervolume ?? 0 }));
  const x = axis('trial', 'trial', 'linear', { axis: { tickMinStep: 1, format: 'd' } });
  const y = { ...axis('volume', 'hypervolume'), scale: { zero: true } };
  const view = {
    data: { values },
    layer: [
      { name: 'volume', mark: { type: 'line', interpolate: 'step-after', strokeWidth: 2 }, encoding: { x, y } },
      { name: 'points', mark: { type: 'point', style: 'trial', size: 20 }, encoding: { x, y, tooltip: tips({ name: 'trial', volume: 'hypervolume' }) } },
    ],
  };
  const corner = Object.entries(reference).map(([metric, value]) => `${shown(parameterOf(metric)).slice(0, 40)} ${short(value)}`);
  const subtitle = [`to the reference ${corner.join(', ')}`, ...lacking(all, trials.length)];
  return plotOf(where, { width: 600, height: 340, title: 'Hypervolume', subtitle, view: () => view }, options);
}
