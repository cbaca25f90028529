import { AttuneError } from '../../base/errors.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { checkOptions, checkText, describe } from '../../base/options.ts';
import type { TableRow } from '../../results/table.ts';
import type { Config } from '../../space/config.ts';
import { columnName, type Rows } from '../rows.ts';
import { axis, checkScale, counted, placed, type Scale, short, shown } from './axis.ts';
import { type Frame, PLOT_OPTIONS, type Plot, type PlotOptions, plotOf } from './plot.ts';
import { tips } from './tips.ts';
import { configOf, parameterOf, someNumber, type TrialRows, trialsOf, varyingParameters } from './trials-of.ts';

/** Which metric `plotLearningCurves` draws along which, and how it names and colours trials. */
export interface LearningCurvesOptions extends PlotOptions {
  /** The metric along the horizontal axis, default `training_iteration`. */
  readonly x?: string;
  /** The metric to be drawn. */
  readonly y: string;
  /** What the legend calls a trial, from its configuration. Trials of the same label have the same colour. Default: the values of the parameters that vary. */
  readonly label?: (config: Config) => string;
  /** With more than twelve trials: colour the ten that end best, and let the others stand back. */
  readonly mode?: 'min' | 'max';
  /** What the axes are called. Default: the names of the columns. */
  readonly xTitle?: string;
  readonly yTitle?: string;
  /** Default `linear`, both; `log` leaves out what is not above 0. */
  readonly xScale?: Scale;
  readonly yScale?: Scale;
}

interface Curve {
  readonly trial: number;
  readonly label: string;
  readonly points: readonly Point[];
  /** The last value that it has. */
  readonly last: number;
}

interface Point {
  readonly x: number;
  /** null: a gap in the line. */
  readonly y: number | null;
}

const IN_LEGEND = 12;
const NAMED = 10;
/** Of a legend, in pixels, unless the picture is made wider. */
const WIDEST = 420;

/**
 * One line for each trial: a metric along the reports, of one trial or of all on the same axes.
 *
 * @param rows - a row per report: `result.metricsDataFrame()`, or `grid.getDataFrame({ rows: 'all' })`. Where rows have no `trial_id` they are all of one trial
 * @returns with up to twelve labels a legend; with more, colours by the number of the trial, or by `mode`. NaN and null are gaps; a value without neighbours is a point
 * @throws {AttuneError} `COLUMN_UNKNOWN` for a column that no row has, `DATA_INSUFFICIENT` when no row has a number in both
 * @example
 * ```ts
 * import { plotLearningCurves } from 'attune/analysis';
 * const rows = [1, 2, 3].flatMap((training_iteration) => [0.1, 0.2].map((lr) => ({ trial_id: `t${lr}`, training_iteration, loss: lr / training_iteration, 'config/lr': lr })));
 * plotLearningCurves(rows, { y: 'loss', label: (config) => `lr=${config.lr}`, title: 'Loss of both' });
 * ```
 */
export function plotLearningCurves(rows: Rows, options: LearningCurvesOptions): Plot {
  const where = 'plotLearningCurves';
  checkOptions(where, options, ['x', 'y', 'label', 'mode', 'xTitle', 'yTitle', 'xScale', 'yScale', ...PLOT_OPTIONS]);
  checkText(where, 'y', options.y);
  checkScale(where, 'xScale', options.xScale);
  checkScale(where, 'yScale', options.yScale);
  const { x = 'training_iteration', y, mode, xScale = 'linear', yScale = 'linear' } = options;
  const all = [...rows];
  const columns = { x: columnName(where, all, x), y: columnName(where, all, y) };
  someNumber(
    where,
    x,
    all.map((row) => row[columns.x]),
    xScale,
  );
  someNumber(
    where,
    y,
    all.map((row) => row[columns.y]),
    yScale,
  );
  const trials = trialsOf(all, 'one');
  const labelOf = options.label === undefined ? defaultLabel(trials) : (row: TableRow) => labelled(where, options.label?.(configOf(row) as Config));
  const curves = trials.map(({ trial, name, rows }): Curve => {
    const points = rows.flatMap((row) => {
      const at = placed(row[columns.x], xScale);
      return at === null ? [] : [{ x: at, y: placed(row[columns.y], yScale) }];
    });
    return { trial, label: shown(labelOf(rows[0] as TableRow) || name), points, last: points.findLast((point) => point.y !== null)?.y ?? Number.NaN };
  });
  const drawn = curves.filter(({ last }) => !Number.isNaN(last));
  if (drawn.length === 0)
    throw new AttuneError('DATA_INSUFFICIENT', `${where}: expected a row with numbers in both ${describe(x)} and ${describe(y)}, got none.`);
  const [xTitle, yTitle] = [options.xTitle ?? parameterOf(x), options.yTitle ?? parameterOf(y)];
  const isWhole = xScale === 'linear' && drawn.every(({ points }) => points.every((point) => Number.isInteger(point.x)));
  const axes = { x: axis('x', xTitle, xScale, isWhole ? { axis: { tickMinStep: 1 } } : {}), y: axis('y', yTitle, yScale) };
  const only = drawn.length === 1 ? drawn[0]?.label : undefined;
  const missing = curves.length - drawn.length;
  const subtitle = [only ?? counted(drawn.length, 'trial'), ...(missing > 0 ? [`${missing} more without a value`] : [])];
  const legend = legendOf(drawn, mode);
  const needed = legend.reduce((most, { label }) => Math.max(most, 10 + 6.6 * label.length), 160);
  const view = ({ width }: Frame): JsonObject => viewOf(drawn, axes, legend, Math.max(width / 4, Math.min(needed, 0.45 * width)));
  const width = 480 + Math.min(needed, WIDEST);
  return plotOf(where, { width, height: 380, title: `${shown(yTitle)} by ${shown(xTitle)}`, subtitle, view }, options);
}

function labelled(where: string, label: unknown): string {
  if (typeof label === 'string') return label;
  throw new AttuneError('OPTION_RANGE', `${where}: expected label to return a string, got ${describe(label)}.`);
}

/** `lr=0.01, act=relu`: of the parameters that are not the same in all trials, at most four; `model.act` as `act` where no other ends so. */
function defaultLabel(trials: readonly TrialRows[]): (row: TableRow) => string {
  const all = [...varyingParameters(trials.map(({ rows }) => rows[0] as TableRow))];
  const last = (name: string): string => name.slice(name.lastIndexOf('.') + 1);
  const isOnly = (name: string): boolean => all.filter(([, other]) => last(other) === last(name)).length === 1;
  const varying = all.slice(0, 4).map(([column, name]) => [column, isOnly(name) ? last(name) : name] as const);
  return (row) =>
    varying
      .map(([column, name]) => {
        const value = row[column] ?? null;
        return `${name}=${typeof value === 'number' ? short(value) : typeof value === 'string' && value !== '' ? value : JSON.stringify(value)}`;
      })
      .join(', ');
}

/** Those that are named: all of few, of many the ten that end best; none when nobody says which way is better. */
function legendOf(curves: readonly Curve[], mode: 'min' | 'max' | undefined): readonly Curve[] {
  if (labelsOf(curves).length <= IN_LEGEND) return curves;
  if (mode === undefined) return [];
  return curves.toSorted((a, b) => (mode === 'min' ? a.last - b.last : b.last - a.last)).slice(0, NAMED);
}

const labelsOf = (curves: readonly Curve[]): string[] => [...new Set(curves.map(({ label }) => label))];

/** @param labelLimit - how wide a label of the legend may be */
function viewOf(
  curves: readonly Curve[],
  axes: { readonly x: JsonObject; readonly y: JsonObject },
  inLegend: readonly Curve[],
  labelLimit: number,
): JsonObject {
  const values = curves.flatMap(({ trial, label, points }) =>
    points.map(({ x, y }, i): JsonObject => {
      const alone = y !== null && (points[i - 1]?.y ?? null) === null && (points[i + 1]?.y ?? null) === null;
      return { x, y, trial, label, ...(alone ? { alone: 1 } : {}) };
    }),
  );
  const many = curves.length > IN_LEGEND;
  const line = { type: 'line', strokeWidth: many ? 1 : 1.8, opacity: many ? Math.max(0.05, Math.min(0.6, 60 / curves.length)) : 1 };
  const tooltip = tips({ label: 'trial', x: axes.x.title as string, y: axes.y.title as string });
  const encoding = { ...axes, detail: { field: 'trial' }, tooltip };
  const layersOf = (color: JsonObject, named: (value: JsonObject) => boolean, look: JsonObject): JsonObject[] => {
    const own = values.filter(named);
    const alone = own.filter((value) => value.alone === 1);
    const points = { data: { values: alone }, mark: { type: 'point', filled: true, size: 30, opacity: 0.9, ...(look.style ? { style: look.style } : {}) } };
    return [
      { name: 'curves', data: { values: own }, mark: { ...line, ...look }, encoding: { color } },
      ...(alone.length > 0 ? [{ name: 'points', ...points, encoding: { color } }] : []),
    ];
  };
  const scale = { domain: labelsOf(inLegend) };
  if (inLegend.length === curves.length) {
    const legend: Json = curves.length === 1 ? null : { title: null, orient: 'right', labelLimit };
    return { encoding, layer: layersOf({ field: 'label', type: 'nominal', scale, legend }, () => true, {}) };
  }
  if (inLegend.length === 0) return { encoding, layer: layersOf({ field: 'trial', type: 'quantitative', title: 'trial' }, () => true, {}) };
  const named = new Set(inLegend.map(({ trial }) => trial));
  const color = { field: 'label', type: 'nominal', title: `the best ${NAMED}`, scale, legend: { labelLimit } };
  const behind = layersOf({}, ({ trial }) => !named.has(trial as number), { style: 'faint' }).map((layer) => ({
    ...layer,
    name: `${layer.name as string}_behind`,
    encoding: {},
  }));
  return { encoding, layer: [...behind, ...layersOf(color, ({ trial }) => named.has(trial as number), { strokeWidth: 1.8, opacity: 1 })] };
}
