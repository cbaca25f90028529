import type { Rng } from '../../src/base/rng.ts';
import { fitKernel, type Point, posterior } from './gaussian-process.ts';

/** Something that was tried: how far on, from which loss, with which parameters, and what it gained. */
export interface Trial {
  /** In rounds. */
  readonly time: number;
  readonly loss: number;
  /** Of each parameter, 0 to 1 being its bounds. */
  readonly at: readonly number[];
  /** More is better; null: it diverged. */
  readonly rate: number | null;
}

export interface Question {
  /** At least one. */
  readonly tried: readonly Trial[];
  /** Parameters that others are about to be trained with. */
  readonly pending: readonly (readonly number[])[];
  /** From where on the new parameters will be trained. */
  readonly now: Omit<Trial, 'at' | 'rate'>;
  /** The nearest parameters that there are. */
  settle(at: readonly number[]): readonly number[];
}

const DRAWS = 200;
const STARTS = 4;
const STEPS = 25;

/**
 * The parameters for which the upper confidence bound of the gain is highest: mean + √β · deviation, β = 0.2 + max(0, ln(0.4 n)) for n
 * trials, of a Gaussian process over the loss and the parameters whose knowledge fades with time. What is pending lowers the
 * deviation. Highest means: of 200 draws and those that are pending, each of the best 4 then moved 25 times, by less and less.
 *
 * @remarks O(n³): 0.1 ms for 5 trials, tens for 200.
 */
export function suggest({ tried, pending, now, settle }: Question, rng: Rng): readonly number[] {
  const context = unitScale([...tried.map(({ loss }) => loss), now.loss]);
  const values = standardised(tried.map(({ rate }) => rate));
  const points = tried.map(({ time, loss, at }): Point => ({ time, at: [context(loss), ...at] }));
  const here = (at: readonly number[]): Point => ({ time: now.time, at: [context(now.loss), ...at] });
  const known = posterior([...points, ...pending.map(here)], values, fitKernel(points, values));
  const width = Math.sqrt(0.2 + Math.max(0, Math.log(0.4 * tried.length)));
  const bound = (at: readonly number[]): number => known.mean(here(at)) + width * known.deviation(here(at));
  const candidate = (at: readonly number[]): Candidate => {
    const settled = settle(at);
    return { at: settled, bound: bound(settled) };
  };
  const dimensions = (tried[0] as Trial).at.length;
  const draws = rng.fork('draws');
  const drawn = Array.from({ length: DRAWS }, () => Array.from({ length: dimensions }, () => draws.next()));
  const starts = [...pending, ...drawn].map(candidate).sort(higher).slice(0, STARTS);
  const moved = starts.map((start, i) => climb(start, candidate, rng.fork('moves', i)));
  return (moved.sort(higher)[0] as Candidate).at;
}

interface Candidate {
  readonly at: readonly number[];
  readonly bound: number;
}

const higher = (a: Candidate, b: Candidate): number => b.bound - a.bound;

/** Moves as long as that leads higher: first by a fifth of the bounds, at last by a hundredth, past the bounds back onto them. */
function climb(start: Candidate, candidate: (at: readonly number[]) => Candidate, rng: Rng): Candidate {
  let best = start;
  for (let step = 0; step < STEPS; step++) {
    const reach = 0.2 * 20 ** (-step / (STEPS - 1));
    const next = candidate(best.at.map((x) => Math.min(Math.max(x + reach * rng.normal(), 0), 1)));
    if (next.bound > best.bound) best = next;
  }
  return best;
}

/** Values by their mean and standard deviation, at most 2 of them off; who diverged is 2 below. */
function standardised(rates: readonly (number | null)[]): readonly number[] {
  const known = rates.filter((rate) => rate !== null);
  const largest = Math.max(...known.map(Math.abs)) || 1; // so that no sum overflows
  const scaled = known.map((rate) => rate / largest);
  const mean = scaled.reduce((sum, rate) => sum + rate, 0) / scaled.length;
  const deviation = Math.sqrt(scaled.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / scaled.length);
  return rates.map((rate) => (rate === null ? -2 : deviation > 0 ? Math.min(Math.max((rate / largest - mean) / deviation, -2), 2) : 0));
}

/** The lowest of the values to 0, and the highest to 1. */
function unitScale(values: readonly number[]): (value: number) => number {
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  const width = highest / 2 - lowest / 2; // half, so that it does not overflow
  return (value) => (width > 0 ? (value / 2 - lowest / 2) / width : 0);
}
