import { compareLosses } from '../trial/best-trial.ts';

/** A point in the space of objectives: lower is better in each, finite numbers. */
export interface Point {
  readonly losses: readonly number[];
  /** 0 when feasible. */
  readonly violation: number;
}

/**
 * The indices of the points that no other dominates, in ascending order. Every feasible point dominates every infeasible one, and of two
 * infeasible ones the less violated dominates (Deb 2000), so infeasible points are left only when nothing is feasible. Equal points stay together.
 * O(n log n + n·f) for a front of f.
 */
export function paretoFront(points: readonly Point[]): readonly number[] {
  const least = points.reduce((min, { violation }) => Math.min(min, violation), Infinity);
  const order = [...points.keys()].filter((i) => points[i]?.violation === least).sort((a, b) => compareLexically(lossesAt(points, a), lossesAt(points, b)));
  const front: number[] = [];
  // In lexical order a point can only be dominated by one before it.
  for (const i of order) if (!front.some((j) => dominates(lossesAt(points, j), lossesAt(points, i)))) front.push(i);
  return front.sort((a, b) => a - b);
}

const lossesAt = (points: readonly Point[], i: number): readonly number[] => points[i]?.losses ?? [];

/** At most as high in each objective, and lower in one. */
export function dominates(a: readonly number[], b: readonly number[]): boolean {
  let lower = false;
  for (const [i, loss] of a.entries()) {
    const other = b[i] as number;
    if (loss > other) return false;
    if (loss < other) lower = true;
  }
  return lower;
}

function compareLexically(a: readonly number[], b: readonly number[]): number {
  for (const [i, loss] of a.entries()) {
    const order = compareLosses(loss, b[i] as number);
    if (order !== 0) return order;
  }
  return 0;
}
