/** A column that a tree can split: numbers at a threshold, categories (0, 1, …) into two sets. */
export interface Feature {
  readonly values: Float64Array;
  /** How many categories; 0 for numbers. */
  readonly categories: number;
}

export interface Leaf {
  readonly value: number;
}

/** Goes left below the threshold, or when the category is one of `left`. */
export interface Split {
  readonly feature: number;
  readonly threshold: number;
  /** Of a category: 1 for those that go left. */
  readonly goesLeft: Uint8Array | undefined;
  readonly left: TreeNode;
  readonly right: TreeNode;
}

export type TreeNode = Leaf | Split;

/** Everything that stays the same while a tree grows. */
interface Growth {
  readonly features: readonly Feature[];
  /** Of each feature in what order it is tried: of equally good ones the first is taken. */
  readonly order: readonly number[];
  readonly y: Float64Array;
  /** How often each row was drawn. */
  readonly weights: Float64Array;
}

interface Candidate {
  readonly gain: number;
  readonly feature: number;
  readonly threshold: number;
  readonly goesLeft: Uint8Array | undefined;
}

/** A tree is never deeper: a chain of that many splits is noise, and recursion has an end. */
const DEEPEST = 64;

/**
 * A regression tree grown to the end: until the rows of a leaf have one value of y, or cannot be told apart.
 *
 * @param rows - those with a weight above 0
 * @remarks O(k n log² n) time when it is balanced.
 * @see Breiman, Friedman, Olshen & Stone 1984, "Classification and Regression Trees", 8.4 and, for categories by their means, 9.4
 */
export function regressionTree(rows: Int32Array, growth: Growth, depth = 0): TreeNode {
  const { y, weights, features } = growth;
  let [n, sum, low, high] = [0, 0, Infinity, -Infinity];
  for (const row of rows) {
    const value = y[row] as number;
    n += weights[row] as number;
    sum += (weights[row] as number) * value;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const split = low < high && depth < DEEPEST ? bestSplit(rows, growth, sum, n) : undefined;
  if (split === undefined) return { value: sum / n };
  const { values } = features[split.feature] as Feature;
  const isLeft = (row: number): boolean => goes(split, values[row] as number);
  const [left, right] = [rows.filter(isLeft), rows.filter((row) => !isLeft(row))];
  return { ...split, left: regressionTree(left, growth, depth + 1), right: regressionTree(right, growth, depth + 1) };
}

const goes = ({ threshold, goesLeft }: Pick<Split, 'threshold' | 'goesLeft'>, value: number): boolean =>
  goesLeft === undefined ? value <= threshold : goesLeft[value] === 1;

function bestSplit(rows: Int32Array, growth: Growth, sum: number, n: number): Candidate | undefined {
  let best: Candidate | undefined;
  for (const feature of growth.order) {
    const candidate =
      (growth.features[feature] as Feature).categories > 0 ? splitCategories(rows, growth, feature) : splitNumbers(rows, growth, feature, sum, n);
    if (candidate !== undefined && (best === undefined || candidate.gain > best.gain * (1 + 1e-12))) best = candidate;
  }
  return best;
}

function splitNumbers(rows: Int32Array, { features, y, weights }: Growth, feature: number, sum: number, n: number): Candidate | undefined {
  const { values } = features[feature] as Feature;
  const sorted = rows.slice().sort((a, b) => (values[a] as number) - (values[b] as number));
  let [leftSum, leftN, gain, threshold] = [0, 0, -Infinity, Number.NaN];
  for (let i = 0; i + 1 < sorted.length; i++) {
    const row = sorted[i] as number;
    leftSum += (weights[row] as number) * (y[row] as number);
    leftN += weights[row] as number;
    const [value, next] = [values[row] as number, values[sorted[i + 1] as number] as number];
    if (value === next) continue;
    const here = leftSum ** 2 / leftN + (sum - leftSum) ** 2 / (n - leftN);
    if (here > gain) [gain, threshold] = [here, value + (next - value) / 2];
  }
  return gain === -Infinity ? undefined : { gain: gain - sum ** 2 / n, feature, threshold, goesLeft: undefined };
}

/** The best of all sets is among those that take the categories in the order of their means. */
function splitCategories(rows: Int32Array, { features, y, weights }: Growth, feature: number): Candidate | undefined {
  const { values, categories } = features[feature] as Feature;
  const [sums, counts] = [new Float64Array(categories), new Float64Array(categories)];
  for (const row of rows) {
    const category = values[row] as number;
    sums[category] = (sums[category] as number) + (weights[row] as number) * (y[row] as number);
    counts[category] = (counts[category] as number) + (weights[row] as number);
  }
  const mean = (category: number): number => (sums[category] as number) / (counts[category] as number);
  const present = [...counts.keys()].filter((category) => (counts[category] as number) > 0).sort((a, b) => mean(a) - mean(b));
  const [sum, n] = [sums.reduce((a, b) => a + b, 0), counts.reduce((a, b) => a + b, 0)];
  let [leftSum, leftN, gain, taken, most] = [0, 0, -Infinity, 0, 0];
  for (let i = 0; i + 1 < present.length; i++) {
    leftSum += sums[present[i] as number] as number;
    leftN += counts[present[i] as number] as number;
    const here = leftSum ** 2 / leftN + (sum - leftSum) ** 2 / (n - leftN);
    if (here > gain) [gain, taken, most] = [here, i + 1, leftN];
  }
  if (taken === 0) return undefined;
  const goesLeft = new Uint8Array(categories).fill(most > n - most ? 1 : 0); // those that are not here go with the many
  for (const [i, category] of present.entries()) goesLeft[category] = i < taken ? 1 : 0;
  return { gain: gain - sum ** 2 / n, feature, threshold: Number.NaN, goesLeft };
}

/** What the tree predicts for a row. */
export function predict(node: TreeNode, features: readonly Feature[], row: number): number {
  let here = node;
  while ('feature' in here) here = goes(here, (features[here.feature] as Feature).values[row] as number) ? here.left : here.right;
  return here.value;
}
