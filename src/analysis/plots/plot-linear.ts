import { AttuneError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { checkOptions, checkText, describe } from '../../base/options.ts';
import type { TableRow } from '../../results/table.ts';
import { type LinearFit, linearFit } from '../linear-fit.ts';
import { type Mode, numbersOf } from '../numbers.ts';
import { type Reduce, reduceRows } from '../reduce-rows.ts';
import { columnName, columnOf, type Rows } from '../rows.ts';
import { axis, checkScale, counted, placed, type Scale, short, shown, ticks } from './axis.ts';
import { PLOT_OPTIONS, type Plot, type PlotOptions, plotOf, type Sketch } from './plot.ts';
import { tips } from './tips.ts';
import { parameterOf, someNumber } from './trials-of.ts';

/** A parameter and a metric against it: what `plotViolin` and `plotLinear` show. */
export interface AttributePlotOptions extends PlotOptions {
  /** A parameter as written in the space (`model.units`), or any column. */
  readonly attribute: string;
  /** A column of the rows. */
  readonly metric: string;
  /** `'min'` when lower is better. */
  readonly mode: Mode;
  /** Which rows stand for a trial, default `best`; `all` has every report, so that trials with many count more than others. */
  readonly reduce?: Reduce;
  /** What the axes are called. Default: the names. */
  readonly attributeTitle?: string;
  readonly metricTitle?: string;
}

/** What `plotLinear` shows. */
export interface LinearPlotOptions extends AttributePlotOptions {
  /** `log` draws the attribute on a logarithmic axis, and the line through its logarithms. Default `linear`. */
  readonly xScale?: Scale;
}

export const ATTRIBUTE_OPTIONS = ['attribute', 'metric', 'mode', 'reduce', 'attributeTitle', 'metricTitle', ...PLOT_OPTIONS] as const;

/**
 * A metric against a parameter that is a number: a point for each trial, the least-squares line, and the band in which the true line lies with 95 %.
 *
 * @param rows - one per trial or one per report; those without a finite number in both are left out, and counted
 * @returns without a line when the parameter has one value only
 * @throws {AttuneError} `COLUMN_UNKNOWN`, `DATA_INSUFFICIENT` when no row has numbers in both, or the attribute holds texts or lists
 * @see linearFit
 * @example
 * ```ts
 * import { plotLinear } from 'attune/analysis';
 * plotLinear([{ x: 1, y: 2 }, { x: 2, y: 4 }, { x: 3, y: 6 }], { attribute: 'x', metric: 'y', mode: 'min' }).spec.title; // => { text: 'y by x', subtitle: ['slope 2 (95 %: 2 to 2), n = 3'] }
 * ```
 */
export function plotLinear(rows: Rows, options: LinearPlotOptions): Plot {
  return plotOf('plotLinear', linearSketch('plotLinear', [...rows], options), options);
}

/** @throws {AttuneError} as `plotLinear` */
export function linearSketch(where: string, rows: readonly TableRow[], options: LinearPlotOptions): Sketch {
  checkOptions(where, options, [...ATTRIBUTE_OPTIONS, 'xScale']);
  checkText(where, 'attribute', options.attribute);
  checkText(where, 'metric', options.metric);
  checkScale(where, 'xScale', options.xScale);
  const { attribute, metric, mode, reduce = 'best', xScale = 'linear' } = options;
  const column = columnName(where, rows, metric);
  const kept = reduceRows(rows, { metric: column, mode, reduce });
  const [xs, ys] = [columnOf(where, kept, attribute), columnOf(where, kept, metric)];
  numbersOf(where, `the column ${describe(attribute)}`, xs);
  numbersOf(where, `the column ${describe(metric)}`, ys);
  someNumber(where, attribute, xs, xScale);
  someNumber(where, metric, ys);
  const points = kept.flatMap((row, i) => {
    const [x, y] = [placed(xs[i], xScale), placed(ys[i])];
    return x === null || y === null ? [] : [{ x, y, trial: typeof row.trial_id === 'string' ? shown(row.trial_id) : String(i) }];
  });
  if (points.length === 0)
    throw new AttuneError('DATA_INSUFFICIENT', `${where}: expected a row with numbers in both ${describe(attribute)} and ${describe(metric)}, got none.`);
  const [name, value] = [options.attributeTitle ?? parameterOf(attribute), options.metricTitle ?? parameterOf(metric)];
  const fit = fitOf(points, xScale);
  const axes = {
    x: axis(
      'x',
      name,
      xScale,
      ticks(
        xScale,
        points.map((point) => point.x),
      ),
    ),
    y: axis('y', value),
  };
  const missing = kept.length - points.length;
  const lacking = missing > 0 ? [`${counted(missing, reduce === 'all' ? 'row' : 'trial')} without a number left out`] : [];
  return {
    ...{ width: 460, height: 400, title: `${shown(value)} by ${shown(name)}`, subtitle: [sentence(fit, points.length, xScale), ...lacking] },
    view: () => viewOf(points, fit, axes, xScale),
  };
}

/** On a logarithmic axis through log10 of the attribute. */
function fitOf(points: readonly { readonly x: number; readonly y: number }[], scale: Scale): LinearFit | undefined {
  const xs = points.map(({ x }) => (scale === 'log' ? Math.log10(x) : x));
  if (xs.every((x) => x === xs[0])) return undefined;
  return linearFit(
    xs,
    points.map(({ y }) => y),
  );
}

function sentence(fit: LinearFit | undefined, n: number, scale: Scale): string {
  if (fit === undefined) return `no line: one distinct value, n = ${n}`;
  const [low, high] = fit.interval;
  const interval = Number.isFinite(low) && Number.isFinite(high) ? ` (95 %: ${short(low)} to ${short(high)})` : '';
  return `slope ${short(fit.slope)}${scale === 'log' ? ' per factor of ten' : ''}${interval}, n = ${n}`;
}

function viewOf(points: readonly JsonObject[], fit: LinearFit | undefined, axes: { readonly x: JsonObject; readonly y: JsonObject }, scale: Scale): JsonObject {
  const { x, y } = axes;
  const tooltip = tips({ trial: 'trial', x: x.title as string, y: y.title as string });
  const opacity = points.length > 200 ? Math.max(0.1, 60 / points.length) : 0.65;
  const scatter = { name: 'points', data: { values: points }, mark: { type: 'point', style: 'trial', opacity }, encoding: { x, y, tooltip } };
  if (fit === undefined) return { layer: [scatter] };
  const band = fit.band.map((point): JsonObject => ({ ...point, x: scale === 'log' ? 10 ** point.x : point.x }));
  const isKnown = Number.isFinite(fit.interval[0]) && Number.isFinite(fit.interval[1]);
  const line = { name: 'line', data: { values: isKnown ? band : band.map(({ x, y }) => ({ x, y }) as JsonObject) }, mark: { type: 'line', style: 'fit' } };
  const around = {
    name: 'band',
    data: { values: band },
    mark: { type: 'area', style: 'band' },
    encoding: { x, y: { ...y, field: 'lower' }, y2: { field: 'upper' } },
  };
  return { layer: [...(isKnown ? [around] : []), scatter, { ...line, encoding: { x, y } }] };
}
