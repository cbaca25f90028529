import type { Distribution } from './distribution.ts';

/** Smaller deviations, as a part of the range, are nothing. */
const LEAST_DEVIATION = 1e-9;
/** Nor is a gain that is less than this part of what the run has gained. */
const LEAST_GAIN = 1e-9;
/** As many times the first deviation mean that it runs away. */
const MOST_GROWTH = 1e4;
/** The square root of the condition of C from which on numbers are too coarse. */
const LONGEST_AXIS = 1e7;
const LONGEST_MEMORY = 20_000;

/** How a run comes on: of every generation the losses of the best, the middle and the worst trial. */
export class Progress {
  readonly #dimensions: number;
  readonly #population: number;
  readonly #sigma: number;
  readonly #bests: number[] = [];
  readonly #middles: number[] = [];
  #worst = Infinity;
  #range: readonly [number, number] = [Infinity, -Infinity];

  /** @param sigma - at the beginning */
  constructor(dimensions: number, population: number, sigma: number) {
    this.#dimensions = dimensions;
    this.#population = population;
    this.#sigma = sigma;
  }

  /** @param losses - of one generation, the best first; infinite for those that are lost */
  add(losses: readonly number[]): void {
    const best = losses[0] as number;
    this.#bests.push(best);
    this.#middles.push(losses[losses.length >> 1] as number);
    this.#worst = losses.findLast(Number.isFinite) ?? Infinity;
    if (Number.isFinite(best)) this.#range = [Math.min(this.#range[0], best), Math.max(this.#range[1], best)];
  }

  /** Whether the run has come to its end, by one of the criteria of section B.3 of the tutorial. */
  isOver({ sigma, lengths }: Distribution): boolean {
    const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
    const shortest = lengths.reduce((least, length) => Math.min(least, length), Infinity);
    if (!(sigma * longest >= LEAST_DEVIATION && sigma * longest <= MOST_GROWTH * this.#sigma && longest <= LONGEST_AXIS * shortest)) return true;
    return this.#isFlat() || this.#isStagnant();
  }

  #isFlat(): boolean {
    const length = 10 + Math.ceil((30 * this.#dimensions) / this.#population);
    if (this.#bests.length < length) return false;
    const recent = this.#bests.slice(-length);
    const [lowest, highest] = [Math.min(...recent), Math.max(...recent)];
    return lowest === highest || Math.max(highest, this.#worst) - lowest <= LEAST_GAIN * (this.#range[1] - this.#range[0]);
  }

  /** The last fifth of the run is no better at its end than at its beginning. */
  #isStagnant(): boolean {
    const least = 120 + Math.ceil((30 * this.#dimensions) / this.#population);
    if (this.#bests.length < least) return false;
    const length = Math.min(Math.max(least, Math.ceil(this.#bests.length / 5)), LONGEST_MEMORY);
    const part = Math.ceil(0.3 * length);
    return [this.#bests, this.#middles].every((losses) => {
      const start = losses.length - length;
      return median(losses.slice(-part)) >= median(losses.slice(start, start + part));
    });
  }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] as number;
