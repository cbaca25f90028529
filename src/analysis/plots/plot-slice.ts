import type { JsonObject } from '../../base/json.ts';
import { checkOptions, checkText } from '../../base/options.ts';
import { type Attribute, type AttributeOptions, attributesOf } from '../attributes.ts';
import type { Mode } from '../numbers.ts';
import type { Rows } from '../rows.ts';
import { axis, checkScale, counted, placed, type Scale, shortened, shown, ticks } from './axis.ts';
import { lacking, measured } from './metrics.ts';
import { type Frame, PLOT_OPTIONS, type Plot, type PlotOptions, plotOf } from './plot.ts';
import { tips } from './tips.ts';
import { parameterOf } from './trials-of.ts';

/** A metric and the parameters that it is shown against. */
export interface ParametersPlotOptions extends PlotOptions, AttributeOptions {
  /** A column of the rows. */
  readonly metric: string;
  /** `'min'` when lower is better. */
  readonly mode: Mode;
  /** Default: the name of the metric. */
  readonly metricTitle?: string;
}

/** What `plotSlice` shows. */
export interface SlicePlotOptions extends ParametersPlotOptions {
  /** Of the metric. Default `linear`. */
  readonly yScale?: Scale;
}

export const PARAMETERS_OPTIONS = ['metric', 'mode', 'metricTitle', 'numericalAttributes', 'categoricalAttributes', 'space', ...PLOT_OPTIONS] as const;

const COLUMNS = 3;

/**
 * A metric against each parameter, a panel for each; later trials are coloured differently, which shows where the searcher went.
 *
 * @param rows - one per trial, or one per report, of which the best counts
 * @returns panels in rows of three, one per parameter that varies, or per attribute that is named
 * @throws {AttuneError} `COLUMN_UNKNOWN`, `DATA_INSUFFICIENT`
 * @example
 * ```ts
 * import { plotSlice } from 'attune/analysis';
 * plotSlice([{ loss: 3, 'config/lr': 0.1 }, { loss: 1, 'config/lr': 0.01 }], { metric: 'loss', mode: 'min' });
 * ```
 */
export function plotSlice(rows: Rows, options: SlicePlotOptions): Plot {
  const where = 'plotSlice';
  checkOptions(where, options, [...PARAMETERS_OPTIONS, 'yScale']);
  checkText(where, 'metric', options.metric);
  checkScale(where, 'yScale', options.yScale);
  const { metric, mode, yScale = 'linear' } = options;
  const { all, trials } = measured(where, [...rows], { [metric]: mode });
  const attributes = attributesOf(
    where,
    trials.map(({ row }) => row),
    { ...options, isNullShown: true },
  );
  const title = options.metricTitle ?? parameterOf(metric);
  const places = trials.map(({ values: [value] }) => placed(value, yScale));
  const panel = (attribute: Attribute, n: number, { width }: Frame): JsonObject => {
    const values = trials.flatMap(({ trial, name }, i): JsonObject[] => {
      const [at, y] = [attribute.values[i] as number, places[i] ?? null];
      if (Number.isNaN(at) || y === null) return [];
      return [{ x: attribute.kind === 'numeric' && attribute.log ? 10 ** at : at, y, trial, name }];
    });
    const own = Math.max(120, Math.floor((width - 170) / Math.min(COLUMNS, attributes.length)) - 40);
    const color = { field: 'trial', type: 'quantitative', title: 'trial', scale: { domain: [0, Math.max(1, all - 1)] } };
    const tooltip = tips({ name: 'trial', x: attribute.name, y: title });
    const y = axis('y', n % COLUMNS === 0 ? title : '', yScale, { axis: { titleLimit: 180 } });
    const encoding = { x: acrossAxis(attribute, own), y, color, tooltip };
    return {
      name: `panel_${n}`,
      width: own,
      height: 200,
      data: { values },
      mark: { type: 'point', filled: true, size: trials.length > 500 ? 15 : 36, opacity: trials.length > 500 ? 0.4 : 0.8 },
      encoding,
    };
  };
  const view = (frame: Frame): JsonObject => ({ columns: COLUMNS, spacing: 24, concat: attributes.map((attribute, n) => panel(attribute, n, frame)) });
  const width = 170 + 200 * Math.min(COLUMNS, Math.max(2, attributes.length));
  const sketch = {
    width,
    height: 300,
    title: `${shown(title)} by ${counted(attributes.length, 'parameter')}`,
    subtitle: [counted(trials.length, 'trial'), ...lacking(all, trials.length)],
    view,
  };
  return plotOf(where, sketch, options);
}

/** A horizontal axis of a parameter: of numbers, or of labels at 0, 1, 2, … */
export function acrossAxis(attribute: Attribute, width: number, field = 'x'): JsonObject {
  const look = { titleLimit: width + 20 };
  if (attribute.kind === 'numeric') {
    const scale = attribute.log ? 'log' : 'linear';
    const known = attribute.values.filter((value) => !Number.isNaN(value)).map((value) => (attribute.log ? 10 ** value : value));
    const { axis: own = {} } = ticks(scale, known) as { axis?: JsonObject };
    return axis(field, attribute.name, scale, { axis: { ...look, tickCount: Math.max(2, Math.round(width / 60)), labelOverlap: 'greedy', ...own } });
  }
  const each = width / attribute.labels.length;
  const texts = attribute.labels;
  const isUpright = field === 'x' && texts.some((text) => shortened(text, each - 6) !== shown(text));
  const limit = isUpright ? 90 : Math.max(20, each - 6);
  const labels = JSON.stringify(texts.map((text) => shortened(text, limit)));
  const values = each < 14 ? [] : texts.map((_, i) => i);
  const scale = { domain: [-0.5, texts.length - 0.5], nice: false, zero: false };
  const upright = isUpright ? { labelAngle: -90, labelAlign: 'right', labelBaseline: 'middle' } : {};
  const labelled = { ...look, ...upright, values, labelExpr: `${labels}[datum.value]`, labelLimit: limit, labelOverlap: false, grid: false };
  return { field, type: 'quantitative', title: shown(attribute.name), scale, axis: labelled };
}
