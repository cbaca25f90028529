import { AttuneError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { studentTail } from '../base/numeric/student.ts';
import { checkOptions, describe } from '../base/options.ts';
import { pairsOf } from './linear-fit.ts';
import { isNumber, mean, numbersOf } from './numbers.ts';
import { ranksOf } from './ranks.ts';
import { columnOf, type Rows } from './rows.ts';

/** How two columns go together. */
export interface Correlation {
  readonly a: string;
  readonly b: string;
  /** Rows in which both are finite numbers. */
  readonly n: number;
  /** Pearson's coefficient, of a straight line: from -1 to 1; NaN where one of the two is constant, or n < 2. */
  readonly pearson: number;
  /** Spearman's coefficient, of any rising or falling course: Pearson's of the ranks. */
  readonly spearman: number;
  /** Of the tests that each coefficient is 0, two-sided; NaN with n < 3. Not corrected for the number of pairs. */
  readonly p: { readonly pearson: number; readonly spearman: number };
}

/** Which columns `correlations` pairs: at least two, or `DATA_INSUFFICIENT`. `COLUMN_UNKNOWN` for one that no row has. */
export interface CorrelationOptions {
  /** Which columns, parameters as written in the space or as their columns. Default: every column whose values are numbers, at least two of them distinct. */
  readonly columns?: readonly string[];
}

/**
 * The correlation of each pair of columns, over the rows in which both are numbers (pairwise complete).
 *
 * @returns each pair once, by falling size of Spearman's coefficient, NaN last
 * @throws {AttuneError} `COLUMN_UNKNOWN`; `DATA_INSUFFICIENT` with fewer than two columns, or for a column with a value that is no number
 * @remarks O(c² n log n) time for c columns of n rows. Parameters of a random search are uncorrelated by construction: where two of them correlate,
 *   an adaptive searcher moved both, and neither's effect can be told from the other's by looking at one alone.
 * @example
 * import { correlations } from 'attune/analysis';
 * const [first] = correlations([{ lr: 1, loss: 3 }, { lr: 2, loss: 5 }, { lr: 3, loss: 9 }]);
 * first?.spearman; // => 1
 */
export function correlations(rows: Rows, options: CorrelationOptions = {}): readonly Correlation[] {
  checkOptions('correlations', options, ['columns']);
  const all = [...rows];
  const names = options.columns ?? numericColumns(all);
  if (names.length < 2)
    throw new AttuneError(
      'DATA_INSUFFICIENT',
      `correlations: expected at least 2 columns of numbers, got ${names.map(describe).join() || 'none'} in ${all.length} rows.`,
    );
  const columns = names.map((name) => numbersOf('correlations', `the column ${describe(name)}`, columnOf('correlations', all, name)));
  const pairs = names.flatMap((a, i) => names.slice(i + 1).map((b, j) => ({ a, b, ...coefficients(columns[i] ?? [], columns[i + 1 + j] ?? []) })));
  return pairs.sort((x, y) => sizeOf(y) - sizeOf(x));
}

const sizeOf = ({ spearman }: Correlation): number => (Number.isNaN(spearman) ? -1 : Math.abs(spearman));

function numericColumns(rows: readonly Readonly<Record<string, Json>>[]): readonly string[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return names.filter((name) => {
    const known = rows.map((row) => row[name] ?? null).filter((value) => value !== null);
    return known.every((value) => typeof value === 'number') && new Set(known.filter(Number.isFinite)).size > 1;
  });
}

/** Of the pairs of which both are numbers. */
export function coefficients(x: readonly number[], y: readonly number[]): Pick<Correlation, 'n' | 'pearson' | 'spearman' | 'p'> {
  const pairs = pairsOf('correlations', x, y);
  const n = pairs.x.length;
  const pearson = pearsonOf(pairs.x, pairs.y);
  const spearman = pearsonOf(ranksOf(pairs.x), ranksOf(pairs.y));
  return { n, pearson, spearman, p: { pearson: pOf(pearson, n), spearman: Math.max(pOf(spearman, n), least(n)) } };
}

function pearsonOf(x: readonly number[], y: readonly number[]): number {
  const [meanX, meanY] = [mean(x), mean(y)];
  let [sxx, sxy, syy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    const [dx, dy] = [(x[i] as number) - meanX, (y[i] as number) - meanY];
    sxx += dx * dx;
    sxy += dx * dy;
    syy += dy * dy;
  }
  const scale = Math.sqrt(sxx * syy); // of one product: exact where the points lie on a line
  return sxx > 0 && syy > 0 ? Math.min(1, Math.max(-1, sxy / scale)) : Number.NaN;
}

/** By Student's distribution with n - 2 degrees of freedom. */
function pOf(r: number, n: number): number {
  if (n < 3 || !isNumber(r)) return Number.NaN;
  return Math.min(1, 2 * studentTail((Math.abs(r) * Math.sqrt(n - 2)) / Math.sqrt(1 - r * r), n - 2));
}

/** No order of n ranks is less probable than this, both ways counted. */
function least(n: number): number {
  let p = 2;
  for (let i = 2; i <= n && p > 1e-300; i++) p /= i;
  return Math.min(1, p);
}
