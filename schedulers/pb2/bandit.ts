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

const DRAWS = 100;
const STARTS = 3;
const STEPS = 20;

/**
 * The parameters for which the upper confidence bound of the gain is highest: mean + √β · deviation, β = 0.2 + max(0, ln(0.4 n)) for n
 * trials, of a Gaussian process over the loss and the parameters whose knowledge fades with time. What is pending lowers the
 * deviation. Highest means: of 100 draws and those that are pending, each of the best 3 then moved 20 times, by less and less.
 *
 * @remarks O(n³): 0.1 ms for 5 trials, tens for 200.
 */
export function suggest({ tried, pending, now, settle }: Question, rng: Rng): readonly number[] {
  const context = unitScale([...tried.map(({ loss }) => loss), now.loss]);
  const values = standardised(tried.map(({ rate }) => rate));
  const points = tried.map((one): Point => ({ time: one.time, at: [context(one.loss), ...one.at] }));
  const loss = context(now.loss);
  const here = (at: readonly number[]): Point => ({ time: now.time, at: [loss, ...at] });
  const known = posterior([...points, ...pending.map(here)], values, fitKernel(points, values));
  const width = Math.sqrt(0.2 + Math.max(0, Math.log(0.4 * tried.length)));
  const candidate = (wanted: readonly number[]): Candidate => {
    const at = settle(wanted);
    const { mean, deviation } = known(here(at));
    return { at, bound: mean + width * deviation };
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
