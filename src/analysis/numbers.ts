import { AttuneError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { describe } from '../base/options.ts';
import type { FrameFilter } from '../results/frame-row.ts';
import type { TableRow } from '../results/table.ts';
import { columnOf } from './rows.ts';

/** `'min'` when a lower value of the metric is better, `'max'` when a higher one is. */
export type Mode = FrameFilter['mode'];

/** @throws {AttuneError} `METRIC_INVALID` */
export function checkMode(where: string, mode: unknown): asserts mode is Mode {
  if (mode === 'min' || mode === 'max') return;
  throw new AttuneError('METRIC_INVALID', `${where}: expected mode 'min' or 'max', got ${describe(mode)}.`);
}

/**
 * What was measured, and which way each is better.
 * @throws {AttuneError} `METRIC_INVALID` when it names none, or for another mode
 */
export function checkMetrics(where: string, metrics: unknown): asserts metrics is Readonly<Record<string, Mode>> {
  if (typeof metrics !== 'object' || metrics === null || Object.keys(metrics).length === 0) {
    throw new AttuneError('METRIC_INVALID', `${where}: expected metrics, got ${describe(metrics)}.`, {
      hint: "Name them: { metrics: { val_accuracy: 'max' } }.",
    });
  }
  for (const mode of Object.values(metrics)) checkMode(where, mode);
}

/** Lower is better: the values of a metric, or their opposites. */
export const losses = (values: readonly number[], mode: Mode): readonly number[] => (mode === 'min' ? values : values.map((value) => -value));

/**
 * Values as numbers, NaN where there is none: for null, NaN and the infinities of a trial that diverged.
 *
 * @param what - completes "expected numbers in"
 * @throws {AttuneError} `DATA_INSUFFICIENT` for what is neither a number nor null, with its place
 */
export function numbersOf(where: string, what: string, values: readonly Json[]): readonly number[] {
  return values.map((value, i) => {
    if (typeof value === 'number') return Number.isFinite(value) ? value : Number.NaN;
    if (value === null || value === undefined) return Number.NaN;
    throw new AttuneError('DATA_INSUFFICIENT', `${where}: expected numbers in ${what}, got ${describe(value)} in row ${i}.`, {
      hint: 'A column of texts, booleans or lists can be a category, not a number.',
    });
  });
}

/**
 * A metric of the rows as numbers, NaN where it is missing or not finite.
 *
 * @throws {AttuneError} `COLUMN_UNKNOWN`; `DATA_INSUFFICIENT` when no value is finite, or one is no number
 */
export function metricOf(where: string, rows: readonly TableRow[], metric: string): readonly number[] {
  const values = numbersOf(where, `the column ${describe(metric)}`, columnOf(where, rows, metric));
  atLeast(where, `finite values of ${describe(metric)}`, values.filter(isNumber).length, 1, values.length);
  return values;
}

export const isNumber = (value: number): boolean => !Number.isNaN(value);

/** @throws {AttuneError} `DATA_INSUFFICIENT` when there are fewer than `least` of `what` */
export function atLeast(where: string, what: string, n: number, least: number, all: number): void {
  if (n >= least) return;
  throw new AttuneError('DATA_INSUFFICIENT', `${where}: expected at least ${least} ${what}, got ${n} in ${all} rows.`);
}

export const sum = (values: readonly number[]): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};

/** NaN of nothing. */
export const mean = (values: readonly number[]): number => sum(values) / values.length;

/** The sum of squared deviations from the mean. */
export const squares = (values: readonly number[]): number => {
  const center = mean(values);
  let total = 0;
  for (const value of values) total += (value - center) ** 2;
  return total;
};

/** The standard deviation of a sample (n - 1); NaN of fewer than two values. */
export const deviation = (values: readonly number[]): number => (values.length < 2 ? Number.NaN : Math.sqrt(squares(values) / (values.length - 1)));

/**
 * A quantile between order statistics by linear interpolation (type 7 of Hyndman & Fan 1996, the default of R and NumPy).
 *
 * @param sorted - ascending
 * @param q - from 0 to 1
 * @returns NaN of nothing
 */
export function quantileOf(sorted: readonly number[], q: number): number {
  const at = (sorted.length - 1) * q;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low === high ? low : low + (high - low) * (at - Math.floor(at));
}

export const ascending = (values: readonly number[]): readonly number[] => [...values].sort((a, b) => a - b);

/** The best of values that are no NaN; NaN of none. */
export const bestOf = (values: readonly number[], mode: Mode): number =>
  values.reduce((best, value) => (Number.isNaN(best) || (mode === 'min' ? value < best : value > best) ? value : best), Number.NaN);
