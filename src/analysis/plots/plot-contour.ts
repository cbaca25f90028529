import { AttuneError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { describe } from '../../base/options.ts';
import type { Attribute, NumericAttribute } from '../attributes.ts';
import type { Rows } from '../rows.ts';
import { counted, short, shown } from './axis.ts';
import { lacking } from './metrics.ts';
import { type Plot, plotOf } from './plot.ts';
import { type Pair, type PairPlotOptions, pairOf } from './plot-rank.ts';

/** Places of the grid to each side. */
const GRID = 48;
const LEVELS = 9;

/**
 * The plane of two numeric parameters with lines of equal metric, and a point for each trial. Between trials the metric is a weighted mean of theirs,
 * by the inverse fourth power of the distance (on the scales of the axes): a picture, no model that could be trusted far from trials.
 *
 * @throws {AttuneError} `COLUMN_UNKNOWN`, `DATA_INSUFFICIENT`, also when a parameter is no number
 * @see Shepard 1968, "A two-dimensional interpolation function for irregularly-spaced data", ACM '68
 * @example
 * ```ts
 * import { plotContour } from 'attune/analysis';
 * plotContour([{ loss: 3, lr: 0.1, units: 8 }, { loss: 1, lr: 0.01, units: 16 }], { x: 'lr', y: 'units', metric: 'loss', mode: 'min' });
 * ```
 */
export function plotContour(rows: Rows, options: PairPlotOptions): Plot {
  const pair = pairOf('plotContour', rows, options);
  const axes = [pair.x, pair.y].map((attribute) => numeric(attribute)) as [Span, Span];
  const subtitle = [counted(pair.points.length, 'trial'), ...lacking(pair.all, pair.points.length)];
  return plotOf('plotContour', { width: 560, height: 440, title: shown(pair.title), subtitle, view: () => viewOf(pair, axes) }, options);
}

/** An axis: from where to where, on its scale. */
interface Span {
  readonly attribute: NumericAttribute;
  readonly low: number;
  readonly high: number;
}

function numeric(attribute: Attribute): Span {
  if (attribute.kind === 'categorical')
    throw new AttuneError(
      'DATA_INSUFFICIENT',
      `plotContour: expected ${describe(attribute.name)} to be a number, got the values ${attribute.labels.slice(0, 5).map(describe).join(', ')}.`,
    );
  const known = attribute.values.filter((value) => !Number.isNaN(value));
  const [low, high] = known.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [Infinity, -Infinity]);
  const margin = high > low ? (high - low) * 0.04 : 0.5;
  return { attribute, low: low - margin, high: high + margin };
}

const scaled = (value: number, { attribute, low, high }: Span): number => ((attribute.log ? Math.log10(value) : value) - low) / (high - low);

/** Row by row from the top, as Vega wants it. */
function gridOf({ points }: Pair, [x, y]: readonly [Span, Span]): readonly number[] {
  const at = points.map((point) => ({ u: scaled(point.x, x), v: 1 - scaled(point.y, y), value: point.values[0] as number }));
  return Array.from({ length: GRID * GRID }, (_, i) => {
    const [u, v] = [((i % GRID) + 0.5) / GRID, (Math.floor(i / GRID) + 0.5) / GRID];
    let [sum, weights] = [0, 0];
    for (const point of at) {
      const weight = ((point.u - u) ** 2 + (point.v - v) ** 2 + 0.001) ** -2;
      sum += weight * point.value;
      weights += weight;
    }
    return sum / weights;
  });
}

function viewOf(pair: Pair, spans: readonly [Span, Span]): JsonObject {
  const values = gridOf(pair, spans);
  const [low, high] = values.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [Infinity, -Infinity]);
  const levels = high - low > 1e-12 * Math.abs(high) ? Array.from({ length: LEVELS }, (_, i) => low + ((high - low) * i) / LEVELS) : [];
  const scale = ({ attribute, low, high }: Span, name: string, range: string): JsonObject => ({
    ...{ name, range, zero: false, nice: false },
    ...(attribute.log ? { type: 'log', domain: [10 ** low, 10 ** high] } : { type: 'linear', domain: [low, high] }),
  });
  const axis = ({ attribute }: Span, scale: string, orient: string): JsonObject => ({
    ...{ scale, orient, title: shown(attribute.name), labelOverlap: 'greedy', labelSeparation: 6, tickCount: 6, zindex: 1, domain: true, ticks: true },
    ...(attribute.log ? { format: '~g' } : {}),
  });
  const center = (name: string, field: string): JsonObject => ({ scale: name, field });
  const points = pair.points.map(({ x, y, name, values: [value = 0] }) => ({ x, y, name, value, text: `${name}: ${short(value)}` }));
  const colour = { name: 'color', type: 'linear', range: 'ramp', zero: false, domain: levels.length > 0 ? [low, high] : [low - 0.5, low + 0.5] };
  const lines = { type: 'isocontour', field: 'grid', resolve: 'shared', thresholds: levels, scale: { expr: `[width / ${GRID}, height / ${GRID}]` } };
  return {
    $schema: 'https://vega.github.io/schema/vega/v6.json',
    data: [
      { name: 'grid', values: [{ grid: { width: GRID, height: GRID, values } }] },
      { name: 'points', values: points },
      ...(levels.length > 0 ? [{ name: 'contours', source: 'grid', transform: [lines] }] : []),
    ],
    scales: [scale(spans[0], 'x', 'width'), scale(spans[1], 'y', 'height'), colour],
    axes: [axis(spans[0], 'x', 'bottom'), axis(spans[1], 'y', 'left')],
    legends: [{ fill: 'color', type: 'gradient', title: shown(pair.title) }],
    marks: [
      ...(levels.length > 0 ? [contours()] : []),
      {
        ...{ name: 'points_marks', type: 'symbol', from: { data: 'points' }, style: 'paper', aria: false },
        encode: {
          enter: {
            x: center('x', 'x'),
            y: center('y', 'y'),
            size: { value: points.length > 500 ? 10 : 30 },
            fill: center('color', 'value'),
            tooltip: { field: 'text' },
          },
          update: { stroke: { value: '#8a939d' }, strokeWidth: { value: 1 } },
        },
      },
    ],
  };
}

const contours = (): JsonObject => ({
  ...{ name: 'contours_marks', type: 'path', from: { data: 'contours' }, clip: true, aria: false },
  encode: { enter: { fill: { scale: 'color', field: 'contour.value' }, stroke: { value: '#ffffff' }, strokeOpacity: { value: 0.35 } } },
  transform: [{ type: 'geopath', field: 'datum.contour' }],
});
