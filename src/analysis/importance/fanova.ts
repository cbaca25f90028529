import type { Rng } from '../../base/rng.ts';
import type { Attribute } from '../attributes.ts';
import { isNumber, mean, squares } from '../numbers.ts';
import { decomposeTree } from './decompose-tree.ts';
import { type Feature, predict, regressionTree } from './regression-tree.ts';

/** Shares of the variance, means over the trees. */
export interface Fanova {
  readonly single: readonly number[];
  /** [0, 1], [0, 2], …, [1, 2], …. */
  readonly pairs: readonly number[];
  /** How far the shares of the trees vary: a standard deviation per attribute. */
  readonly deviations: readonly number[];
  /** Of the trials that a tree has not seen, the part of the variance that the forest predicts: 1 all, 0 or less nothing. */
  readonly r2: number;
}

/**
 * Functional analysis of variance: a forest of regression trees learns the metric, and the variance of what it predicts over all of the space is taken apart.
 *
 * A trial that lacks a parameter is given, for each tree, a value drawn from those that others have: there it has no effect, and the tree sees none.
 *
 * @param y - the metric of each trial
 * @param rows - of each trial its row in the attributes' values
 * @returns NaN when the trees are all alike in predicting one value
 * @remarks O(trees · (k n log² n + k² (n + n² / k²))) time.
 */
export function fanova(attributes: readonly Attribute[], y: readonly number[], rows: readonly number[], trees: number, random: Rng): Fanova {
  const shares: { single: readonly number[]; pairs: readonly number[] }[] = [];
  const target = Float64Array.from(y);
  const [sums, seen] = [new Float64Array(y.length), new Float64Array(y.length)];
  const extents = attributes.map((attribute) =>
    attribute.kind === 'numeric' ? { low: attribute.low, high: attribute.high, categories: 0 } : { low: 0, high: 0, categories: attribute.labels.length },
  );
  for (let tree = 0; tree < trees; tree++) {
    const own = random.fork(tree);
    const features = attributes.map(
      (attribute): Feature => ({
        values: filledIn(
          rows.map((row) => attribute.values[row] as number),
          own,
        ),
        categories: attribute.kind === 'numeric' ? 0 : attribute.labels.length,
      }),
    );
    const weights = new Float64Array(y.length);
    for (let i = 0; i < y.length; i++) {
      const drawn = own.int(y.length);
      weights[drawn] = (weights[drawn] as number) + 1;
    }
    const grown = regressionTree(
      Int32Array.from(weights.keys()).filter((row) => weights[row] !== 0),
      { features, order: shuffled(attributes.length, own), y: target, weights },
    );
    for (const [row, weight] of weights.entries()) {
      if (weight > 0) continue;
      sums[row] = (sums[row] as number) + predict(grown, features, row);
      seen[row] = (seen[row] as number) + 1;
    }
    const { total, single, pairs } = decomposeTree(grown, extents);
    if (total > 0) shares.push({ single: single.map((part) => part / total), pairs: pairs.map((part) => part / total) });
  }
  const over = (pick: (share: (typeof shares)[number]) => readonly number[], at: number): readonly number[] => shares.map((share) => pick(share)[at] as number);
  return {
    single: attributes.map((_, i) => mean(over(({ single }) => single, i))),
    pairs: (shares[0]?.pairs ?? []).map((_, i) => mean(over(({ pairs }) => pairs, i))),
    deviations: attributes.map((_, i) => Math.sqrt(squares(over(({ single }) => single, i)) / shares.length)),
    r2: predicted(target, sums, seen),
  };
}

/** In place of NaN a draw from the others. */
function filledIn(values: readonly number[], random: Rng): Float64Array {
  const known = values.filter(isNumber);
  return Float64Array.from(values, (value) => (isNumber(value) ? value : (known[random.int(known.length)] as number)));
}

function shuffled(n: number, random: Rng): readonly number[] {
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = random.int(i + 1);
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}

function predicted(y: Float64Array, sums: Float64Array, seen: Float64Array): number {
  const rows = [...seen.keys()].filter((row) => (seen[row] as number) > 0);
  const error = rows.reduce((total, row) => total + ((y[row] as number) - (sums[row] as number) / (seen[row] as number)) ** 2, 0);
  return 1 - error / squares(rows.map((row) => y[row] as number));
}
