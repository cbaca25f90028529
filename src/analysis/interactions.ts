import { dot, orthonormal, residuals } from '../base/numeric/least-squares.ts';
import { fisherTail } from '../base/numeric/student.ts';
import { checkOptions } from '../base/options.ts';
import type { Rng } from '../base/rng.ts';
import { type Attribute, type AttributeOptions, attributesOf } from './attributes.ts';
import { deviation, isNumber, mean, metricOf, squares } from './numbers.ts';
import { ranksOf } from './ranks.ts';
import type { Rows } from './rows.ts';

/** Whether the effect of one parameter depends on another. */
export interface Interaction {
  readonly a: string;
  readonly b: string;
  /** Rows that have both and a finite metric. */
  readonly n: number;
  /** Of the metric's variance, the part that the product terms explain beyond the effects of each: from 0 to 1. */
  readonly share: number;
  /** Of the F test that they explain nothing; the greater one of the metric's values and of their ranks. NaN where there are too few rows. Not corrected for the number of pairs. */
  readonly p: number;
}

/** The metric and the parameters whose pairs `interactions` looks at. With fewer than two parameters there is no pair, and the list is empty. */
export interface InteractionOptions extends AttributeOptions {
  /** A column of the rows; which way it is better does not matter. `COLUMN_UNKNOWN`, or `DATA_INSUFFICIENT` when it is nowhere finite. */
  readonly metric: string;
}

/** Fewer degrees of freedom than this are left for the error: no test. */
const LEAST_DF = 20;
/** What arithmetic leaves of 0. */
const EXACT = 1e-12;

/**
 * Of each pair of parameters, whether they interact: a linear model with both (a number with its square, a category with one term for each value)
 * against one that has their products too.
 *
 * @param rows - one per trial; see `reduceRows`
 * @returns each pair once, by rising p, NaN last
 * @throws {AttuneError} `COLUMN_UNKNOWN`, `DATA_INSUFFICIENT` as `attributesOf` and for a metric that nobody reported as a finite number
 * @remarks O(k² n c²) time for k parameters, n rows and c terms. Finds products; the share of a pair in `parameterImportance` with `'fanova'` also finds
 *   interactions of other forms, without a test.
 * @see Draper & Smith 1998, "Applied Regression Analysis", 6.1, the extra sum of squares; Conover & Iman 1981, The American Statistician 35 (3), the ranks
 * @example
 * import { interactions } from 'attune/analysis';
 * const rows = Array.from({ length: 40 }, (_, i) => ({ a: i % 5, b: i % 8, loss: (i % 5) * (i % 8) }));
 * interactions(rows, { metric: 'loss', numericalAttributes: ['a', 'b'] })[0]?.share.toFixed(4); // => '0.1875'
 */
export function interactions(rows: Rows, options: InteractionOptions): readonly Interaction[] {
  checkOptions('interactions', options, ['metric', 'numericalAttributes', 'categoricalAttributes', 'space']);
  const all = [...rows];
  const metric = metricOf('interactions', all, options.metric);
  const attributes = attributesOf('interactions', all, options);
  const pairs = attributes.flatMap((a, i) => attributes.slice(i + 1).map((b) => interactionOf(a, b, metric)));
  return pairs.sort((x, y) => (isNumber(x.p) ? x.p : 2) - (isNumber(y.p) ? y.p : 2) || y.share - x.share);
}

function interactionOf(a: Attribute, b: Attribute, metric: readonly number[]): Interaction {
  const { y, single, products } = modelOf(a, b, metric);
  const { share, p } = extra(single, products, y);
  const ranks = extra(single, products, ranksOf(y));
  return { a: a.name, b: b.name, n: y.length, share, p: Math.max(p, ranks.p) };
}

/** A linear model of two parameters, as bases: of their own effects, and of what products add. */
interface Model {
  readonly y: readonly number[];
  readonly single: readonly Float64Array[];
  readonly products: readonly Float64Array[];
}

function modelOf(a: Attribute, b: Attribute, metric: readonly number[]): Model {
  const kept = metric.flatMap((value, i) => (isNumber(value) && isNumber(a.values[i] as number) && isNumber(b.values[i] as number) ? [i] : []));
  const y = kept.map((i) => metric[i] as number);
  const [termsA, termsB] = [termsOf(a, kept), termsOf(b, kept)];
  const single = orthonormal([y.map(() => 1), ...termsA.all, ...termsB.all]);
  const products = termsA.first.flatMap((u) => termsB.first.map((v) => u.map((value, i) => value * (v[i] as number))));
  return { y, single, products: orthonormal(products, single) };
}

/** What the products explain, and the F test that it is nothing. */
function extra(single: Model['single'], products: Model['products'], y: readonly number[]): { readonly share: number; readonly p: number } {
  const [d1, d2] = [products.length, y.length - single.length - products.length];
  const total = squares(y);
  if (d1 < 1 || d2 < LEAST_DF || !(total > 0)) return { share: 0, p: Number.NaN };
  const rest = residuals(single, y);
  const gain = explained(products, rest);
  const error = Math.max(0, dot(rest, rest) - gain);
  const f = error > EXACT * total ? gain / d1 / (error / d2) : gain > EXACT * total ? Infinity : 0;
  return { share: Math.min(1, gain / total), p: fisherTail(f, d1, d2) };
}

const explained = (basis: readonly Float64Array[], y: Float64Array): number => basis.reduce((total, known) => total + dot(known, y) ** 2, 0);

/**
 * Whether a pair that the F test finds is found at `level` by a test that assumes no distribution: the values of the metric are dealt out anew, and in at most a
 * share `level` of the deals the products explain as much of what the rest of the model leaves. Exact where nothing has an effect.
 *
 * @remarks 4 / level deals, each O(n c); it ends as soon as too many explain as much
 * @see Manly 1997, "Randomization, Bootstrap and Monte Carlo Methods in Biology", 8.3; Anderson & Legendre 1999, J. Statistical Computation and Simulation 62
 */
export function isConfirmed(a: Attribute, b: Attribute, metric: readonly number[], level: number, random: Rng): boolean {
  const { y, single, products } = modelOf(a, b, metric);
  const dealt = Float64Array.from(y);
  const ratio = (): number => {
    const rest = residuals(single, dealt);
    return explained(products, rest) / dot(rest, rest);
  };
  const found = ratio() * (1 - EXACT);
  const deals = Math.ceil(4 / level);
  let above = 1; // the table itself is one of them
  for (let deal = 0; deal < deals && above <= level * (deals + 1); deal++) {
    for (let i = dealt.length - 1; i > 0; i--) {
      const j = random.int(i + 1);
      [dealt[i], dealt[j]] = [dealt[j] as number, dealt[i] as number];
    }
    if (!(ratio() < found)) above++;
  }
  return above <= level * (deals + 1);
}

/** The columns of a parameter, and those of them that take part in products. */
function termsOf(
  attribute: Attribute,
  kept: readonly number[],
): { readonly first: readonly (readonly number[])[]; readonly all: readonly (readonly number[])[] } {
  const values = kept.map((i) => attribute.values[i] as number);
  if (attribute.kind === 'categorical') {
    const first = attribute.labels.slice(1).map((_, option) => values.map((value) => (value === option + 1 ? 1 : 0)));
    return { first, all: first };
  }
  const [center, scale] = [mean(values), deviation(values) || 1];
  const first = values.map((value) => (value - center) / scale);
  return { first: [first], all: [first, first.map((value) => value * value)] };
}
