import {
  auto,
  avoidDuplicates,
  basicVariant,
  cmaes,
  evolution,
  fromAskTell,
  gp,
  grid,
  halton,
  limitConcurrency,
  list,
  nsga2,
  random,
  repeat,
  sobol,
  tpe,
  warmStart,
} from '../../algorithms/index.ts';
import type { Searcher } from '../../src/search/searcher.ts';
import { LAW_SPACE } from '../../src/testing/laws/scheduler-laws.ts';
import type { SearcherLawsOptions } from '../../src/testing/laws/searcher-laws.ts';
import { climber } from '../algorithms/climber.ts';

/** A searcher of ours as the tests are told of it. Several may be of one name: with other options it is another subject. */
export interface OwnSearcher {
  /** The row of the tests, and the column of docs/laws.md. */
  readonly name: string;
  make(): Searcher;
  /** What the laws are told of it; `undefined`: it takes one space alone, and so has tests of its own instead. */
  readonly laws?: SearcherLawsOptions;
  /** Of how many metrics it learns. Default: of any number, or of none. */
  readonly metrics?: 'one' | 'several';
  /** What it searches with every scheduler; `undefined`: another row of its name does. Default `LAW_SPACE`. */
  readonly space?: object | undefined;
  /** How many configurations a sample is, there. Default 1. */
  readonly sweep?: number;
}

/** In how many worlds each law is tried, where a row does not say otherwise. */
export const RUNS = 500;

/** Numbers only. */
const numbers = { ...LAW_SPACE, kind: 'a' };
const [first, second] = [
  { lr: 0.1, width: 64, layers: 1, kind: 'a', nested: { momentum: 0.5 } },
  { lr: 0.01, width: 128, layers: 2, kind: 'b', nested: { momentum: 0.9 } },
];
const early = () => tpe({ startupTrials: 2 });

/** Every searcher that `attune/algorithms` exports: one that is not here is not exported. */
export const OWN: readonly OwnSearcher[] = [
  { name: 'basicVariant', make: basicVariant, laws: { kind: 'grid', unique: false } },
  { name: 'random', make: random, laws: { kind: 'random' } },
  { name: 'random, unique', make: () => random({ unique: true }), laws: { kind: 'other', unique: true, finite: true }, space: undefined },
  { name: 'grid', make: grid, laws: { kind: 'grid', finite: true }, space: undefined },
  { name: 'grid, with bins', make: () => grid({ bins: 2 }), sweep: 48 },
  { name: 'list', make: () => list([first, second]), sweep: 2 },
  { name: 'sobol', make: sobol, laws: { kind: 'random' } },
  { name: 'sobol, not scrambled', make: () => sobol({ scramble: false }), laws: { kind: 'random' }, space: undefined },
  { name: 'halton', make: halton, laws: { kind: 'random' } },
  { name: 'halton, not scrambled', make: () => halton({ scramble: false }), laws: { kind: 'random' }, space: undefined },
  { name: 'tpe', make: tpe, laws: { numRuns: 200 } },
  { name: 'tpe, from the third trial on', make: early, laws: { numRuns: 200 } },
  { name: 'tpe, one parameter at a time', make: () => tpe({ startupTrials: 2, univariate: true }), laws: { numRuns: 200 } },
  { name: 'tpe, at milestones', make: () => tpe({ startupTrials: 2, milestones: [1, 3], randomFraction: 0.3 }), metrics: 'one', laws: { numRuns: 200 } },
  { name: 'tpe, of two metrics', make: early, metrics: 'several', laws: { numRuns: 200, objectives: 2 }, space: undefined },
  { name: 'tpe, of three metrics', make: early, metrics: 'several', laws: { numRuns: 200, objectives: 3 }, space: undefined },
  { name: 'gp', make: gp, metrics: 'one', laws: { numRuns: 100 } },
  { name: 'gp, from the third trial on', make: () => gp({ startupTrials: 2 }), metrics: 'one', laws: { numRuns: 60 }, space: undefined },
  { name: 'cmaes', make: cmaes, metrics: 'one', laws: { numRuns: 400 }, space: numbers },
  { name: 'cmaes, that restarts', make: () => cmaes({ populationSize: 4, sigma: 1e-8 }), metrics: 'one', laws: { numRuns: 150 }, space: numbers },
  { name: 'nsga2', make: () => nsga2({ populationSize: 2 }), laws: { numRuns: 200 } },
  { name: 'nsga2, of two metrics', make: () => nsga2({ populationSize: 3 }), metrics: 'several', laws: { numRuns: 200, objectives: 2 }, space: undefined },
  { name: 'evolution', make: () => evolution({ populationSize: 2 }), metrics: 'one', laws: { numRuns: 200 } },
  { name: 'auto', make: auto, laws: { numRuns: 60 } },
  { name: 'auto, of two metrics', make: auto, metrics: 'several', laws: { numRuns: 100, objectives: 2 }, space: undefined },
  { name: 'limitConcurrency', make: () => limitConcurrency(random(), 2), laws: { limit: 2 } },
  {
    name: 'limitConcurrency, of a tpe in batches',
    make: () => limitConcurrency(early(), 3, { batch: true }),
    laws: { limit: 3, numRuns: 200 },
  },
  { name: 'avoidDuplicates', make: () => avoidDuplicates(random()), laws: { unique: true, finite: true } },
  { name: 'avoidDuplicates, of a tpe', make: () => avoidDuplicates(early()), laws: { unique: true, finite: true, numRuns: 100 } },
  {
    name: 'avoidDuplicates, of a grid',
    make: () => avoidDuplicates(grid()),
    laws: { kind: 'grid', unique: true, finite: true, numRuns: 200 },
    space: undefined,
  },
  { name: 'repeat', make: () => repeat(random(), 2), laws: {} },
  { name: 'repeat, of a tpe', make: () => repeat(early(), 3), laws: { numRuns: 400 } },
  { name: 'fromAskTell', make: () => fromAskTell(climber), metrics: 'one', laws: { numRuns: 400 } },
  { name: 'warmStart', make: () => warmStart(early(), []), laws: { numRuns: 200 } },
];
