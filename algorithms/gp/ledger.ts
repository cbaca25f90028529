import { isWorst } from '../../src/base/worst.ts';
import type { History } from '../../src/search/history.ts';
import { type Coordinates, pointOf } from './coordinates.ts';

/** What is known of a history, in order of ending, and who still runs. */
export interface Ledger {
  /** One per ended trial. */
  readonly points: readonly Float64Array[];
  /** NaN of a trial that failed, diverged, or never reported. */
  readonly losses: Float64Array;
  readonly stopped: Uint8Array;
  readonly violations: Float64Array;
  /** The points of the trials that have not ended. */
  readonly running: readonly Float64Array[];
}

/** Points by row: they never change. */
export type Points = Float64Array[];

/** O(rows). */
export function ledgerOf(history: History, coordinates: Coordinates, points: Points): Ledger {
  for (let row = points.length; row < history.length; row++) points.push(pointOf(coordinates, history.at(row).values));
  const count = history.ended.length;
  const losses = new Float64Array(count);
  const violations = new Float64Array(count);
  const stopped = new Uint8Array(count);
  const ended = history.ended.map((row, i) => {
    const { state, losses: last, violation } = history.at(row);
    const loss = last?.[0] ?? Number.NaN;
    losses[i] = state === 'failed' || isWorst(loss) ? Number.NaN : loss;
    violations[i] = state === 'failed' ? 0 : violation;
    stopped[i] = state === 'stopped' ? 1 : 0;
    return points[row] as Float64Array;
  });
  const running: Float64Array[] = [];
  for (let row = 0; row < history.length; row++) if (history.at(row).state === 'running') running.push(points[row] as Float64Array);
  return { points: ended, losses, stopped, violations, running };
}

/**
 * Losses as a model takes them, of the first `count` trials, so that it does not matter in which units they came: 0 is the lowest and 1 the
 * median. A trial that was stopped counts as no better than the median of those that completed, and one that failed as the worst.
 *
 * @returns `undefined` when no trial has a loss
 */
export function levelled({ losses, stopped }: Pick<Ledger, 'losses' | 'stopped'>, count: number): Float64Array | undefined {
  const completed = losses.subarray(0, count).filter((loss, i) => !Number.isNaN(loss) && stopped[i] === 0);
  const least = completed.length === 0 ? -Infinity : medianOf(completed);
  const values = losses.slice(0, count).map((loss, i) => (stopped[i] === 1 ? Math.max(loss, least) : loss));
  const known = values.filter((value) => !Number.isNaN(value));
  if (known.length === 0) return undefined;
  const [low, high] = known.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [Infinity, -Infinity] as [number, number]);
  const full = values.map((value) => (Number.isNaN(value) ? high : value));
  const unit = [medianOf(full) - low, high - low, 1].find((spread) => spread > 0) as number;
  return full.map((value) => rounded(Math.min((value - low) / unit, 1e30)));
}

/**
 * How infeasible trials are as a model takes it: above 0, and below where a trial is feasible. `undefined` when all are.
 */
export function excesses({ violations }: Pick<Ledger, 'violations'>, count: number): Float64Array | undefined {
  const violated = violations.subarray(0, count).filter((violation) => violation > 0);
  if (violated.length === 0) return undefined;
  const usual = medianOf(violated);
  return violations.slice(0, count).map((violation) => (violation > 0 ? Math.log1p(violation / usual) : -Math.LN2));
}

/** To seven digits, and no more than seven behind the point: what other units leave of a loss is the same to the last bit. */
const rounded = (level: number): number => Math.fround(Math.round(level * 2 ** 24) / 2 ** 24);

function medianOf(values: Float64Array): number {
  const sorted = values.slice().sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : (sorted[middle - 1] as number) / 2 + (sorted[middle] as number) / 2;
}
