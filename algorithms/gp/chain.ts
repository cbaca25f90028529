import { kernelOf } from './evidence.ts';
import { fit, startOf } from './fit.ts';
import type { Shape } from './kernel.ts';
import type { Pace } from './pace.ts';
import { Posterior } from './posterior.ts';
import { type Bend, bestBend, warped } from './warp.ts';

/** So many trials are known at most: at the last fit fewer, and those that ended since. */
const [MOST, MOST_SINCE] = [500, 50];
/** To so many of them the kernel is fitted. */
const MOST_FITTED = 200;
/** Fewer trials are no model. */
export const FEWEST = 3;
/** Up to so many the kernel is looked for afresh at every fit, and then at each fourth. */
const [FEW, AFRESH] = [40, 4];

/** What a chain learns from: what was measured of the first `count` trials to end. */
export interface Source {
  readonly points: readonly Float64Array[];
  /** `undefined` while there is nothing to learn. */
  levels(count: number): Float64Array | undefined;
  /** Whether the levels are bent; otherwise they are targets as they are. */
  readonly bends: boolean;
}

interface Link {
  /** So many trials had ended. */
  readonly count: number;
  readonly theta: Float64Array;
  readonly bend: Bend;
}

/** A model of what was measured. */
export interface Learnt {
  readonly posterior: Posterior;
  /** The trials that are known, by their place in the order of ending; the first rows of the posterior. */
  readonly places: readonly number[];
  readonly targets: Float64Array;
}

/**
 * Fits of one quantity, each begun where the one before ended: at fixed numbers of trials, so that the same trials always give the same
 * ones. In between, trials are added to what was fitted last.
 */
export class Chain {
  readonly #shape: Shape;
  readonly #links: Link[] = [];
  #known: { link: Link; posterior: Posterior; places: number[] } | undefined;

  constructor(shape: Shape) {
    this.#shape = shape;
  }

  /** What followed of the trials from this one on is wrong. */
  forget(from: number): void {
    while ((this.#links.at(-1)?.count ?? 0) > from) this.#links.pop();
    this.#known = undefined;
  }

  /** O(count³) for each fit that is due, then O(count²) for each trial since; `undefined` while there is nothing to learn. */
  async learn(source: Source, pace: Pace): Promise<Learnt | undefined> {
    const count = source.points.length;
    for (const [number, due] of schedule(count).entries()) {
      if (due <= (this.#links.at(-1)?.count ?? 0)) continue;
      const levels = source.levels(due);
      if (levels !== undefined) this.#links.push(await this.#linkAt(due, due < FEW || number % AFRESH === 0, levels, source, pace));
    }
    const link = this.#links.at(-1);
    const levels = source.levels(count);
    if (link === undefined || levels === undefined) return undefined;
    const { posterior, places } = await this.#knownAt(link, source, count, pace);
    const own = Float64Array.from(places, (place) => levels[place] as number);
    return { posterior, places, targets: source.bends ? warped(own, link.bend) : own };
  }

  async #linkAt(count: number, afresh: boolean, levels: Float64Array, { points, bends }: Source, pace: Pace): Promise<Link> {
    const places = chosen(levels, MOST_FITTED);
    const own = Float64Array.from(places, (place) => levels[place] as number);
    const flat = new Float64Array(places.length * this.#shape.size);
    places.forEach((place, i) => void flat.set(points[place] as Float64Array, i * this.#shape.size));
    const last = this.#links.at(-1);
    let bend: Bend = Infinity;
    if (bends) {
      const posterior = new Posterior(this.#shape, kernelOf(this.#shape, last?.theta ?? startOf(this.#shape)));
      for (const place of places) posterior.append(points[place] as Float64Array);
      bend = bestBend(own, posterior);
      await pace.spend(places.length ** 3 / 6);
    }
    const targets = bends ? warped(own, bend) : own;
    return { count, bend, theta: await fit({ shape: this.#shape, count: own.length, points: flat, targets }, last?.theta, afresh, pace) };
  }

  async #knownAt(link: Link, source: Source, count: number, pace: Pace): Promise<{ posterior: Posterior; places: number[] }> {
    if (this.#known?.link !== link) {
      const places = chosen(source.levels(link.count) as Float64Array, MOST - MOST_SINCE);
      const posterior = new Posterior(this.#shape, kernelOf(this.#shape, link.theta));
      for (const place of places) {
        posterior.append(source.points[place] as Float64Array);
        await pace.spend(posterior.count ** 2 / 2);
      }
      this.#known = { link, posterior, places };
    }
    const { posterior, places } = this.#known;
    posterior.cut(places.length);
    for (let place = Math.max(link.count, (places.at(-1) ?? -1) + 1); place < count; place++) {
      posterior.append(source.points[place] as Float64Array);
      places.push(place);
      await pace.spend(posterior.count ** 2 / 2);
    }
    return this.#known;
  }
}

/** The numbers of trials at which there is a fit: each at first, then 5 % more. */
function schedule(count: number): readonly number[] {
  const due: number[] = [];
  for (let next = FEWEST; next <= count; next += Math.min(MOST_SINCE, Math.max(1, Math.floor(next / 20)))) due.push(next);
  return due;
}

/** Which trials are known when they are too many, ascending: the best half, the latest quarter, and of the others some. */
function chosen(levels: Float64Array, most: number): number[] {
  const all = Array.from(levels, (_, place) => place);
  if (all.length <= most) return all;
  const best = all.toSorted((a, b) => (levels[a] as number) - (levels[b] as number) || a - b).slice(0, most >> 1);
  const isBest = new Set(best);
  const others = all.filter((place) => !isBest.has(place));
  const latest = others.splice(others.length - (most >> 2));
  const left = most - best.length - latest.length;
  const some = Array.from({ length: left }, (_, i) => others[Math.floor((i * others.length) / left)] as number);
  return [...best, ...latest, ...some].sort((a, b) => a - b);
}
