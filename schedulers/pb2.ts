import { AttuneError } from '../src/base/errors.ts';
import { checkOptions } from '../src/base/options.ts';
import type { Scheduler } from '../src/schedule/scheduler.ts';
import type { Space } from '../src/space/space.ts';
import { type Bound, boundsOf, boundsToJson, checkBounds, type HyperparamBounds, readBounds } from './pb2/bounds.ts';
import { exploreByBandit, valuesOf } from './pb2/explore.ts';
import { remember } from './pb2/gains.ts';
import {
  checkCustom,
  codeOf,
  customised,
  type PbtOptions,
  POPULATION,
  type PopulationOptions,
  type PopulationState,
  populationScheduler,
  readPopulation,
} from './pbt.ts';

export type { HyperparamBounds };

/** What `pb2` takes. */
export interface Pb2Options extends PopulationOptions {
  /**
   * What is explored, by key of the configuration, nested as it is: `[lowest, highest]`, both included. All else is copied. `'all'`, the default:
   * all numbers of the space whose domains have two ends.
   */
  readonly hyperparamBounds?: HyperparamBounds | 'all';
  /** Has the last word on a configuration; what it returns is moved into the space. It must be pure: a restore calls it again. Draw from `rng`. */
  readonly customExplore?: PbtOptions['customExplore'];
}

const WHERE = 'pb2: hyperparamBounds';
const OPTIONS = [...POPULATION, 'hyperparamBounds', 'customExplore'] as const satisfies (keyof Pb2Options)[];

/**
 * Population based bandits: `pbt`, but for what the numbers of a copied configuration become. There is a model of how much the loss fell
 * from one comparison to the next, by the numbers, the loss and the time, and the numbers become those for which the model hopes most.
 * It learns from few members: a population of 4 is enough. Before anybody was compared twice configurations are copied as they are,
 * but for numbers out of their bounds.
 *
 * Who is compared when, and who is copied, is as with `pbt`. The model sees at most 200 gains, the latest: a decision takes about a
 * millisecond at first, and never more than some tens. Needs exactly one metric, and a trainable that saves checkpoints.
 *
 * @throws {AttuneError} `OPTION_UNKNOWN`; `OPTION_RANGE` for options outside their bounds; in
 * `new Tuner` `METRIC_INVALID`, `OPTION_UNKNOWN` for a key that the space lacks, `OPTION_RANGE` for what is no number there, and bounds
 * that the domain does not hold
 * @see Parker-Holder, Nguyen & Roberts 2020, "Provably Efficient Online Hyperparameter Optimization with Population-Based Bandits"
 * @see docs/schedulers/pb2.md
 * @example
 * import type { TuneConfig } from 'attune';
 * import { pb2 } from 'attune/schedulers';
 *
 * const scheduler = pb2({ perturbationInterval: 5, hyperparamBounds: { lr: [1e-4, 1e-1], momentum: [0.5, 0.99] } });
 * const tuneConfig: TuneConfig = { scheduler, metric: 'loss', mode: 'min', numSamples: 4 };
 */
export function pb2(options: Pb2Options = {}): Scheduler<PopulationState> {
  checkOptions('pb2', options, OPTIONS);
  const population = readPopulation('pb2', options);
  const { hyperparamBounds = 'all', customExplore } = options;
  const given = hyperparamBounds === 'all' ? undefined : readBounds(WHERE, hyperparamBounds);
  checkCustom('pb2', customExplore);
  if (given?.length === 0) {
    throw new AttuneError('OPTION_RANGE', 'pb2: expected hyperparamBounds of at least one number, got none.', {
      hint: 'Name what is to be explored: hyperparamBounds: { lr: [1e-4, 1e-1] }. By default all numbers are.',
    });
  }
  const spaces = new WeakMap<Space, readonly Bound[]>();
  const boundsIn = (space: Space): readonly Bound[] => {
    if (given) return given;
    const bounds = spaces.get(space) ?? boundsOf(space);
    spaces.set(space, bounds);
    return bounds;
  };
  return populationScheduler(population, {
    options: { hyperparamBounds: given ? boundsToJson(given) : 'all', ...codeOf({ customExplore }) },
    check({ space }) {
      if (given) return checkBounds(WHERE, given, space);
      if (boundsIn(space).length > 0) return;
      throw new AttuneError('OPTION_RANGE', 'pb2: expected a space with a number to explore, that has two ends and a value between them, got none.', {
        hint: 'pb2 explores numbers alone; pbt moves the values of a choice too.',
      });
    },
    scored(state, trial, before, space) {
      const member = state.members[trial];
      if (member?.loss === undefined || before === undefined) return;
      remember((state.gains ??= []), before, { time: member.time, loss: member.loss }, trial, valuesOf(boundsIn(space), member.config));
    },
    explore(state, pair, { space }, rng) {
      const explored = exploreByBandit(state, pair, { space, bounds: boundsIn(space), interval: population.perturbationInterval }, rng);
      return customised(customExplore, explored, space, rng);
    },
    names: (space) => boundsIn(space).map(({ path }) => path),
  });
}
