import type { History } from '../../src/search/history.ts';
import { outcomeOf } from '../../src/search/outcomes.ts';
import { type Coordinates, pointOf } from './coordinates.ts';

/** What is known of a history, in order of ending, and who still runs. */
export interface Ledger {
  /** One per ended trial. */
  readonly points: readonly Float64Array[];
  /** NaN of a trial that is lost: it failed, diverged, or never reported. */
  readonly losses: Float64Array;
  /** 0 is feasible; NaN of a trial that is lost, which is neither. */
  readonly violations: Float64Array;
  /** The points of the trials that have not ended. */
  readonly running: readonly Float64Array[];
}

/** Points by row: they never change. */
export type Points = Float64Array[];

/** O(rows). */
export function ledgerOf(history: History, coordinates: Coordinates, points: Points): Ledger {
  for (let row = points.length; row < history.length; row++) points.push(pointOf(coordinates, history.at(row).values));
  const losses = new Float64Array(history.ended.length).fill(Number.NaN);
  const violations = losses.slice();
  const ended = history.ended.map((row, i) => {
    const outcome = outcomeOf(history.at(row));
    if (outcome !== undefined && !outcome.isLost) [losses[i], violations[i]] = [outcome.losses[0] as number, outcome.violation];
    return points[row] as Float64Array;
  });
  const running: Float64Array[] = [];
  for (let row = 0; row < history.length; row++) if (history.at(row).state === 'running') running.push(points[row] as Float64Array);
  return { points: ended, losses, violations, running };
}

/**
 * Losses as a model takes them, of the first `count` trials, so that it does not matter in which units they came: 0 is the lowest and 1 the
 * median. A trial that is lost counts as the worst.
 *
 * @returns `undefined` when no trial has a loss
 */
export function levelled({ losses }: Pick<Ledger, 'losses'>, count: number): Float64Array | undefined {
  const known = losses.subarray(0, count).filter((loss) => !Number.isNaN(loss));
  if (known.length === 0) return undefined;
  const [low, high] = known.reduce(([least, most], loss) => [Math.min(least, loss), Math.max(most, loss)], [Infinity, -Infinity] as [number, number]);
  const full = losses.slice(0, count).map((loss) => (Number.isNaN(loss) ? high : loss));
  const unit = [medianOf(full) - low, high - low, 1].find((spread) => spread > 0) as number;
  return full.map((loss) => rounded(Math.min((loss - low) / unit, 1e30)));
}

/** More than so many times the usual violation count as so many times: else one that is infinite would hide all others. */
const MOST_EXCESS = 1e3;

/**
 * How far trials are from being feasible, as a model takes it: above 0, and below where a trial is feasible. One that is lost is as far from
 * it as a usual infeasible one, so that its place is left when none is feasible yet. `undefined` when none is infeasible.
 */
export function excesses({ violations }: Pick<Ledger, 'violations'>, count: number): Float64Array | undefined {
  const violated = violations.subarray(0, count).filter((violation) => violation > 0);
  if (violated.length === 0) return undefined;
  const finite = violated.filter(Number.isFinite);
  const usual = finite.length === 0 ? 1 : medianOf(finite);
  return violations.slice(0, count).map((violation) => {
    if (violation === 0) return -Math.LN2;
    return Math.log1p(Number.isNaN(violation) ? 1 : Math.min(violation / usual, MOST_EXCESS));
  });
}

/** To seven digits, and no more than seven behind the point: what other units leave of a loss is the same to the last bit. */
const rounded = (level: number): number => Math.fround(Math.round(level * 2 ** 24) / 2 ** 24);

function medianOf(values: Float64Array): number {
  const sorted = values.slice().sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : (sorted[middle - 1] as number) / 2 + (sorted[middle] as number) / 2;
}
