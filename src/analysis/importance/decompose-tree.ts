import type { Split, TreeNode } from './regression-tree.ts';

/** Where the values of a feature lie: an interval, or 0 to `categories` - 1. */
export interface Extent {
  readonly low: number;
  readonly high: number;
  readonly categories: number;
}

/** The variance of what a tree predicts over all of the space, and its parts. */
export interface Decomposition {
  readonly total: number;
  /** One per feature: the variance of the mean over all others. */
  readonly single: readonly number[];
  /** What pairs add to their two, [0, 1], [0, 2], …, [1, 2], …. */
  readonly pairs: readonly number[];
}

/** From one piece of a feature to before another. */
type Run = readonly [from: number, to: number];

/** A feature cut where the tree splits it. */
interface Pieces {
  /** The share of the feature that each piece is. They add up to 1. */
  readonly shares: readonly number[];
  /** Of a feature that is no category, where the pieces end. */
  readonly ends: readonly number[];
}

/** A leaf: its value, and of each feature the pieces it takes, and what share they are. */
interface Box {
  readonly value: number;
  readonly volume: number;
  readonly sides: readonly { readonly runs: readonly Run[]; readonly share: number }[];
}

/**
 * Takes the variance of a tree's prediction apart, when every feature is drawn evenly and independently from its extent.
 *
 * @remarks O(k² (leaves + pieces²)) time.
 * @see Hutter, Hoos & Leyton-Brown 2014, "An efficient approach for assessing hyperparameter importance", ICML, algorithm 2 and equation 7
 */
export function decomposeTree(tree: TreeNode, extents: readonly Extent[]): Decomposition {
  const pieces = piecesOf(tree, extents);
  const boxes = boxesOf(tree, extents, pieces);
  const mean = boxes.reduce((sum, { value, volume }) => sum + value * volume, 0);
  const total = boxes.reduce((sum, { value, volume }) => sum + volume * (value - mean) ** 2, 0);
  const single = pieces.map(({ shares }, feature) => {
    const means = marginal(boxes, feature, shares.length, mean);
    return shares.reduce((sum, share, i) => sum + share * (means[i] as number) ** 2, 0);
  });
  const pairs = pieces.flatMap((a, i) =>
    pieces.slice(i + 1).map((b, rest) => {
      const j = i + 1 + rest;
      if (a.shares.length < 2 || b.shares.length < 2) return 0;
      return Math.max(0, pairVariance(boxes, [i, j], [a.shares, b.shares], mean) - (single[i] as number) - (single[j] as number));
    }),
  );
  return { total, single, pairs };
}

/** The mean prediction in each piece of a feature, less the mean of all: by the differences from piece to piece. */
function marginal(boxes: readonly Box[], feature: number, size: number, mean: number): Float64Array {
  const steps = new Float64Array(size + 1);
  for (const { value, volume, sides } of boxes) {
    const { runs, share } = sides[feature] as Box['sides'][number];
    const part = ((value - mean) * volume) / share;
    for (const [from, to] of runs) {
      steps[from] = (steps[from] as number) + part;
      steps[to] = (steps[to] as number) - part;
    }
  }
  for (let i = 1; i <= size; i++) steps[i] = (steps[i] as number) + (steps[i - 1] as number);
  return steps.subarray(0, size);
}

/** The variance of the mean prediction in each cell of two features. */
function pairVariance(boxes: readonly Box[], [i, j]: readonly [number, number], [a, b]: readonly [readonly number[], readonly number[]], mean: number): number {
  const width = b.length + 1;
  const steps = new Float64Array((a.length + 1) * width);
  const add = (row: number, column: number, part: number): void => {
    steps[row * width + column] = (steps[row * width + column] as number) + part;
  };
  for (const { value, volume, sides } of boxes) {
    const [first, second] = [sides[i] as Box['sides'][number], sides[j] as Box['sides'][number]];
    const part = ((value - mean) * volume) / first.share / second.share;
    for (const [top, bottom] of first.runs) {
      for (const [left, right] of second.runs) {
        add(top, left, part);
        add(top, right, -part);
        add(bottom, left, -part);
        add(bottom, right, part);
      }
    }
  }
  let variance = 0;
  for (let row = 0; row < a.length; row++) {
    let along = 0;
    for (let column = 0; column < b.length; column++) {
      along += steps[row * width + column] as number;
      const here = along + (row > 0 ? (steps[(row - 1) * width + column] as number) : 0);
      steps[row * width + column] = here;
      variance += (a[row] as number) * (b[column] as number) * here ** 2;
    }
  }
  return variance;
}

function piecesOf(tree: TreeNode, extents: readonly Extent[]): readonly Pieces[] {
  const thresholds = extents.map(() => new Set<number>());
  visit(tree, ({ feature, threshold, goesLeft }) => {
    if (goesLeft === undefined) thresholds[feature]?.add(threshold);
  });
  return extents.map(({ low, high, categories }, feature) => {
    if (categories > 0) return { shares: new Array<number>(categories).fill(1 / categories), ends: [] };
    const ends = [...[...(thresholds[feature] ?? [])].sort((a, b) => a - b), high];
    return { shares: ends.length > 1 ? ends.map((end, i) => (end - (ends[i - 1] ?? low)) / (high - low)) : [1], ends };
  });
}

function visit(node: TreeNode, see: (split: Split) => void): void {
  if (!('feature' in node)) return;
  see(node);
  visit(node.left, see);
  visit(node.right, see);
}

/** What of a feature a node has: the pieces from the first to before the last, or the categories with a 1. */
type Side = Run | Uint8Array;

function boxesOf(tree: TreeNode, extents: readonly Extent[], pieces: readonly Pieces[]): readonly Box[] {
  const boxes: Box[] = [];
  const places = pieces.map(({ ends }) => new Map(ends.map((end, i) => [end, i + 1])));
  const walk = (node: TreeNode, sides: readonly Side[]): void => {
    if ('feature' in node) {
      const { feature, threshold, goesLeft, left, right } = node;
      const side = sides[feature] as Side;
      const place = places[feature]?.get(threshold) as number;
      const [low, high]: [Side, Side] =
        side instanceof Uint8Array
          ? [side.map((has, category) => has & (goesLeft?.[category] as number)), side.map((has, category) => has & ~(goesLeft?.[category] as number) & 1)]
          : [
              [side[0], place],
              [place, side[1]],
            ];
      walk(left, sides.with(feature, low));
      walk(right, sides.with(feature, high));
      return;
    }
    const parts = sides.map((side, feature) => {
      const runs = side instanceof Uint8Array ? runsOf(side) : [side];
      const { shares } = pieces[feature] as Pieces;
      let share = 0;
      for (const [from, to] of runs) for (let i = from; i < to; i++) share += shares[i] as number;
      return { runs, share };
    });
    boxes.push({ value: node.value, volume: parts.reduce((volume, { share }) => volume * share, 1), sides: parts });
  };
  walk(
    tree,
    extents.map(({ categories }, feature) => (categories > 0 ? new Uint8Array(categories).fill(1) : ([0, (pieces[feature] as Pieces).shares.length] as const))),
  );
  return boxes.filter(({ volume }) => volume > 0);
}

function runsOf(has: Uint8Array): readonly Run[] {
  const runs: Run[] = [];
  for (let from = 0; from < has.length; from++) {
    if (has[from] !== 1) continue;
    let to = from;
    while (has[to] === 1) to++;
    runs.push([from, to]);
    from = to;
  }
  return runs;
}
