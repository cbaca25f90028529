import { AttuneError } from '../src/base/errors.ts';
import { checkNumber, checkOptions } from '../src/base/options.ts';
import type { Rng } from '../src/base/rng.ts';
import { isKnown } from '../src/search/is-known.ts';
import { outcomesOf } from '../src/search/outcomes.ts';
import type { Ask, Searcher } from '../src/search/searcher.ts';
import { axisOf } from '../src/space/axis.ts';
import { decode } from '../src/space/encode.ts';
import { sample } from '../src/space/sample.ts';
import { type Breeding, childOf } from './nsga2/child.ts';
import { eliteOf, type Member } from './nsga2/elite.ts';

/** What `nsga2` takes. */
export interface Nsga2Options {
  /** So many trials are drawn at random, and so many of the best are parents then. An integer >= 2. Default 16. */
  readonly populationSize?: number;
  /** The probability that a child has two parents. Default 0.9. */
  readonly crossoverProbability?: number;
  /** The probability that a parameter of a child mutates. Default: 1 / the number of parameters. */
  readonly mutationProbability?: number;
}

const OPTIONS = ['populationSize', 'crossoverProbability', 'mutationProbability'] as const satisfies (keyof Nsga2Options)[];
/** A child that equals an earlier trial is made anew so many times. */
const TRIES = 10;

/**
 * The genetic algorithm NSGA-II, for several metrics, or for one: each trial is a child of two of the best so far. Those are the first
 * Pareto front and as many of the next ones as it takes, of the last one those with most room around them. Parents are chosen in
 * tournaments of two.
 *
 * There are no generations: the best of all trials that have ended are the parents of the next one, however many run at once. Infeasible
 * trials come after the feasible ones, compared by how much they violate; then those of which a metric is NaN or infinite. Trials that were
 * stopped count with what they reported last, and those that failed are no parents. A child's parameter comes from a parent that has it, and is drawn when none does.
 *
 * A proposal costs O(trials · log(trials)) with two metrics, with more O(trials²) at worst.
 *
 * @throws {AttuneError} `OPTION_UNKNOWN`, `OPTION_RANGE`; `METRIC_INVALID` in `new Tuner` without a metric
 * @see Deb, Pratap, Agarwal & Meyarivan 2002, "A fast and elitist multiobjective genetic algorithm: NSGA-II", IEEE TEVC 6 (2)
 * @example
 * import type { TuneConfig } from 'attune';
 * import { nsga2 } from 'attune/algorithms';
 *
 * const objectives = { metric: ['loss', 'latency'], mode: ['min', 'min'] } as const;
 * const tuneConfig: TuneConfig = { searchAlg: nsga2({ populationSize: 32 }), ...objectives, numSamples: 500 };
 */
export function nsga2(options: Nsga2Options = {}): Searcher {
  checkOptions('nsga2', options, OPTIONS);
  const { populationSize = 16, crossoverProbability = 0.9, mutationProbability } = options;
  checkNumber('nsga2', 'populationSize', populationSize, 'an integer >= 2', (value) => Number.isSafeInteger(value) && value >= 2);
  for (const [name, value] of Object.entries({ crossoverProbability, mutationProbability: mutationProbability ?? 0 })) {
    checkNumber('nsga2', name, value, 'a probability', (probability) => probability >= 0 && probability <= 1);
  }
  return {
    name: 'nsga2',
    options: { ...options },
    check({ objectives }) {
      if (objectives === 0) throw new AttuneError('METRIC_INVALID', 'nsga2: expected at least one metric, got none.');
    },
    suggest(ask) {
      const { index, samples, space, history, rng } = ask;
      if (index >= samples) return { kind: 'done' };
      const end = index + 1 === samples ? { last: true as const } : {};
      const outcomes = outcomesOf(history);
      if (outcomes.length < populationSize) return { kind: 'config', config: sample(space, rng), ...end };
      const elite = eliteOf(outcomes, populationSize);
      const breeding = { crossover: crossoverProbability, mutation: mutationProbability ?? 1 / space.dimensions };
      return { kind: 'config', config: decode(space, newChild(ask, elite, breeding)), ...end };
    },
  };
}

function newChild({ space, history, rng }: Ask, elite: readonly Member[], breeding: Breeding): Float64Array {
  const axes = space.parameters.map(axisOf);
  for (let attempt = 1; ; attempt++) {
    const draws = rng.fork('nsga2', attempt);
    const parents = [parentOf(elite, draws), parentOf(elite, draws)].map(({ row }) => history.at(row).values) as [Float64Array, Float64Array];
    const child = childOf(space, axes, parents, breeding, draws);
    if (attempt === TRIES || !isKnown(history, child)) return child;
  }
}

/** The better of two: of the better front, else with more room; the first when they are alike. */
function parentOf(elite: readonly Member[], rng: Rng): Member {
  const [a, b] = [elite[rng.int(elite.length)], elite[rng.int(elite.length)]] as [Member, Member];
  if (a.rank !== b.rank) return a.rank < b.rank ? a : b;
  return b.room > a.room ? b : a;
}
