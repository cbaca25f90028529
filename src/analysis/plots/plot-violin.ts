import type { JsonObject } from '../../base/json.ts';
import { checkOptions, checkText, describe } from '../../base/options.ts';
import type { TableRow } from '../../results/table.ts';
import { type Category, categorySummary } from '../category-summary.ts';
import { numbersOf } from '../numbers.ts';
import { reduceRows } from '../reduce-rows.ts';
import { columnName, columnOf, type Rows } from '../rows.ts';
import { axis, counted, shortened, shown } from './axis.ts';
import { type Frame, type Plot, plotOf, type Sketch } from './plot.ts';
import { ATTRIBUTE_OPTIONS, type AttributePlotOptions } from './plot-linear.ts';
import { tips } from './tips.ts';
import { parameterOf, someNumber } from './trials-of.ts';

/** Of categories; those with the best means are drawn. */
const MOST = 40;
/** How much of its place a violin takes to each side at most. */
const HALF = 0.4;

/**
 * A metric by a parameter that is one of several values: for each value how its trials are distributed, with the quartiles as a bar, the median
 * as a point in it, the best as a point, and a label of three lines: mean, best, and the value.
 *
 * @param rows - one per trial or one per report; those without a finite metric are left out, and counted
 * @returns the values in order: null (`None`), booleans, numbers, texts; as wide as they need. With more than 40 values, those with the best means
 * @throws {AttuneError} `COLUMN_UNKNOWN`, `DATA_INSUFFICIENT` when no row has a finite metric
 * @see categorySummary
 * @example
 * ```ts
 * import { plotViolin } from 'attune/analysis';
 * plotViolin([{ act: 'relu', acc: 0.9 }, { act: 'relu', acc: 0.8 }, { act: 'elu', acc: 0.5 }], { attribute: 'act', metric: 'acc', mode: 'max' });
 * ```
 */
export function plotViolin(rows: Rows, options: AttributePlotOptions): Plot {
  return plotOf('plotViolin', violinSketch('plotViolin', [...rows], options), options);
}

/** @throws {AttuneError} as `plotViolin` */
export function violinSketch(where: string, rows: readonly TableRow[], options: AttributePlotOptions): Sketch {
  checkOptions(where, options, ATTRIBUTE_OPTIONS);
  checkText(where, 'attribute', options.attribute);
  checkText(where, 'metric', options.metric);
  const { attribute, metric, mode, reduce = 'best' } = options;
  const column = columnName(where, rows, metric);
  const kept = reduceRows(rows, { metric: column, mode, reduce });
  const values = columnOf(where, kept, metric);
  numbersOf(where, `the column ${describe(metric)}`, values);
  someNumber(where, metric, values);
  const all = categorySummary(columnOf(where, kept, attribute), values, mode);
  const categories = all.length > MOST ? bestOf(all, mode) : all;
  const [name, value] = [options.attributeTitle ?? parameterOf(attribute), options.metricTitle ?? parameterOf(metric)];
  const n = all.reduce((sum, category) => sum + category.n, 0);
  const subtitle = [
    `n = ${n}`,
    ...(n < kept.length ? [`${counted(kept.length - n, reduce === 'all' ? 'row' : 'trial')} without a number left out`] : []),
    ...(categories.length < all.length ? [`the ${MOST} of ${all.length} values with the best means`] : []),
  ];
  const width = Math.max(380, 90 + 115 * categories.length);
  return { width, height: 420, title: `${shown(value)} by ${shown(name)}`, subtitle, view: (frame) => viewOf(categories, name, axis('y', value), frame) };
}

function bestOf(all: readonly Category[], mode: 'min' | 'max'): readonly Category[] {
  const means = all
    .map(({ mean }) => mean)
    .filter(Number.isFinite)
    .sort((a, b) => (mode === 'min' ? a - b : b - a));
  const last = means[MOST - 1] ?? Number.NaN;
  return all.filter(({ mean }) => (mode === 'min' ? mean <= last : mean >= last)).slice(0, MOST);
}

function viewOf(categories: readonly Category[], name: string, y: JsonObject, { width }: Frame): JsonObject {
  const labelLimit = Math.max(24, Math.floor((width - 90) / categories.length) - 8);
  const labels = JSON.stringify(categories.map((category) => labelOf(category, labelLimit)));
  const x = {
    ...{ field: 'x', type: 'quantitative', title: shown(name), scale: { domain: [-0.5, categories.length - 0.5], nice: false, zero: false } },
    axis: { values: categories.map((_, i) => i), labelExpr: `${labels}[datum.value]`, labelLimit, labelOverlap: false, grid: false, ticks: false },
  };
  const look = { field: 'i', type: 'nominal', legend: null, scale: { domain: categories.map((_, i) => i) } };
  const layer = (layerName: string, values: readonly JsonObject[], mark: JsonObject, encoding: JsonObject): readonly JsonObject[] =>
    values.length === 0 ? [] : [{ name: layerName, data: { values }, mark, encoding: { ...{ x, y }, ...encoding } }];
  const some = categories.flatMap((category, i) => (category.n > 0 ? [{ category, i, label: shown(category.label) }] : []));
  const bars = some.filter(({ category }) => category.density.length > 1);
  const tooltip = tips({ label: name, n: 'n', mean: 'mean', median: 'median', best: 'best' });
  return {
    layer: [
      ...layer(
        'violins',
        bars.flatMap(({ category, i, label }) => outline(category, i, label)),
        { type: 'area', orient: 'horizontal', opacity: 0.45 },
        { x2: { field: 'x2' }, color: look, tooltip },
      ),
      ...layer(
        'single',
        some
          .filter(({ category }) => category.density.length === 1)
          .map(({ category, i, label }) => ({ x: i - 0.15, x2: i + 0.15, y: category.mean, i, label })),
        { type: 'rule', strokeWidth: 2 },
        { x2: { field: 'x2' }, color: look },
      ),
      ...layer(
        'whiskers',
        bars.map(({ category, i }) => ({ x: i, y: category.whiskers[0], y2: category.whiskers[1] })),
        { type: 'rule', style: 'ink', strokeWidth: 1 },
        { y2: { field: 'y2' } },
      ),
      ...layer(
        'boxes',
        bars.map(({ category, i }) => ({ x: i, y: category.quartiles[0], y2: category.quartiles[2] })),
        { type: 'rule', style: 'ink', strokeWidth: 6 },
        { y2: { field: 'y2' } },
      ),
      ...layer(
        'medians',
        bars.map(({ category, i, label }) => ({ x: i, y: category.median, ...numbers(category, label) })),
        { type: 'point', filled: true, style: 'paper', size: 24, opacity: 1 },
        { tooltip },
      ),
      ...layer(
        'bests',
        some.map(({ category, i, label }) => ({ x: i, y: category.best, ...numbers(category, label) })),
        { type: 'point', filled: true, style: 'accent', size: 30, opacity: 1 },
        { tooltip },
      ),
    ],
  };
}

const numbers = ({ n, mean, median, best }: Category, label: string): JsonObject => ({ label, n, mean, median, best });

/** From left to right at every value of the metric; the widest place of each violin is equally wide. */
function outline(category: Category, i: number, label: string): readonly JsonObject[] {
  const most = Math.max(...category.density.map(({ density }) => density));
  return category.density.map(({ at, density }) => {
    const half = (HALF * density) / most;
    return { x: i - half, x2: i + half, y: at, i, ...numbers(category, label) };
  });
}

/** As under a violin: `Mean: 1.23e-01`, `Best: 4.56e-01`, and the value. */
const labelOf = ({ n, mean, best, label }: Category, limit: number): readonly string[] => [
  ...[`Mean: ${n > 0 ? exponential(mean) : '–'}`, `Best: ${n > 0 ? exponential(best) : '–'}`],
  shortened(label, limit),
];

/** `1.23e-01`. */
const exponential = (value: number): string => value.toExponential(2).replace(/e([+-])(\d)$/, 'e$10$2');
