import { AttuneError } from '../base/errors.ts';
import { hypervolume } from '../base/numeric/hypervolume.ts';
import { dominates } from '../base/numeric/pareto.ts';
import { checkOptions, describe } from '../base/options.ts';
import type { TableRow } from '../results/table.ts';
import { atLeast, checkMetrics, isNumber, type Mode, metricOf } from './numbers.ts';
import type { Rows } from './rows.ts';

/**
 * Of which metrics `hypervolumeHistory` takes the volume, and up to where. `METRIC_INVALID` without metrics or for another mode, `COLUMN_UNKNOWN` for a
 * metric that no row has, `OPTION_RANGE` for a reference that lacks a metric or is not finite.
 */
export interface HypervolumeOptions {
  /** The metrics and which way each is better: `{ loss: 'min', accuracy: 'max' }`. At least one. */
  readonly metrics: Readonly<Record<string, Mode>>;
  /** One number per metric, in its units, that is worse than any of interest. Default: the worst value of each metric in the rows, and a tenth of its range beyond. */
  readonly reference?: Readonly<Record<string, number>>;
}

/** How far an experiment with several metrics has come after a trial. */
export interface HypervolumePoint {
  /** The number of the row, from 0. */
  readonly index: number;
  /** The volume that the trials so far dominate, up to the reference: the product of the units of all metrics. */
  readonly hypervolume: number;
  /** Whether no trial so far dominates this one or equals it. */
  readonly onFront: boolean;
}

/**
 * After each trial the hypervolume of all so far. Never falls.
 *
 * @param rows - one per trial, in the order in which they ran; one whose metrics are not all finite adds nothing
 * @throws {AttuneError} `COLUMN_UNKNOWN`; `METRIC_INVALID` without metrics, or for another mode; `OPTION_RANGE` for a reference that lacks a metric;
 *   `DATA_INSUFFICIENT` when no row has all metrics, or a value is no number
 * @remarks O(n f log f) time for two metrics, where f is the size of the front; exponential in the number of metrics at worst.
 * @example
 * import { hypervolumeHistory } from 'attune/analysis';
 * const history = hypervolumeHistory([{ a: 1, b: 2 }, { a: 2, b: 1 }], { metrics: { a: 'min', b: 'min' }, reference: { a: 3, b: 3 } });
 * history.map(({ hypervolume }) => hypervolume); // => [2, 3]
 */
export function hypervolumeHistory(rows: Rows, options: HypervolumeOptions): readonly HypervolumePoint[] {
  const where = 'hypervolumeHistory';
  checkOptions(where, options, ['metrics', 'reference']);
  return volumesOf(where, [...rows], options).points;
}

/** The history, and the reference it goes up to, in the units of each metric. @throws {AttuneError} as `hypervolumeHistory` */
export function volumesOf(
  where: string,
  rows: readonly TableRow[],
  options: HypervolumeOptions,
): { readonly points: readonly HypervolumePoint[]; readonly reference: Readonly<Record<string, number>> } {
  const losses = lossesOf(where, rows, options.metrics);
  const complete = losses.filter((row) => row.every(isNumber));
  atLeast(where, 'rows in which all metrics are finite', complete.length, 1, losses.length);
  const reference = referenceOf(where, options, complete);
  let front: readonly (readonly number[])[] = [];
  let volume = 0;
  const points = losses.map((row, index): HypervolumePoint => {
    const onFront = row.every(isNumber) && !front.some((other) => dominates(other, row) || other.every((value, i) => value === row[i]));
    if (onFront) {
      front = [...front.filter((other) => !dominates(row, other)), row];
      volume = Math.max(volume, hypervolume(front, reference));
    }
    return { index, hypervolume: volume, onFront };
  });
  const inUnits = Object.entries(options.metrics).map(([metric, mode], i) => [metric, mode === 'min' ? reference[i] : -(reference[i] as number)] as const);
  return { points, reference: Object.fromEntries(inUnits) as Record<string, number> };
}

/** Of each row its metrics, lower is better, NaN where one is not finite. */
function lossesOf(where: string, rows: readonly TableRow[], metrics: HypervolumeOptions['metrics']): readonly (readonly number[])[] {
  checkMetrics(where, metrics);
  const columns = Object.entries(metrics).map(([metric, mode]) => {
    return metricOf(where, rows, metric).map((value) => (mode === 'min' ? value : -value));
  });
  return rows.map((_, i) => columns.map((column) => column[i] as number));
}

function referenceOf(where: string, { metrics, reference }: HypervolumeOptions, complete: readonly (readonly number[])[]): readonly number[] {
  return Object.entries(metrics).map(([metric, mode], i) => {
    if (reference !== undefined) {
      const value = reference[metric] ?? Number.NaN;
      if (!Number.isFinite(value))
        throw new AttuneError('OPTION_RANGE', `${where}: expected a finite reference of ${describe(metric)}, got ${describe(reference[metric])}.`);
      return mode === 'min' ? value : -value;
    }
    const [least, most] = complete.reduce<readonly [number, number]>(
      ([low, high], row) => [Math.min(low, row[i] as number), Math.max(high, row[i] as number)],
      [Infinity, -Infinity],
    );
    return most + 0.1 * (most - least || 1);
  });
}
