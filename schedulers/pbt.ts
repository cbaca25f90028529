import { AttuneError } from '../src/base/errors.ts';
import { findNonJson, type Json } from '../src/base/json.ts';
import { checkNumber, checkOptions, describe } from '../src/base/options.ts';
import type { Rng } from '../src/base/rng.ts';
import type { ScheduleContext, Scheduler } from '../src/schedule/scheduler.ts';
import { checkOneObjective, checkTimeAttr, needsTime, trialTime } from '../src/schedule/trial-time.ts';
import type { Config } from '../src/space/config.ts';
import { clip } from '../src/space/contains.ts';
import type { Space } from '../src/space/space.ts';
import { compareAlone, decideAlone } from './pbt/asynchronous.ts';
import { explore } from './pbt/explore.ts';
import { checkMutations, type HyperparamMutations, type Mutation, mutationsToJson, readMutations } from './pbt/mutations.ts';
import { follow, type Gain, type Member, nothing, type PopulationState, population, type Rules } from './pbt/population.ts';
import { compareTogether, decideTogether } from './pbt/synchronous.ts';

export type { Gain, HyperparamMutations, Member, PopulationState };
export { population };

/** When members are compared, and which of them are copied. */
export interface PopulationOptions {
  /** So far a member gets between two comparisons, in steps (or in units of `timeAttr`). Above 0; default 60. */
  readonly perturbationInterval?: number;
  /** So much of the population is copied from, and as much copied to: 0 (nobody) to 0.5. Default 0.25. */
  readonly quantileFraction?: number;
  /** Before this nobody is compared, in the same units. At least 0; default 0. */
  readonly burnIn?: number;
  /** All members wait for each other, and are compared at once. Default false: nobody waits. */
  readonly synch?: boolean;
  /** The metric that says how far a trial is; it must not decrease but by an exploit. Default: the count of its reports. */
  readonly timeAttr?: string;
}

/** What `pbt` takes. */
export interface PbtOptions extends PopulationOptions {
  /** What is explored, by key of the configuration: a domain, or a list of values. Keys that are left out are copied. */
  readonly hyperparamMutations?: HyperparamMutations;
  /** How often a value is drawn anew instead of moved: 0 to 1. Default 0.25. */
  readonly resampleProbability?: number;
  /** By one of these a number is multiplied: finite, above 0. Default `[1.2, 0.8]`. */
  readonly perturbationFactors?: readonly number[];
  /** Has the last word on a configuration; what it returns is moved into the space. It must be pure: a restore calls it again. Draw from `rng`. */
  readonly customExplore?: (config: Config, rng: Rng) => Config;
}

export const POPULATION = ['perturbationInterval', 'quantileFraction', 'burnIn', 'synch', 'timeAttr'] as const satisfies (keyof PopulationOptions)[];
const OPTIONS = [...POPULATION, 'hyperparamMutations', 'resampleProbability', 'perturbationFactors', 'customExplore'] as const satisfies (keyof PbtOptions)[];

/**
 * Population based training. The trials are a population that trains side by side; every `perturbationInterval` a member is compared
 * with the others, and one of the worst `quantileFraction` goes on from the weights of one of the best with a configuration near that
 * one's. No trial is stopped by it. It asks for the checkpoints that it needs; only from one that was saved since its trial was compared
 * is anybody copied. Every configuration lies in the space. A diverged member (NaN or infinite metric) is copied to, never from.
 *
 * Where there are fewer slots than members, members pause after each comparison, and the one furthest behind goes on.
 * A comparison costs O(n log n) for n members. Needs exactly one metric, and a trainable that saves checkpoints.
 *
 * @throws {AttuneError} `OPTION_UNKNOWN`; `OPTION_RANGE` for options outside their bounds, and without anything to explore; in `new Tuner`
 * `METRIC_INVALID`, `OPTION_UNKNOWN` for a key that the space lacks, `OPTION_RANGE` for values that do not lie in it
 * @see Jaderberg et al. 2017, "Population Based Training of Neural Networks"
 * @see docs/schedulers/pbt.md
 * @example
 * import { loguniform, type TuneConfig } from 'attune';
 * import { pbt } from 'attune/schedulers';
 *
 * const scheduler = pbt({ perturbationInterval: 5, hyperparamMutations: { lr: loguniform(1e-4, 1e-1), batch: [16, 32, 64] } });
 * const tuneConfig: TuneConfig = { scheduler, metric: 'loss', mode: 'min', numSamples: 16 };
 */
export function pbt(options: PbtOptions): Scheduler<PopulationState> {
  if ((options as PbtOptions | undefined) === undefined) checkExplores([], undefined); // says what is to be given
  checkOptions('pbt', options, OPTIONS);
  const population = readPopulation('pbt', options);
  const { hyperparamMutations = {}, resampleProbability = 0.25, perturbationFactors = [1.2, 0.8], customExplore } = options;
  const mutations = readMutations('pbt: hyperparamMutations', hyperparamMutations);
  checkNumber('pbt', 'resampleProbability', resampleProbability, 'a number from 0 to 1', (p) => p >= 0 && p <= 1);
  checkFactors(perturbationFactors);
  checkExplores(mutations, customExplore);
  const exploreOptions = { mutations, resampleProbability, perturbationFactors };
  return populationScheduler(population, {
    options: { resampleProbability, perturbationFactors, hyperparamMutations: mutationsToJson(mutations), ...codeOf({ customExplore }) },
    check: ({ space }) => checkMutations('pbt: hyperparamMutations', mutations, space),
    explore(state, { source }, { space }, rng) {
      const from = state.members[source]?.config ?? {};
      const explored = explore(space, from, exploreOptions, rng);
      return customised(customExplore, explored, space, rng);
    },
    names: () => mutations.map(({ path }) => path),
  });
}

type CustomExplore = { readonly customExplore?: PbtOptions['customExplore'] };

/** What stands for a function where options are recorded. */
export const codeOf = ({ customExplore }: CustomExplore): Readonly<Record<string, Json>> => (customExplore ? { customExplore: { function: true } } : {});

/** After what `customExplore` has to say. @throws {AttuneError} `CONFIG_INVALID` when that is no configuration */
export function customised(customExplore: PbtOptions['customExplore'], explored: Config, space: Space, rng: Rng): Config {
  if (!customExplore) return explored;
  const config = checkedConfig(customExplore(explored, rng.fork('custom')));
  try {
    return clip(space, config);
  } catch (error) {
    const hint = 'Return a whole configuration, with what it was given for the rest: ({ ...config, lr: config.lr / 2 }).';
    throw new AttuneError('CONFIG_INVALID', `customExplore: expected a configuration of the space, got ${JSON.stringify(config)}.`, { hint, cause: error });
  }
}

/** @throws {AttuneError} `OPTION_RANGE` */
export function checkCustom(where: string, customExplore: unknown): void {
  if (customExplore === undefined || typeof customExplore === 'function') return;
  throw new AttuneError('OPTION_RANGE', `${where}: expected customExplore to be a function, got ${describe(customExplore)}.`);
}

function checkFactors(factors: unknown): void {
  const isGood = Array.isArray(factors) && factors.length > 0 && factors.every((factor) => typeof factor === 'number' && factor > 0 && Number.isFinite(factor));
  if (!isGood)
    throw new AttuneError(
      'OPTION_RANGE',
      `pbt: expected perturbationFactors to be finite numbers > 0, got ${Array.isArray(factors) ? JSON.stringify(factors) : describe(factors)}.`,
    );
}

function checkExplores(mutations: readonly Mutation[], customExplore: unknown): void {
  checkCustom('pbt', customExplore);
  if (mutations.length > 0 || customExplore !== undefined) return;
  throw new AttuneError('OPTION_RANGE', 'pbt: expected hyperparamMutations or customExplore, got neither.', {
    hint: 'Name what is to be explored: hyperparamMutations: { lr: loguniform(1e-4, 1e-1) }.',
  });
}

function checkedConfig(config: Config): Config {
  const lost = typeof config === 'object' && config !== null ? findNonJson(config) : { path: [], got: describe(config) };
  if (lost === undefined) return config;
  const at = lost.path.length > 0 ? ` at "${lost.path.join('/')}"` : '';
  throw new AttuneError('CONFIG_INVALID', `customExplore: expected a configuration, got ${lost.got}${at}.`);
}

/** The options that all populations have, checked and with their defaults. @throws {AttuneError} `OPTION_RANGE` */
export function readPopulation(where: string, options: PopulationOptions): PopulationRules {
  const { perturbationInterval = 60, quantileFraction = 0.25, burnIn = 0, synch = false, timeAttr } = options;
  checkNumber(where, 'perturbationInterval', perturbationInterval, 'a finite number > 0', (t) => t > 0 && Number.isFinite(t));
  checkNumber(where, 'quantileFraction', quantileFraction, 'a number from 0 to 0.5', (q) => q >= 0 && q <= 0.5);
  checkNumber(where, 'burnIn', burnIn, 'a finite number >= 0', (t) => t >= 0 && Number.isFinite(t));
  if (typeof synch !== 'boolean') throw new AttuneError('OPTION_RANGE', `${where}: expected synch to be true or false, got ${describe(synch)}.`);
  checkTimeAttr(where, timeAttr);
  return { where, perturbationInterval, quantileFraction, burnIn, synch, timeAttr };
}

type PopulationRules = Omit<Rules, 'explore' | 'describe' | 'scored'> & { readonly synch: boolean };

/** How a population explores. */
export interface Exploration extends Pick<Rules, 'explore' | 'scored'> {
  readonly options: Readonly<Record<string, Json>>;
  check(setup: Omit<ScheduleContext, 'rng'>): void;
  /** The paths of what is explored. */
  names(space: Space): readonly (readonly string[])[];
}

/** A population as a scheduler. */
export function populationScheduler(population: PopulationRules, exploration: Exploration): Scheduler<PopulationState> {
  const { where, synch, timeAttr, perturbationInterval, quantileFraction, burnIn } = population;
  const rules: Rules = { ...population, ...exploration, describe: (before, after, space) => changesOf(exploration.names(space), before, after) };
  const [decide, compare] = synch ? ([decideTogether, compareTogether] as const) : ([decideAlone, compareAlone] as const);
  return {
    name: where,
    options: { perturbationInterval, quantileFraction, burnIn, synch, ...(timeAttr === undefined ? {} : { timeAttr }), ...exploration.options },
    uses: synch ? ['exploit', 'pause', 'resume'] : ['exploit', 'checkpoint', 'pause', 'resume'],
    ...needsTime(timeAttr),
    check(setup) {
      checkOneObjective(where, setup.objectives);
      if (synch && !Number.isFinite(setup.samples)) {
        throw new AttuneError('OPTION_RANGE', `${where}: expected a number of samples with synch, got no limit.`, {
          hint: 'numSamples is the size of the population.',
        });
      }
      exploration.check(setup);
    },
    init: () => ({ members: {}, next: Math.max(perturbationInterval, burnIn), exhausted: false, searcher: 'unknown', saved: false, warned: false }),
    decide(state, event, context) {
      follow(state, event, timeAttr);
      if (event.kind !== 'reported') return decide(rules, state, event, context);
      const [loss, time] = [event.losses[0], trialTime(event, timeAttr)];
      if (loss === undefined || time === undefined) return nothing(state);
      return compare(rules, state, event, { time, loss }, context);
    },
  };
}

/** `lr 0.1 -> 0.12, batch 32 -> 32`: what is explored, before and after. */
function changesOf(names: readonly (readonly string[])[], before: Config, after: Config): string {
  const shown = names.flatMap((path) => {
    const [old, now] = [at(before, path), at(after, path)];
    return now === undefined ? [] : [`${path.join('/')} ${text(old)} -> ${text(now)}`];
  });
  return shown.length > 0 ? shown.join(', ') : 'another configuration';
}

const at = (config: Config, path: readonly string[]): Json | undefined =>
  path.reduce<Json | undefined>((value, key) => (typeof value === 'object' && value !== null ? (value as Record<string, Json>)[key] : undefined), config);

const text = (value: Json | undefined): string => (typeof value === 'number' ? String(Number(value.toPrecision(4))) : (JSON.stringify(value) ?? 'nothing'));
