import type { Rng } from '../src/base/rng.ts';
import type { History } from '../src/search/history.ts';
import type { Ask, Searcher } from '../src/search/searcher.ts';
import { shuffled } from '../src/space/permutation.ts';
import { checkSequenceOptions, quasiRandom, type SequenceOptions } from './quasi-random.ts';

/** See `SequenceOptions`. */
export type HaltonOptions = SequenceOptions;

/** Indices up to here have digits of their own. */
const MOST_POINTS = 2 ** 32;

/**
 * Points that fill the space evenly, whatever their number: the Halton sequence, scrambled. The coordinates of parameter k are the
 * digits of the index in the k-th prime base, behind the point and in reverse order, each through a random permutation of its own. Less even
 * than `sobol` in many dimensions, but it has any number of them, and no number of trials is better than another.
 *
 * Values have the probabilities that random search gives them. Learns nothing from results, so that any number of workers is as good as
 * one. A `gridSearch` and a `variation` count as a `choice`. Parameters with one value need no dimension. O(32 · parameters) for each proposal,
 * and before the first one O(sum of the bases): a few milliseconds for 200 parameters.
 *
 * @throws {AttuneError} `OPTION_UNKNOWN`, `OPTION_RANGE`; in `new Tuner` `SPACE_INVALID` for `randn` and `qrandn`
 * @see Owen 2017, "A randomized Halton algorithm in R", arXiv 1706.02808
 * @example
 * import { uniform } from 'attune';
 * import { halton } from 'attune/algorithms';
 * import { simulate } from 'attune/testing';
 *
 * const { grid } = await simulate({ searcher: halton(), space: { x: uniform(0, 4) }, curve: ({ x }) => x, trials: 4, maxT: 1 });
 * [...grid].map(({ config }) => Math.floor(config.x)).sort(); // => [0, 1, 2, 3]
 */
export function halton(options: HaltonOptions = {}): Searcher {
  checkSequenceOptions('halton', options);
  const { scramble = true } = options;
  const scrambles = new WeakMap<History, Scramble>();
  return quasiRandom(
    {
      name: 'halton',
      point(index, ask) {
        const drawn = scramble ? scrambleOf(scrambles, ask) : undefined;
        return (dimension, { name }) => {
          const base = primeOf(dimension);
          return radicalInverse(index, base, drawn && permutationOf(drawn, name, base, ask));
        };
      },
    },
    options,
  );
}

/** What becomes of a digit, by its place: 0 is the first one behind the point. */
type Permutation = (place: number, digit: number) => number;

/** The digits of `index` in reverse order behind the point; of permuted ones the middle of the last cell, which is never 0. Exact up to the division. */
function radicalInverse(index: number, base: number, permutation?: Permutation): number {
  let [rest, numerator, cells] = [index, 0, 1];
  for (let place = 0; cells < MOST_POINTS; place++) {
    const digit = rest % base;
    rest = (rest - digit) / base;
    cells *= base;
    numerator = numerator * base + (permutation ? permutation(place, digit) : digit);
  }
  return (permutation ? numerator + 0.5 : numerator) / cells;
}

/** The permutations of one seed, by the name of the parameter. */
interface Scramble {
  readonly identity: number;
  readonly permutations: Map<string, { readonly base: number; readonly permutation: Permutation }>;
}

function scrambleOf(scrambles: WeakMap<History, Scramble>, { history, stream }: Ask): Scramble {
  const identity = stream.fork('identity').next();
  const known = scrambles.get(history);
  if (known?.identity === identity) return known;
  const scramble = { identity, permutations: new Map() };
  scrambles.set(history, scramble);
  return scramble;
}

function permutationOf({ permutations }: Scramble, name: string, base: number, { stream }: Ask): Permutation {
  const known = permutations.get(name);
  if (known?.base === base) return known.permutation;
  const permutation = permutationsOf(stream.fork('halton', name), base);
  permutations.set(name, { base, permutation });
  return permutation;
}

/** A uniform permutation for each place: 0 goes to the shift, and the others are in a random order behind it, which is not made before it is needed. */
function permutationsOf(rng: Rng, base: number): Permutation {
  const shifts: number[] = [];
  for (let cells = 1; cells < MOST_POINTS; cells *= base) shifts.push(rng.int(base));
  const orders: (readonly number[])[] = [];
  return (place, digit) => {
    const shift = shifts[place] as number;
    if (digit === 0) return shift;
    const order = orders[place] ?? shuffled(rng.fork(place), base - 1);
    orders[place] = order;
    return ((order[digit - 1] as number) + 1 + shift) % base;
  };
}

/** Those found so far. */
const primes = [2];

/** 2 for 0, 3 for 1, 5 for 2, … */
function primeOf(number: number): number {
  for (let next = primes.at(-1) as number; primes.length <= number; ) {
    next += 1;
    if (primes.every((prime) => next % prime !== 0)) primes.push(next);
  }
  return primes[number] as number;
}
