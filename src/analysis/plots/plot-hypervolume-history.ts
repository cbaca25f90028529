import { AttuneError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { hypervolume } from '../../base/numeric/hypervolume.ts';
import { dominates } from '../../base/numeric/pareto.ts';
import { checkOptions, describe } from '../../base/options.ts';
import type { Rows } from '../rows.ts';
import { axis, short, shown } from './axis.ts';
import { lacking, type Metrics, measured } from './metrics.ts';
import { PLOT_OPTIONS, type Plot, type PlotOptions, plotOf } from './plot.ts';
import { tips } from './tips.ts';
import { parameterOf } from './trials-of.ts';

/** Of which metrics `plotHypervolumeHistory` shows the volume, and up to where. */
export interface HypervolumeHistoryOptions extends PlotOptions {
  /** At least one: `{ loss: 'min', accuracy: 'max' }`. */
  readonly metrics: Metrics;
  /** As bad as counts, a finite value per metric, in its units. Default: the worst value of each. */
  readonly reference?: Readonly<Record<string, number>>;
}

/**
 * How much of the space between the trials and a point of reference the first 1, 2, … trials dominate: it never falls, and stands still where a search
 * finds nothing new.
 *
 * @param rows - one per trial in the order in which they were queued, or one per report, of which the best in the first metric counts
 * @throws {AttuneError} `OPTION_RANGE` for no metric, or a reference that lacks one; `COLUMN_UNKNOWN`, `DATA_INSUFFICIENT`
 * @example
 * ```ts
 * import { plotHypervolumeHistory } from 'attune/analysis';
 * plotHypervolumeHistory([{ loss: 1, ms: 9 }, { loss: 2, ms: 4 }], { metrics: { loss: 'min', ms: 'min' }, reference: { loss: 3, ms: 10 } });
 * ```
 */
export function plotHypervolumeHistory(rows: Rows, options: HypervolumeHistoryOptions): Plot {
  const where = 'plotHypervolumeHistory';
  checkOptions(where, options, ['metrics', 'reference', ...PLOT_OPTIONS]);
  const { metrics, reference } = options;
  const { all, trials } = measured(where, [...rows], metrics);
  const worst = Object.entries(metrics).map(([metric, mode], i) => {
    if (reference === undefined) return trials.reduce((most, { losses }) => Math.max(most, losses[i] as number), -Infinity);
    const value = reference[metric];
    if (typeof value === 'number' && Number.isFinite(value)) return mode === 'min' ? value : -value;
    throw new AttuneError('OPTION_RANGE', `${where}: expected reference to have a finite number for ${describe(metric)}, got ${describe(value)}.`);
  });
  let [front, volume]: [readonly (readonly number[])[], number] = [[], 0];
  const values = trials.map(({ trial, name, losses }): JsonObject => {
    if (!front.some((other) => dominates(other, losses) || other.every((value, i) => value === losses[i]))) {
      front = [...front.filter((other) => !dominates(losses, other)), losses];
      volume = hypervolume(front, worst);
    }
    return { trial, name, volume };
  });
  const x = axis('trial', 'trial', 'linear', { axis: { tickMinStep: 1, format: 'd' } });
  const y = { ...axis('volume', 'hypervolume'), scale: { zero: true } };
  const view = {
    data: { values },
    layer: [
      { name: 'volume', mark: { type: 'line', interpolate: 'step-after', strokeWidth: 2 }, encoding: { x, y } },
      { name: 'points', mark: { type: 'point', style: 'trial', size: 20 }, encoding: { x, y, tooltip: tips({ name: 'trial', volume: 'hypervolume' }) } },
    ],
  };
  const corner = Object.entries(metrics).map(
    ([metric, mode], i) => `${shown(parameterOf(metric)).slice(0, 40)} ${short(mode === 'min' ? (worst[i] as number) : -(worst[i] as number))}`,
  );
  const subtitle = [`to the reference ${corner.join(', ')}`, ...lacking(all, trials.length)];
  return plotOf(where, { width: 600, height: 340, title: 'Hypervolume', subtitle, view: () => view }, options);
}
