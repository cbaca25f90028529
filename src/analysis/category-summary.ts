import { AttuneError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { checkNumber, checkOptions } from '../base/options.ts';
import { ascending, atLeast, bestOf, checkMode, deviation, isNumber, type Mode, mean, numbersOf, quantileOf } from './numbers.ts';

/** How finely `categorySummary` draws its densities. `OPTION_RANGE` for a number of points that is not whole or below 2. */
export interface CategorySummaryOptions {
  /** At how many values of the metric the density is given. >= 2, default 100. */
  readonly points?: number;
}

/** The density of a category at a value of the metric, per unit of the metric: its integral is 1, less what lies beyond the cut (at most a fiftieth or so). */
export interface DensityPoint {
  readonly at: number;
  readonly density: number;
}

/** What the trials of one category reached, in the units of the metric; every number is NaN where `n` is 0. */
export interface Category {
  readonly value: Json;
  /** What a plot writes: distinct among the categories. */
  readonly label: string;
  /** Finite values. */
  readonly n: number;
  /** Rows of the category whose metric is null, NaN or infinite. */
  readonly omitted: number;
  readonly mean: number;
  readonly median: number;
  /** The least with mode `'min'`, the greatest with `'max'`. */
  readonly best: number;
  /** Of a sample, n - 1; NaN of one value. */
  readonly deviation: number;
  /** At a quarter, a half and three quarters, by linear interpolation. */
  readonly quartiles: readonly [number, number, number];
  /** The least and greatest value within 1.5 interquartile ranges of the box. */
  readonly whiskers: readonly [number, number];
  /** The values, ascending. */
  readonly values: readonly number[];
  /**
   * The outline of a violin: a Gaussian kernel density with Scott's bandwidth (deviation · n^(-1/5)), cut two bandwidths beyond the least and
   * greatest value. One point of density 1 where all values are equal; empty where there is none.
   */
  readonly density: readonly DensityPoint[];
}

/**
 * The trials of each value of a category: how many, mean, median, best, quartiles and density.
 *
 * @param values - the category of each row. Whatever it is, it counts: 0, `false`, `''`, lists; NaN is a category of its own. null, of a
 *   trial that lacks a conditional parameter, comes first and is labelled `None`, or `Type(None)` where a text "None" is there too.
 *   A text that reads like another value is labelled in quotes, `"1"` beside the number 1, and so is the empty one.
 * @param metric - of each row; null, NaN and infinities are counted in `omitted`
 * @param mode - which value is the best
 * @returns ascending: null, booleans, numbers, NaN, texts, then lists and objects; a category whose values are all omitted is there, with n = 0
 * @throws {AttuneError} `DATA_INSUFFICIENT` when no metric is finite, or one is no number; `OPTION_RANGE` for lengths that differ
 * @remarks O(n log n) time, and O(points · n) for the densities.
 * @see Scott 1992, "Multivariate Density Estimation"; Hintze & Nelson 1998, "Violin plots", The American Statistician 52 (2)
 * @example
 * import { categorySummary } from 'attune/analysis';
 * categorySummary(['relu', 'elu', 'relu'], [0.9, 0.6, 0.7], 'max').map(({ label, n, best }) => [label, n, best]); // => [['elu', 1, 0.6], ['relu', 2, 0.9]]
 */
export function categorySummary(values: readonly Json[], metric: readonly Json[], mode: Mode, options: CategorySummaryOptions = {}): readonly Category[] {
  const where = 'categorySummary';
  checkOptions(where, options, ['points']);
  const { points = 100 } = options;
  checkNumber(where, 'points', points, 'a whole number >= 2', (value) => Number.isInteger(value) && value >= 2);
  checkMode(where, mode);
  if (values.length !== metric.length)
    throw new AttuneError('OPTION_RANGE', `${where}: expected values and metric of one length, got ${values.length} and ${metric.length}.`);
  const numbers = numbersOf(where, 'the metric', metric);
  atLeast(where, 'finite values of the metric', numbers.filter(isNumber).length, 1, numbers.length);
  return groupsOf(values).map(({ value, label, rows }) => {
    const all = rows.map((row) => numbers[row] as number);
    const own = ascending(all.filter(isNumber));
    return { value, label, omitted: all.length - own.length, ...summary(own, mode, points) };
  });
}

function summary(sorted: readonly number[], mode: Mode, points: number): Omit<Category, 'value' | 'label' | 'omitted'> {
  const [low, median, high] = [0.25, 0.5, 0.75].map((q) => quantileOf(sorted, q)) as [number, number, number];
  const reach = 1.5 * (high - low);
  const inside = sorted.filter((value) => value >= low - reach && value <= high + reach);
  return {
    n: sorted.length,
    mean: mean(sorted),
    median,
    best: bestOf(sorted, mode),
    deviation: deviation(sorted),
    quartiles: [low, median, high],
    whiskers: [inside[0] ?? Number.NaN, inside.at(-1) ?? Number.NaN],
    values: sorted,
    density: densityOf(sorted, points),
  };
}

function densityOf(sorted: readonly number[], points: number): readonly DensityPoint[] {
  const [low, high] = [sorted[0], sorted.at(-1)];
  if (low === undefined || high === undefined) return [];
  const width = deviation(sorted) * sorted.length ** -0.2;
  if (!(width > 0)) return [{ at: low, density: 1 }];
  const [from, to] = [low - 2 * width, high + 2 * width];
  return Array.from({ length: points }, (_, i) => {
    const at = from + ((to - from) * i) / (points - 1);
    const total = sorted.reduce((density, value) => density + Math.exp(-0.5 * ((at - value) / width) ** 2), 0);
    return { at, density: total / (sorted.length * width * Math.sqrt(2 * Math.PI)) };
  });
}

/** The distinct values in order, with the label and the rows of each. */
export function groupsOf(values: readonly Json[]): readonly { readonly value: Json; readonly label: string; readonly rows: readonly number[] }[] {
  const groups = new Map<string, { value: Json; rows: number[] }>();
  for (const [row, value] of values.entries()) {
    const key = textOf(value ?? null, true);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { value: value ?? null, rows: [row] });
    else group.rows.push(row);
  }
  const sorted = [...groups].sort(([a, { value: x }], [b, { value: y }]) => order(x) - order(y) || compare(x, y) || (a < b ? -1 : 1));
  const texts = new Set(sorted.map(([, { value }]) => value).filter((value) => typeof value === 'string'));
  const others = new Set(sorted.map(([, { value }]) => value).flatMap((value) => (typeof value === 'string' || value === null ? [] : [textOf(value, false)])));
  return sorted.map(([quoted, { value, rows }]) => {
    if (value === null) return { value, label: nameOfNull((name) => texts.has(name)), rows };
    const label = textOf(value, false);
    return { value, label: typeof value === 'string' && (label === '' || others.has(label) || isQuoted(label)) ? quoted : label, rows };
  });
}

/** Begins and ends like a text in quotes, which it must not be taken for. */
const isQuoted = (label: string): boolean => label.startsWith('"');

function nameOfNull(isTaken: (name: string) => boolean): string {
  let name = 'None';
  while (isTaken(name)) name = `Type(${name})`;
  return name;
}

/** Lists and objects as JSON, with sorted keys; texts as they are, or in quotes. */
function textOf(value: Json, quoted: boolean): string {
  if (typeof value === 'string') return quoted ? JSON.stringify(value) : value;
  if (Array.isArray(value)) return `[${value.map((item: Json) => textOf(item, true)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${textOf(item as Json, true)}`).join(',')}}`;
}

/** null, booleans, numbers, NaN, texts, the rest. */
function order(value: Json): number {
  if (value === null) return 0;
  if (typeof value === 'boolean') return 1;
  if (typeof value === 'number') return Number.isNaN(value) ? 3 : 2;
  return typeof value === 'string' ? 4 : 5;
}

function compare(a: Json, b: Json): number {
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  return typeof a === 'boolean' && typeof b === 'boolean' ? Number(a) - Number(b) : 0;
}
