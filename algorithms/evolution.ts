import { checkNumber, checkOptions } from '../src/base/options.ts';
import type { Rng } from '../src/base/rng.ts';
import { checkOneMetric } from '../src/search/check-one-metric.ts';
import { isKnown } from '../src/search/is-known.ts';
import { type Outcome, outcomesOf } from '../src/search/outcomes.ts';
import type { Ask, Searcher } from '../src/search/searcher.ts';
import { compareOutcomes } from '../src/search/tiers.ts';
import { axisOf } from '../src/space/axis.ts';
import { decode } from '../src/space/encode.ts';
import { sample } from '../src/space/sample.ts';
import { mutantOf } from './evolution/mutant.ts';

/** What `evolution` takes. */
export interface EvolutionOptions {
  /** So many trials are drawn at random, and so many of the latest live then. An integer >= 1. Default 10. */
  readonly populationSize?: number;
  /** The best of so many that are drawn from the living is the parent. An integer >= 1. Default 5. */
  readonly sampleSize?: number;
}

const OPTIONS = ['populationSize', 'sampleSize'] as const satisfies (keyof EvolutionOptions)[];
/** A mutant that equals an earlier trial is made anew so many times. */
const TRIES = 10;

/**
 * Regularised evolution: each trial is one of the latest, changed in one parameter. The parent is the best of some that are drawn from the
 * living; whoever has lived longest dies, however good it is.
 *
 * A number takes a normal step, a tenth of its range wide, in the logarithm where the domain is; a stepped one at least to its neighbour; an option
 * becomes another one, and what that brings with it is drawn. The living are the latest trials that have ended and reported, without those
 * that failed; those that were stopped count with what they reported last, and infeasible ones are worse than others.
 *
 * Needs exactly one metric. A proposal costs O(populationSize + sampleSize + parameters).
 *
 * @throws {AttuneError} `OPTION_UNKNOWN`, `OPTION_RANGE`; `METRIC_INVALID` in `new Tuner` unless there is one metric
 * @see Real, Aggarwal, Huang & Le 2019, "Regularized evolution for image classifier architecture search", AAAI, algorithm 1; arXiv 1802.01548
 * @example
 * import type { TuneConfig } from 'attune';
 * import { evolution } from 'attune/algorithms';
 *
 * const tuneConfig: TuneConfig = { searchAlg: evolution({ populationSize: 20 }), metric: 'loss', mode: 'min', numSamples: 200 };
 */
export function evolution(options: EvolutionOptions = {}): Searcher {
  checkOptions('evolution', options, OPTIONS);
  const { populationSize = 10, sampleSize = 5 } = options;
  for (const [name, value] of Object.entries({ populationSize, sampleSize })) {
    checkNumber('evolution', name, value, 'an integer >= 1', (count) => Number.isSafeInteger(count) && count >= 1);
  }
  return {
    name: 'evolution',
    options: { ...options },
    check: (setup) => checkOneMetric('evolution', setup),
    suggest(ask) {
      const { index, samples, space, history, rng } = ask;
      if (index >= samples) return { kind: 'done' };
      const end = index + 1 === samples ? { last: true as const } : {};
      const living = outcomesOf(history, populationSize);
      if (living.length < populationSize) return { kind: 'config', config: sample(space, rng), ...end };
      return { kind: 'config', config: decode(space, newMutant(ask, living, sampleSize)), ...end };
    },
  };
}

function newMutant({ space, history, rng }: Ask, living: readonly Outcome[], sampleSize: number): Float64Array {
  const axes = space.parameters.map(axisOf);
  for (let attempt = 1; ; attempt++) {
    const draws = rng.fork('evolution', attempt);
    const parent = history.at(bestOf(living, sampleSize, draws).row).values;
    const mutant = mutantOf(space, axes, parent, draws);
    if (attempt === TRIES || !isKnown(history, mutant)) return mutant;
  }
}

/** The best of `count`, drawn with replacement; of equal ones the first. */
function bestOf(living: readonly Outcome[], count: number, rng: Rng): Outcome {
  const drawn = Array.from({ length: count }, () => living[rng.int(living.length)] as Outcome);
  return drawn.reduce((best, outcome) => (compareOutcomes(outcome, best) < 0 ? outcome : best));
}
