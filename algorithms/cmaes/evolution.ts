import type { Json } from '../../src/base/json.ts';
import type { Rng } from '../../src/base/rng.ts';
import { WORST } from '../../src/base/worst.ts';
import type { History, HistoryRow } from '../../src/search/history.ts';
import { type Outcome, outcomeOf } from '../../src/search/outcomes.ts';
import { compareOutcomes } from '../../src/search/tiers.ts';
import type { NumericAxis } from '../../src/space/axis.ts';
import { cellAt, encodedAt, endsOf, toCube } from './cube.ts';
import { beginning, type Distribution, lengthOf, stepped, stretched } from './distribution.ts';
import { withMargin } from './margin.ts';
import { Progress } from './progress.ts';
import { type Strategy, strategyOf } from './strategy.ts';

export interface EvolutionSettings {
  /** The first σ, as a part of the range of every parameter. */
  readonly sigma: number;
  /** Points in a generation of the first run. */
  readonly population: number;
  readonly restarts: number;
  /** Whether stepped parameters are kept moving. */
  readonly margin: boolean;
}

/** A trial that ended. */
interface Trial {
  /** In the cube. */
  readonly point: Float64Array;
  readonly outcome: Outcome;
  /** It was drawn from another distribution than the present one, or by nobody. */
  readonly isForeign: boolean;
}

/** A point out of bounds is drawn anew once; then it is moved to the nearest bound. More draws would keep the search away from optima there. */
const MOST_DRAWS = 2;

/**
 * The distribution that a history has led to. It is a function of the trials in the order in which they ended: every λ of them are one
 * generation, whichever distribution they were drawn from. So nobody waits for anybody, and no result is lost.
 */
export class Evolution {
  /** The parameters that are searched. */
  readonly cube: readonly NumericAxis[];
  readonly #settings: EvolutionSettings;
  readonly #stream: Rng;
  #strategy: Strategy;
  #distribution: Distribution;
  /** The deviations of stepped parameters are so many times those of the distribution. */
  #scales: Float64Array;
  #progress: Progress;
  /** How many trials had ended when this run began, and this generation. */
  #run = 0;
  #generation = 0;
  #restarts = 0;
  #isOver = false;
  #pool: Trial[] = [];
  /** The best of the enqueued trials that the first run begins at. */
  #start: Trial | undefined;
  /** How many of those that ended have been read. */
  #read = 0;

  /** @param cube - at least one */
  constructor(cube: readonly NumericAxis[], settings: EvolutionSettings, stream: Rng) {
    this.cube = cube;
    this.#settings = settings;
    this.#stream = stream;
    this.#strategy = strategyOf(cube.length, settings.population);
    this.#progress = new Progress(cube.length, settings.population, settings.sigma);
    this.#distribution = beginning(middleOf(cube), settings.sigma);
    this.#scales = new Float64Array(cube.length).fill(1);
  }

  /** Reads who has ended since; O(parameters²) for each, and O(parameters³) for each generation. */
  *read(history: History): Generator<void, void> {
    const { ended } = history;
    while (this.#read < ended.length) {
      const row = history.at(ended[this.#read] as number);
      this.#read += 1;
      if (row.asked < this.#run || this.#isOver) continue; // it belongs to the run before, which converged
      const trial = this.#trialOf(row);
      if (trial === undefined) continue;
      if (row.by === 'enqueued' && this.#generation === 0) this.#startAt(trial);
      else this.#pool.push(trial);
      if (this.#pool.length < this.#strategy.population) continue;
      this.#step();
      yield;
    }
  }

  /** A point of the distribution, within the bounds of the parameters without steps. */
  draw(rng: Rng): Float64Array {
    const { mean, sigma } = this.#distribution;
    const ends = this.cube.map(endsOf);
    const drawn = (): Float64Array => {
      const way = stretched(
        this.#distribution,
        Float64Array.from(mean, () => rng.normal()),
      );
      return way.map((value, i) => (mean[i] as number) + sigma * (this.#scales[i] as number) * value);
    };
    let point = drawn();
    for (let draws = 1; draws < MOST_DRAWS && !ends.every(([low, high], i) => (point[i] as number) >= low && (point[i] as number) <= high); draws++)
      point = drawn();
    return point.map((value, i) => Math.min(Math.max(value, ends[i]?.[0] as number), ends[i]?.[1] as number));
  }

  /** What a proposal remembers of a point: where it lay before it was rounded. */
  noteOf(point: Float64Array): Json | undefined {
    const positions = this.cube.flatMap(({ step }, i) => (step > 0 ? [point[i] as number] : []));
    return positions.length === 0 ? undefined : positions;
  }

  #trialOf(row: HistoryRow): Trial | undefined {
    const { values, note } = row;
    if (this.cube.some(({ index }) => Number.isNaN(values[index]))) return undefined;
    const positions = Array.isArray(note) ? [...(note as readonly Json[])] : [];
    const point = Float64Array.from(this.cube, (axis) => {
      const value = values[axis.index] as number;
      const position = axis.step > 0 ? positions.shift() : undefined;
      if (typeof position === 'number' && encodedAt(axis, position) === value) return position;
      return toCube(axis, Math.min(Math.max(value, axis.low), axis.high));
    });
    return { point, outcome: outcomeOf(row) ?? lost(row), isForeign: row.by === 'enqueued' || row.asked < this.#generation };
  }

  #startAt(trial: Trial): void {
    if (trial.outcome.isLost || (this.#start && compareOutcomes(trial.outcome, this.#start.outcome) >= 0)) return;
    this.#start = trial;
    this.#distribution = beginning(trial.point, this.#settings.sigma);
  }

  #step(): void {
    const generation = this.#pool.toSorted((a, b) => compareOutcomes(a.outcome, b.outcome));
    this.#pool = [];
    const ways = generation.map((trial) => this.#wayTo(trial));
    const next = stepped(this.#distribution, this.#strategy, ways);
    this.#progress.add(generation.map(({ outcome }) => (outcome.isLost ? Infinity : (outcome.losses[0] as number))));
    this.#generation = this.#read;
    if (this.#progress.isOver(next)) return this.#restart();
    this.#distribution = next;
    if (this.#settings.margin) this.#keepMargin();
  }

  /**
   * From the mean to a point, in units of σ. A foreign point may lie farther out than any that is drawn now: it counts as if it lay on the
   * same way at a usual distance (Hansen 2011, "Injecting external solutions into CMA-ES", arXiv 1110.4181).
   */
  #wayTo({ point, isForeign }: Trial): Float64Array {
    const { mean, sigma } = this.#distribution;
    const way = point.map((value, i) => (value - (mean[i] as number)) / (sigma * (this.#scales[i] as number)));
    if (!isForeign) return way;
    const n = point.length;
    const shorter = Math.min(1, (Math.sqrt(n) + (2 * n) / (n + 2)) / lengthOf(this.#distribution, way));
    return way.map((value) => shorter * value);
  }

  #keepMargin(): void {
    const { mean, sigma, covariance } = this.#distribution;
    const n = this.cube.length;
    const moved = mean.slice();
    this.#scales = this.#scales.slice();
    this.cube.forEach((axis, i) => {
      if (axis.step === 0) return;
      const own = sigma * Math.sqrt(covariance[i * (n + 1)] as number);
      const now = { mean: mean[i] as number, deviation: own * (this.#scales[i] as number) };
      const kept = withMargin(now, cellAt(axis, now.mean), 1 / (n * this.#strategy.population));
      moved[i] = kept.mean;
      this.#scales[i] = kept.deviation / own;
    });
    this.#distribution = { ...this.#distribution, mean: moved };
  }

  /** Elsewhere, with twice as many points in a generation; after the last restart the distribution stays as it is. */
  #restart(): void {
    if (this.#restarts === this.#settings.restarts) {
      this.#isOver = true;
      return;
    }
    this.#restarts += 1;
    const { sigma, population } = this.#settings;
    const larger = population * 2 ** this.#restarts;
    const rng = this.#stream.fork('cmaes', 'restart', this.#restarts);
    this.#strategy = strategyOf(this.cube.length, larger);
    this.#progress = new Progress(this.cube.length, larger, sigma);
    this.#distribution = beginning(
      Float64Array.from(this.cube, () => rng.next()),
      sigma,
    );
    this.#scales = new Float64Array(this.cube.length).fill(1);
    this.#run = this.#read;
  }
}

/** A trial that failed or never reported is as good as one that diverged. */
const lost = ({ row }: HistoryRow): Outcome => ({ row, losses: [WORST], violation: 0, isLost: true });

const middleOf = (cube: readonly NumericAxis[]): Float64Array => new Float64Array(cube.length).fill(0.5);
