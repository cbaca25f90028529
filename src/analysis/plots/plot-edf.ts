import { AttuneError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { checkOptions, checkText } from '../../base/options.ts';
import { empiricalDistribution } from '../empirical-distribution.ts';
import type { Mode } from '../numbers.ts';
import type { Rows } from '../rows.ts';
import { axis, checkScale, counted, type Scale, shown } from './axis.ts';
import { lacking, measured } from './metrics.ts';
import { PLOT_OPTIONS, type Plot, type PlotOptions, plotOf } from './plot.ts';
import { parameterOf } from './trials-of.ts';

/** What `plotEdf` shows. The mode says which row of a trial counts; the axis is the metric as it was reported. */
export interface EdfOptions extends PlotOptions {
  /** A column of the rows. */
  readonly metric: string;
  /** `'min'` when lower is better. */
  readonly mode: Mode;
  /** Default: the name of the metric. */
  readonly xTitle?: string;
  /** Default `linear`. */
  readonly xScale?: Scale;
}

/**
 * The empirical distribution of a metric: which share of the trials is at most as high as a value. Of several experiments a line each.
 *
 * @param rows - of one experiment, or of several by name: `{ random: rows, tpe: rows }`; of several rows of a trial the best counts
 * @throws {AttuneError} `COLUMN_UNKNOWN`, `DATA_INSUFFICIENT`
 * @see empiricalDistribution
 * @example
 * ```ts
 * import { plotEdf } from 'attune/analysis';
 * plotEdf({ random: [{ loss: 3 }, { loss: 2 }], tpe: [{ loss: 2 }, { loss: 1 }] }, { metric: 'loss', mode: 'min' });
 * ```
 */
export function plotEdf(rows: Rows | Readonly<Record<string, Rows>>, options: EdfOptions): Plot {
  const where = 'plotEdf';
  checkOptions(where, options, ['metric', 'mode', 'xTitle', 'xScale', ...PLOT_OPTIONS]);
  checkText(where, 'metric', options.metric);
  checkScale(where, 'xScale', options.xScale);
  const { metric, mode, xScale = 'linear' } = options;
  const several = Symbol.iterator in rows ? { '': rows as Rows } : (rows as Readonly<Record<string, Rows>>);
  if (Object.keys(several).length === 0) throw new AttuneError('DATA_INSUFFICIENT', `${where}: expected at least one experiment, got none.`);
  let [all, drawn] = [0, 0];
  const values = Object.entries(several).flatMap(([name, own]): JsonObject[] => {
    const found = measured(where, [...own], { [metric]: mode });
    const known = found.trials.flatMap(({ values: [value = 0] }) => (xScale === 'linear' || value > 0 ? [{ value }] : []));
    [all, drawn] = [all + found.all, drawn + known.length];
    const steps = known.length === 0 ? [] : empiricalDistribution(known, { metric: 'value' });
    return [...steps.slice(0, 1).map(({ value }) => ({ value, share: 0 })), ...steps].map(({ value, share }) => ({ x: value, y: share, name: shown(name) }));
  });
  if (drawn === 0) throw new AttuneError('DATA_INSUFFICIENT', `${where}: expected a value of ${JSON.stringify(metric)} above 0, got none.`);
  const names = Object.keys(several).map(shown);
  const title = options.xTitle ?? parameterOf(metric);
  const color = names.length > 1 ? { color: { field: 'name', type: 'nominal', title: null, scale: { domain: names } } } : {};
  const view = {
    data: { values },
    layer: [
      {
        name: 'steps',
        mark: { type: 'line', interpolate: 'step-after', strokeWidth: 2 },
        encoding: { x: axis('x', title, xScale), y: { ...axis('y', 'share of trials'), scale: { domain: [0, 1] } }, ...color },
      },
    ],
  };
  const sketch = {
    width: 560,
    height: 360,
    title: `Distribution of ${shown(title)}`,
    subtitle: [counted(drawn, 'trial'), ...lacking(all, drawn)],
    view: () => view,
  };
  return plotOf(where, sketch, options);
}
