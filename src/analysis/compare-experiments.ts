import { AttuneError } from '../base/errors.ts';
import { canonicalJson } from '../base/json.ts';
import { studentTail, studentTailAt } from '../base/numeric/student.ts';
import { wilcoxonGreater } from '../base/numeric/wilcoxon.ts';
import { checkNumber, checkOptions, describe } from '../base/options.ts';
import type { TableRow } from '../results/table.ts';
import { compareSamples } from './compare-samples.ts';
import { atLeast, checkMode, deviation, isNumber, type Mode, mean, metricOf } from './numbers.ts';
import { type Reduce, reduceRows } from './reduce-rows.ts';
import { columnName, type Rows } from './rows.ts';

/**
 * What two experiments are compared by. Trials whose metric is null, NaN or infinite do not count, and are in `omitted`. `METRIC_INVALID` for another mode;
 * `OPTION_RANGE` for another `reduce`, a `confidence` out of its bounds, or an empty `pairedBy`; `COLUMN_UNKNOWN` for a column that no row of a table has.
 */
export interface CompareOptions {
  /** A column that both tables have. */
  readonly metric: string;
  /** `'min'` when lower is better. */
  readonly mode: Mode;
  /** Which row stands for a trial. Default `'best'`. */
  readonly reduce?: Reduce;
  /**
   * What makes a trial of the one the partner of a trial of the other: `'config'`, all columns `config/…` that both tables have, or the names of columns, such as
   * `['seed']`. Several trials with the same values count with their mean. Default: the trials have no partners.
   */
  readonly pairedBy?: 'config' | readonly string[];
  /** Of the interval, and of the conclusion. Above 0, below 1. Default 0.95. */
  readonly confidence?: number;
}

/** How experiment `a` did beside experiment `b`. Every number is of the trials that count, in the units of the metric unless it says otherwise. */
export interface ExperimentComparison {
  /** Whether `pairedBy` was given. */
  readonly paired: boolean;
  /** Trials of each that are compared; with `pairedBy` the number of pairs, twice. */
  readonly n: readonly [number, number];
  /** Trials of each without a finite metric or without a partner. */
  readonly omitted: readonly [number, number];
  /** With pairs, of the pairs. */
  readonly means: readonly [number, number];
  /** The best finite value of each, with a partner or without. */
  readonly best: readonly [number, number];
  /** The mean of `a` less that of `b`, in the units of the metric. */
  readonly difference: number;
  /** Of the difference: Welch's interval, with pairs Student's of the differences. NaN with fewer than two values. */
  readonly interval: readonly [number, number];
  /** As it was given: of the interval, above 0 and below 1. */
  readonly confidence: number;
  /** Two-sided, by ranks: Mann and Whitney's test, with pairs Wilcoxon's signed ranks. */
  readonly p: number;
  /** Two-sided, by means: Welch's test, with pairs Student's. */
  readonly pOfMeans: number;
  /** How probable it is that a trial of `a` is better than one of `b` (than its partner), ties half: from 0 to 1. */
  readonly a12: number;
  /** The same from -1, `b` is always better, to 1: 2 · a12 - 1. 0.15 is called small, 0.33 medium, 0.47 large. */
  readonly cliffsDelta: number;
  /** Which is better, when interval and ranks agree; `none` is no proof that they are equal. */
  readonly better: 'a' | 'b' | 'none';
}

/**
 * Whether one experiment did better than another: test, size of the effect, and the difference with its interval.
 *
 * @param a, b - rows of each, one or more per trial
 * @throws {AttuneError} `COLUMN_UNKNOWN`; `DATA_INSUFFICIENT` when one has no finite metric, or there are no pairs; `METRIC_INVALID`, `OPTION_UNKNOWN`,
 *   `OPTION_RANGE`
 * @remarks O(n log n) time. The trials of an adaptive searcher are not independent of each other: compare the best of several runs with different seeds instead,
 *   one row per run.
 * @see Welch 1947; Mann & Whitney 1947; Wilcoxon 1945; Vargha & Delaney 2000, equation 13; Romano et al. 2006 for the words of the sizes of Cliff's delta
 * @example
 * import { compareExperiments } from 'attune/analysis';
 * const rows = (losses: readonly number[]) => losses.map((loss, seed) => ({ seed, loss }));
 * compareExperiments(rows([1, 2, 3, 4]), rows([5, 6, 7, 8]), { metric: 'loss', mode: 'min', pairedBy: ['seed'] }).difference; // => -4
 */
export function compareExperiments(a: Rows, b: Rows, options: CompareOptions): ExperimentComparison {
  const where = 'compareExperiments';
  checkOptions(where, options, ['metric', 'mode', 'reduce', 'pairedBy', 'confidence']);
  const { metric, mode, reduce = 'best', pairedBy, confidence = 0.95 } = options;
  checkMode(where, mode);
  checkNumber(where, 'confidence', confidence, 'above 0 and below 1', (value) => value > 0 && value < 1);
  const tables = [a, b].map((rows) => reduceRows(rows, { metric, mode, reduce })) as [readonly TableRow[], readonly TableRow[]];
  const values = [metricOf(where, tables[0], metric), metricOf(where, tables[1], metric)] as const;
  const known = [values[0].filter(isNumber), values[1].filter(isNumber)] as const;
  const best = known.map((all) => (mode === 'min' ? Math.min(...all) : Math.max(...all))) as [number, number];
  const found = pairedBy === undefined ? unpaired(known, confidence) : paired(where, tables, values, pairedBy, confidence);
  const a12 = mode === 'max' ? found.a12 : 1 - found.a12;
  const sure = found.p <= 1 - confidence && (found.interval[0] > 0 || found.interval[1] < 0) && a12 > 0.5 === (found.difference > 0 === (mode === 'max'));
  const omitted = [tables[0].length - found.used[0], tables[1].length - found.used[1]] as const;
  const { used: _, ...numbers } = found;
  return {
    ...numbers,
    paired: pairedBy !== undefined,
    omitted,
    best,
    confidence,
    a12,
    cliffsDelta: 2 * a12 - 1,
    better: sure ? (a12 > 0.5 ? 'a' : 'b') : 'none',
  };
}

/** What a comparison finds, greater being more. */
type Found = Pick<ExperimentComparison, 'n' | 'means' | 'difference' | 'interval' | 'p' | 'pOfMeans' | 'a12'> & { readonly used: readonly [number, number] };

function unpaired([a, b]: readonly [readonly number[], readonly number[]], confidence: number): Found {
  const { n, means, difference, interval, p, pOfMeans, a12 } = compareSamples(a, b, { confidence });
  return { n, used: n, means, difference, interval, p, pOfMeans, a12 };
}

function paired(
  where: string,
  [a, b]: readonly [readonly TableRow[], readonly TableRow[]],
  [x, y]: readonly [readonly number[], readonly number[]],
  by: 'config' | readonly string[],
  confidence: number,
): Found {
  const names = by === 'config' ? sharedConfig(where, a, b) : by;
  if (!Array.isArray(names) || names.length === 0)
    throw new AttuneError('OPTION_RANGE', `${where}: expected pairedBy to be 'config' or names of columns, got ${describe(by)}.`);
  const [ours, theirs] = [byKey(where, a, x, names), byKey(where, b, y, names)];
  const keys = [...ours.keys()].filter((key) => theirs.has(key));
  atLeast(where, `pairs with the same ${names.join(', ')} and finite metrics`, keys.length, 1, a.length + b.length);
  const meansOf = (all: typeof ours): readonly number[] => keys.map((key) => mean(all.get(key) ?? []));
  const [left, right] = [meansOf(ours), meansOf(theirs)];
  const differences = left.map((value, i) => value - (right[i] as number));
  const n = keys.length;
  const used = [ours, theirs].map((all) => keys.reduce((count, key) => count + (all.get(key)?.length ?? 0), 0)) as [number, number];
  const p = Math.min(1, 2 * Math.min(wilcoxonGreater(differences), wilcoxonGreater(differences.map((value) => -value))));
  const a12 = differences.reduce((wins, value) => wins + (value > 0 ? 1 : value === 0 ? 0.5 : 0), 0) / n;
  return { n: [n, n], used, means: [mean(left), mean(right)], difference: mean(differences), ...student(differences, confidence), p, a12 };
}

function student(differences: readonly number[], confidence: number): Pick<Found, 'interval' | 'pOfMeans'> {
  const [n, middle] = [differences.length, mean(differences)];
  const error = deviation(differences) / Math.sqrt(n);
  if (error === 0) return { interval: [middle, middle], pOfMeans: middle === 0 ? 1 : 0 };
  const reach = error * studentTailAt((1 - confidence) / 2, n - 1);
  return { interval: [middle - reach, middle + reach], pOfMeans: Math.min(1, 2 * studentTail(Math.abs(middle) / error, n - 1)) };
}

/** The finite metrics of the rows with the same values. */
function byKey(where: string, rows: readonly TableRow[], values: readonly number[], names: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const columns = names.map((name) => columnName(where, rows, name));
  const groups = new Map<string, number[]>();
  for (const [i, row] of rows.entries()) {
    const value = values[i] as number;
    if (!isNumber(value)) continue;
    const key = canonicalJson(columns.map((column) => row[column] ?? null));
    groups.set(key, [...(groups.get(key) ?? []), value]);
  }
  return groups;
}

function sharedConfig(where: string, a: readonly TableRow[], b: readonly TableRow[]): readonly string[] {
  const columns = [a, b].map((rows) => new Set(rows.flatMap((row) => Object.keys(row).filter((key) => /^config[./]/.test(key)))));
  const shared = [...(columns[0] ?? [])].filter((column) => columns[1]?.has(column));
  if (shared.length > 0) return shared;
  throw new AttuneError('COLUMN_UNKNOWN', `${where}: expected columns config/… in both tables to pair by, got none that both have.`, {
    hint: "Name the columns: { pairedBy: ['seed'] }.",
  });
}
