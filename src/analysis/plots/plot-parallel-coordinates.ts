import type { JsonObject } from '../../base/json.ts';
import { paretoRanks } from '../../base/numeric/pareto.ts';
import { checkOptions } from '../../base/options.ts';
import { type Attribute, type AttributeOptions, attributesOf } from '../attributes.ts';
import type { Rows } from '../rows.ts';
import { counted, short, shortened, shown } from './axis.ts';
import { lacking, type Metrics, measured } from './metrics.ts';
import { type Frame, PLOT_OPTIONS, type Plot, type PlotOptions, plotOf } from './plot.ts';
import { tips } from './tips.ts';
import { parameterOf } from './trials-of.ts';

/** The axes of `plotParallelCoordinates`: the parameters, and the metrics after them. */
export interface ParallelCoordinatesOptions extends PlotOptions, AttributeOptions {
  /** The last axes: `{ loss: 'min' }`. One colours the lines by its value, several by Pareto rank. */
  readonly metrics: Metrics;
}

/** An upright axis: where each trial is on it, from 0 at the bottom to 1, and what stands there. */
interface Upright {
  readonly name: string;
  /** NaN where a trial has no value. */
  readonly places: readonly number[];
  readonly labels: readonly { readonly at: number; readonly text: string }[];
}

/** More labels than this on one axis would lie on each other. */
const LABELS = 16;

/**
 * A line for each trial across all parameters, and the metrics last. Coloured by the metric; of several metrics by Pareto rank, where 0 is the front.
 *
 * @param rows - one per trial, or one per report, of which the best in the first metric counts. A line has a gap where a trial lacks a number; of a category null is a value, `None`
 * @throws {AttuneError} `COLUMN_UNKNOWN`, `DATA_INSUFFICIENT`, `METRIC_INVALID` without metrics
 * @example
 * ```ts
 * import { plotParallelCoordinates } from 'attune/analysis';
 * plotParallelCoordinates([{ loss: 3, 'config/lr': 0.1 }, { loss: 1, 'config/lr': 0.01 }], { metrics: { loss: 'min' } });
 * ```
 */
export function plotParallelCoordinates(rows: Rows, options: ParallelCoordinatesOptions): Plot {
  const where = 'plotParallelCoordinates';
  checkOptions(where, options, ['metrics', 'numericalAttributes', 'categoricalAttributes', 'space', ...PLOT_OPTIONS]);
  const { metrics } = options;
  const { all, trials } = measured(where, [...rows], metrics);
  const names = Object.keys(metrics);
  const attributes = attributesOf(
    where,
    trials.map(({ row }) => row),
    { ...options, isNullShown: true },
  );
  const uprights = [
    ...attributes.map((attribute) => uprightOf(attribute)),
    ...names.map((name, i) =>
      numericUpright(
        parameterOf(name),
        trials.map(({ values }) => values[i] as number),
        false,
      ),
    ),
  ];
  const ranks = names.length > 1 ? paretoRanks(trials.map(({ losses }) => losses)) : undefined;
  const values = trials.flatMap(({ trial, name, values: [first = 0] }, i) =>
    uprights.map(({ places }, x): JsonObject => {
      const place = places[i] as number;
      return { x, y: Number.isNaN(place) ? null : place, trial, name, colour: ranks?.[i] ?? first };
    }),
  );
  const of = names.map(parameterOf).join(', ');
  const colour = { title: ranks ? 'Pareto rank' : shown(of), isReversed: ranks === undefined && metrics[names[0] as string] === 'max' };
  const view = (frame: Frame): JsonObject => viewOf(uprights, values, colour, trials.length, frame);
  const subtitle = [counted(trials.length, 'trial'), ...lacking(all, trials.length)];
  return plotOf(where, { width: Math.max(560, 110 * uprights.length + 100), height: 380, title: `Parameters and ${shown(of)}`, subtitle, view }, options);
}

function uprightOf(attribute: Attribute): Upright {
  if (attribute.kind === 'numeric') return numericUpright(attribute.name, attribute.values, attribute.log);
  const most = Math.max(1, attribute.labels.length - 1);
  const step = Math.ceil(attribute.labels.length / LABELS);
  const labels = attribute.labels.flatMap((text, i) => (i % step === 0 ? [{ at: i / most, text }] : []));
  return { name: attribute.name, places: attribute.values.map((value) => value / most), labels };
}

function numericUpright(name: string, values: readonly number[], log: boolean): Upright {
  const [low, high] = values.reduce(
    ([least, most], value) => (Number.isNaN(value) ? [least, most] : [Math.min(least, value), Math.max(most, value)]),
    [Infinity, -Infinity],
  );
  const text = (value: number): string => short(log ? 10 ** value : value);
  if (!(high > low)) return { name, places: values.map((value) => (Number.isNaN(value) ? value : 0.5)), labels: [{ at: 0.5, text: text(low) }] };
  const labels = [0, 0.25, 0.5, 0.75, 1].map((at) => ({ at, text: text(low + at * (high - low)) }));
  return { name, places: values.map((value) => (value - low) / (high - low)), labels };
}

function viewOf(
  uprights: readonly Upright[],
  values: readonly JsonObject[],
  { title, isReversed }: { readonly title: string; readonly isReversed: boolean },
  n: number,
  { width }: Frame,
): JsonObject {
  const each = (width - 150) / Math.max(1, uprights.length);
  const names = JSON.stringify(uprights.map(({ name }) => shortened(name, each - 8)));
  const axis = {
    values: uprights.map((_, i) => i),
    labelExpr: `${names}[datum.value]`,
    labelLimit: each - 4,
    labelOverlap: false,
    grid: false,
    ticks: false,
    domain: false,
    offset: 12,
  };
  const x = { field: 'x', type: 'quantitative', title: null, scale: { domain: [-0.1, uprights.length - 0.4], nice: false, zero: false }, axis };
  const y = { field: 'y', type: 'quantitative', axis: null, scale: { domain: [-0.03, 1.03], nice: false } }; // a page cuts off what is outside
  const color = { field: 'colour', type: 'quantitative', title, scale: { zero: false, nice: false, ...(isReversed ? { reverse: true } : {}) } };
  const labels = uprights.flatMap((upright, i) => upright.labels.map(({ at, text }): JsonObject => ({ x: i, y: at, text: shortened(text, each - 12) })));
  const opacity = n > 50 ? Math.max(0.05, 30 / n) : 0.6;
  return {
    layer: [
      {
        name: 'axes',
        data: { values: uprights.map((_, i) => ({ x: i, y: 0, y2: 1 })) },
        mark: { type: 'rule', style: 'faint' },
        encoding: { x, y, y2: { field: 'y2' } },
      },
      {
        name: 'lines',
        data: { values },
        mark: { type: 'line', opacity, strokeWidth: 1.3 },
        encoding: { x, y, color, detail: { field: 'trial' }, tooltip: tips({ name: 'trial', colour: title }) },
      },
      ...(['halo', 'label'] as const).map((style) => ({
        name: style === 'halo' ? 'halos' : 'labels',
        data: { values: labels },
        mark: { type: 'text', style, align: 'left', dx: 5, fontSize: 10 },
        encoding: { x, y, text: { field: 'text' } },
      })),
    ],
  };
}
