import { lbfgs } from '../../src/base/numeric/lbfgs.ts';
import type { Rng } from '../../src/base/rng.ts';
import { type Coordinate, type Coordinates, drawWhole, placeAt, settle } from './coordinates.ts';
import type { Merit } from './merit.ts';
import type { Outlook } from './model.ts';
import type { Pace } from './pace.ts';

/** So many points are drawn from the whole box, and so many around each of the best. */
const [FAR, NEAR] = [256, 256];
/** From so many of either kind it goes uphill, with so many evaluations each time, alternating between numbers and options so often. */
const [STARTS, EVALUATIONS, ROUNDS] = [3, 25, 3];

/** A point, with numbers for what it does not have in `whole`. */
interface Candidate {
  readonly whole: Float64Array;
  readonly point: Float64Array;
  readonly merit: number;
}

/**
 * The point of most merit that is not among those that were tried; if all were that were looked at, the one of most merit.
 *
 * @remarks About 500 looks, and for each of 7 starts 25 with a gradient, and one for each value of a parameter with few.
 */
export async function propose(
  coordinates: Coordinates,
  { merit, best, lengths }: Outlook,
  isTried: (point: Float64Array) => boolean,
  rng: Rng,
  pace: Pace,
): Promise<Float64Array> {
  const look = (wholes: readonly Float64Array[]): Promise<Candidate[]> => rated(coordinates, wholes, merit, pace);
  const far = await look(Array.from({ length: FAR }, () => drawWhole(coordinates, rng)));
  const near = await look(Array.from({ length: NEAR }, (_, i) => neighbour(coordinates, best[i % best.length] as Float64Array, rng)));
  const first = await look(best.slice(0, 1).map((point) => wholeOf(coordinates, point, rng)));
  const found: Candidate[] = [];
  for (const start of [...topOf(far), ...topOf(near), ...first]) found.push(await climbed(coordinates, start, merit, lengths, pace));
  const isFresh = ({ point }: Candidate): boolean => !isTried(point);
  found.sort(byMerit);
  return (found.find(isFresh) ?? [...far, ...near].sort(byMerit).find(isFresh) ?? (found[0] as Candidate)).point;
}

const byMerit = (a: Candidate, b: Candidate): number => b.merit - a.merit;
const topOf = (all: readonly Candidate[]): readonly Candidate[] => all.toSorted(byMerit).slice(0, STARTS);

async function rated(coordinates: Coordinates, wholes: readonly Float64Array[], merit: Merit, pace: Pace): Promise<Candidate[]> {
  const { size } = coordinates;
  const count = Math.ceil(wholes.length / 4) * 4;
  const [points, merits] = [new Float64Array(count * size), new Float64Array(count)];
  const pointAt = (i: number): Float64Array => points.subarray(i * size, (i + 1) * size);
  wholes.forEach((whole, i) => void settle(coordinates, whole, pointAt(i)));
  for (let i = 0; i < count; i += 4) {
    await pace.spend(2 * merit.work);
    merit.addFour(points, i * size, merits, i);
  }
  return wholes.map((whole, i) => ({ whole, point: pointAt(i), merit: merits[i] as number }));
}

/** A point, and numbers for what it does not have. */
function wholeOf(coordinates: Coordinates, point: Float64Array, rng: Rng): Float64Array {
  const drawn = drawWhole(coordinates, rng);
  const has = hasOf(coordinates, point);
  return drawn.map((value, at) => (has(at) ? (point[at] as number) : value));
}

const hasOf =
  ({ all }: Coordinates, point: Float64Array) =>
  (at: number): boolean => {
    const when = all[at]?.when;
    return when === undefined || point[when.at] === when.option;
  };

/** Some coordinates of a point moved, by a distance that is drawn too. */
function neighbour(coordinates: Coordinates, point: Float64Array, rng: Rng): Float64Array {
  const { all, size } = coordinates;
  const whole = wholeOf(coordinates, point, rng);
  const reach = 10 ** (-0.5 - 3 * rng.next());
  const share = Math.max(Math.min(1, 1 / size), rng.next());
  const forced = rng.int(size);
  for (let at = 0; at < size; at++) {
    const coordinate = all[at] as Coordinate;
    const moves = rng.next() < share || at === forced;
    if (!moves) continue;
    if (coordinate.axis.kind === 'categorical') {
      if (at === forced || rng.next() < 0.3) whole[at] = placeAt(coordinate, rng.next());
    } else whole[at] = (whole[at] as number) + reach * rng.normal();
  }
  return whole;
}

/** Uphill from a candidate: numbers that are continuous, or nearly so, together, then the others one by one. */
async function climbed(coordinates: Coordinates, start: Candidate, merit: Merit, lengths: Float64Array, pace: Pace): Promise<Candidate> {
  let now = start;
  for (let round = 0; round < ROUNDS; round++) {
    const before = now.merit;
    now = await slid(coordinates, now, merit, lengths, pace);
    const stepped = await switched(coordinates, now, merit, pace);
    const isSame = stepped === now;
    now = stepped;
    if (isSame || now.merit - before < 1e-3) break;
  }
  return now;
}

async function slid(coordinates: Coordinates, from: Candidate, merit: Merit, lengths: Float64Array, pace: Pace): Promise<Candidate> {
  const has = hasOf(coordinates, from.point);
  const moving = coordinates.all.flatMap(({ few }, at) => (few.length === 0 && has(at) ? [at] : []));
  if (moving.length === 0) return from;
  const point = from.point.slice();
  const slopes = new Float64Array(point.length);
  const unit = (at: number): number => lengths[at] as number;
  const { x } = await lbfgs(
    async (x, gradient) => {
      moving.forEach((at, i) => {
        point[at] = (x[i] as number) * unit(at);
      });
      await pace.spend(merit.work * 2);
      slopes.fill(0);
      const value = merit.at(point, slopes);
      moving.forEach((at, i) => {
        gradient[i] = -(slopes[at] as number) * unit(at);
      });
      return -value;
    },
    Float64Array.from(moving, (at) => (from.point[at] as number) / unit(at)),
    {
      low: Float64Array.from(moving, (at) => (coordinates.all[at]?.low ?? 0) / unit(at)),
      high: Float64Array.from(moving, (at) => (coordinates.all[at]?.high ?? 1) / unit(at)),
      evaluations: EVALUATIONS,
      tolerance: 1e-2,
      gain: 1e-4,
    },
  );
  const whole = from.whole.slice();
  moving.forEach((at, i) => {
    whole[at] = (x[i] as number) * unit(at);
  });
  return better(coordinates, from, whole, merit);
}

/** Every coordinate of few values at the best of them, the others kept. */
async function switched(coordinates: Coordinates, from: Candidate, merit: Merit, pace: Pace): Promise<Candidate> {
  let now = from;
  for (const at of coordinates.order) {
    const { few } = coordinates.all[at] as Coordinate;
    for (const value of few) {
      if (value === now.point[at] || !hasOf(coordinates, now.point)(at)) continue;
      const whole = now.whole.slice();
      whole[at] = value;
      await pace.spend(merit.work);
      now = better(coordinates, now, whole, merit);
    }
  }
  return now;
}

function better(coordinates: Coordinates, from: Candidate, whole: Float64Array, merit: Merit): Candidate {
  const point = new Float64Array(whole.length);
  settle(coordinates, whole, point);
  const its = merit.at(point);
  return its > from.merit ? { whole, point, merit: its } : from;
}
