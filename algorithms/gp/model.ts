import { quantile } from '../../src/base/numeric/truncated-normal.ts';
import type { Rng } from '../../src/base/rng.ts';
import type { History } from '../../src/search/history.ts';
import { shuffled } from '../../src/space/permutation.ts';
import type { Space } from '../../src/space/space.ts';
import { Chain, FEWEST } from './chain.ts';
import { type Coordinates, coordinatesOf } from './coordinates.ts';
import { excesses, type Ledger, ledgerOf, levelled, type Points } from './ledger.ts';
import { both, feasibility, improvement, type Merit } from './merit.ts';
import type { Pace } from './pace.ts';
import type { Posterior } from './posterior.ts';

/** In so many worlds those that run give what they might. */
const WORLDS = 128;
/** So many of those that run are looked at: the latest. */
const MOST_RUNNING = 100;

/** Where it is good to go on. */
export interface Outlook {
  readonly merit: Merit;
  /** The best points, those of the lowest loss first. */
  readonly best: readonly Float64Array[];
  /** Over which a function changes, by coordinate. */
  readonly lengths: Float64Array;
}

/** What is known of a history: a cache, of which all follows from the history. */
export class Model {
  readonly space: Space;
  readonly coordinates: Coordinates;
  readonly #points: Points = [];
  readonly #tried = new Set<string>();
  readonly #losses: Chain;
  readonly #violations: Chain;
  #read: Ledger | undefined;

  constructor(space: Space) {
    this.space = space;
    this.coordinates = coordinatesOf(space);
    this.#losses = new Chain(this.coordinates);
    this.#violations = new Chain(this.coordinates);
  }

  /** Whether there is a trial at this very point. */
  isTried(point: Float64Array): boolean {
    return this.#tried.has(point.join());
  }

  /** `undefined` while there is too little to go by. */
  async look(history: History, rng: Rng, pace: Pace): Promise<Outlook | undefined> {
    const ledger = this.#reread(history);
    if (ledger.points.length < FEWEST) return undefined;
    const { points } = ledger;
    const known = await this.#losses.learn({ points, bends: true, levels: (count) => levelled(ledger, count) }, pace);
    const excess = await this.#violations.learn({ points, bends: false, levels: (count) => excesses(ledger, count) }, pace);
    if (known === undefined) return undefined;
    const { posterior, places, targets } = known;
    const white = posterior.whitened(targets);
    const means = posterior.smoothed(targets, white);
    const violationOf = (i: number): number => {
      const violation = ledger.violations[places[i] as number] as number;
      return Number.isNaN(violation) ? Infinity : violation;
    };
    const order = Array.from(places.keys()).sort((a, b) => violationOf(a) - violationOf(b) || (means[a] as number) - (means[b] as number));
    const running = ledger.running.slice(-MOST_RUNNING);
    const merits: Merit[] = [];
    if (violationOf(order[0] as number) === 0) merits.push(improvement(worldsOf(posterior, white, running, means[order[0] as number] as number, rng)));
    if (excess !== undefined) {
      const sure = excess.posterior.whitened(excess.targets);
      for (const point of running) excess.posterior.append(point);
      merits.push(feasibility({ posterior: excess.posterior, white: sure }));
    }
    return {
      merit: merits.reduce(both),
      best: order.slice(0, 4).map((i) => points[places[i] as number] as Float64Array),
      lengths: posterior.kernel.weights.map((weight) => Math.min(Math.max(1 / Math.sqrt(weight), 0.01), 1)),
    };
  }

  /** A trial that failed and was run again says something else now: what was learnt of it is forgotten. */
  #reread(history: History): Ledger {
    const first = this.#points.length;
    const ledger = ledgerOf(history, this.coordinates, this.#points);
    for (let row = first; row < this.#points.length; row++) this.#tried.add((this.#points[row] as Float64Array).join());
    const before = this.#read;
    const isSame = (key: 'losses' | 'violations', i: number): boolean => Object.is(before?.[key][i], ledger[key][i]);
    const changed = before?.points.findIndex((_, i) => !isSame('losses', i) || !isSame('violations', i)) ?? -1;
    if (changed >= 0) {
      this.#losses.forget(changed);
      this.#violations.forget(changed);
    }
    this.#read = ledger;
    return ledger;
  }
}

/** Those that run are appended, and each world has a result for them that follows from what is known, and a lowest value. */
function worldsOf(posterior: Posterior, white: Float64Array, running: readonly Float64Array[], low: number, rng: Rng): Parameters<typeof improvement>[0] {
  for (const point of running) posterior.append(point);
  const open = running.length;
  const count = open === 0 ? 1 : WORLDS;
  const worlds = new Float64Array(count * open);
  for (let r = 0; r < open; r++)
    evenNormals(count, rng.fork('world', r)).forEach((value, j) => {
      worlds[j * open + r] = value;
    });
  const lowest = new Float64Array(count).fill(low);
  for (let j = 0; j < count; j++) {
    for (let r = 0; r < open; r++) lowest[j] = Math.min(lowest[j] as number, posterior.valueOf(white.length + r, white, worlds, j * open));
  }
  return { posterior, white, worlds, lowest };
}

const NORMALS = Float64Array.from({ length: WORLDS }, (_, i) => quantile((i + 0.5) / WORLDS, -Infinity, Infinity));

/** Normal numbers, one of each of as many parts of equal probability, in any order. */
function evenNormals(count: number, rng: Rng): Float64Array {
  return Float64Array.from(shuffled(rng, count), (i) => NORMALS[i] as number);
}
