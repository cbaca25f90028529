import { AttuneError } from '../../base/errors.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { checkOptions, checkText, describe } from '../../base/options.ts';
import { type Attribute, attributesOf } from '../attributes.ts';
import type { Mode } from '../numbers.ts';
import { ranksOf } from '../ranks.ts';
import type { Rows } from '../rows.ts';
import { counted, shown } from './axis.ts';
import { lacking, type Measured, measured } from './metrics.ts';
import { PLOT_OPTIONS, type Plot, type PlotOptions, plotOf } from './plot.ts';
import { acrossAxis } from './plot-slice.ts';
import { tips } from './tips.ts';
import { parameterOf } from './trials-of.ts';

/** Two parameters and a metric: what `plotRank` and `plotContour` show. */
export interface PairPlotOptions extends PlotOptions {
  /** Two parameters as written in the space, or columns. */
  readonly x: string;
  readonly y: string;
  /** A column of the rows. */
  readonly metric: string;
  /** `'min'` when lower is better. */
  readonly mode: Mode;
  /** Default: the name of the metric. */
  readonly metricTitle?: string;
  /** The space as JSON: what it searches on a logarithmic scale is drawn on one. */
  readonly space?: Json;
}

export interface Pair {
  readonly x: Attribute;
  readonly y: Attribute;
  readonly all: number;
  readonly title: string;
  /** Those that have both: `x` and `y` on the axes. */
  readonly points: readonly (Measured & { readonly x: number; readonly y: number })[];
}

/** @throws {AttuneError} `COLUMN_UNKNOWN`, `DATA_INSUFFICIENT` when no trial has both parameters and the metric */
export function pairOf(where: string, rows: Rows, options: PairPlotOptions): Pair {
  checkOptions(where, options, ['x', 'y', 'metric', 'mode', 'metricTitle', 'space', ...PLOT_OPTIONS]);
  for (const option of ['x', 'y', 'metric'] as const) checkText(where, option, options[option]);
  const { all, trials } = measured(where, [...rows], { [options.metric]: options.mode });
  const own = trials.map(({ row }) => row);
  const names = [options.x, options.y];
  const numbers = attributesOf(where, own, { names }).flatMap(({ kind, name }) => (kind === 'numeric' ? [name] : []));
  const [x, y] = names.map((name) => {
    const kind = numbers.includes(name) ? 'numericalAttributes' : 'categoricalAttributes';
    return attributesOf(where, own, { [kind]: [name], space: options.space, isNullShown: true })[0];
  }) as [Attribute, Attribute];
  const at = (attribute: Attribute, i: number): number => {
    const value = attribute.values[i] as number;
    return attribute.kind === 'numeric' && attribute.log ? 10 ** value : value;
  };
  const points = trials.map((trial, i) => ({ ...trial, x: at(x, i), y: at(y, i) })).filter((point) => !Number.isNaN(point.x) && !Number.isNaN(point.y));
  if (points.length === 0)
    throw new AttuneError('DATA_INSUFFICIENT', `${where}: expected a trial with both ${describe(options.x)} and ${describe(options.y)}, got none.`);
  return { x, y, all, points, title: options.metricTitle ?? parameterOf(options.metric) };
}

/**
 * Trials in the plane of two parameters, coloured by their rank in a metric: from the best, 0 %, to the worst, 100 %, equal ones alike. A rank says where good
 * trials lie also when a few of them are worse than all others by far.
 *
 * @throws {AttuneError} `COLUMN_UNKNOWN`, `DATA_INSUFFICIENT`
 * @example
 * ```ts
 * import { plotRank } from 'attune/analysis';
 * plotRank([{ loss: 3, lr: 0.1, units: 8 }, { loss: 1, lr: 0.01, units: 16 }], { x: 'lr', y: 'units', metric: 'loss', mode: 'min' });
 * ```
 */
export function plotRank(rows: Rows, options: PairPlotOptions): Plot {
  const { x, y, all, points, title } = pairOf('plotRank', rows, options);
  const ranks = ranksOf(points.map(({ losses: [loss = 0] }) => loss)).map((rank) => (rank - 1) / Math.max(1, points.length - 1));
  const values = points.map(({ x, y, name, values: [value = 0] }, i): JsonObject => ({ x, y, name, value, rank: ranks[i] as number }));
  const color = { field: 'rank', type: 'quantitative', title: 'rank', scale: { domain: [0, 1] }, legend: { format: '.0%' } };
  const tooltip = tips({ name: 'trial', x: x.name, y: y.name, value: title, rank: 'rank' });
  const mark = { type: 'point', filled: true, size: points.length > 500 ? 20 : 50, opacity: 0.8 };
  const view = ({ width, height }: { readonly width: number; readonly height: number }): JsonObject => ({
    data: { values },
    layer: [{ name: 'points', mark, encoding: { x: acrossAxis(x, width - 150), y: upAxis(y, height - 130), color, tooltip } }],
  });
  const subtitle = [counted(points.length, 'trial'), ...lacking(all, points.length)];
  return plotOf('plotRank', { width: 520, height: 420, title: `Rank of ${shown(title)}`, subtitle, view }, options);
}

/** As `acrossAxis`, upright: labels lie one above the other. */
export function upAxis(attribute: Attribute, height: number): JsonObject {
  const across = acrossAxis(attribute, attribute.kind === 'categorical' ? 100 * attribute.labels.length : height, 'y');
  const own = across.axis as JsonObject;
  const crowded = attribute.kind === 'categorical' && height / attribute.labels.length < 14 ? { values: [] } : {};
  return { ...across, axis: { ...own, titleLimit: height, ...crowded } };
}
