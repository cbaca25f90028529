import { checkOptions } from '../src/base/options.ts';
import type { Searcher, Setup } from '../src/search/searcher.ts';
import { cmaes } from './cmaes.ts';
import { gp } from './gp.ts';
import { nsga2 } from './nsga2.ts';
import { random } from './random.ts';
import { tpe } from './tpe.ts';

/** Until so many trials have ended models are worth what they cost: with one metric a Gaussian process. */
const FEW = 300;
/** If so many trials are wanted, `cmaes` overtakes them on numbers. */
const MANY = 1_000;
/** With more parameters, or more trials at once, distances tell a Gaussian process little. */
const MOST_PARAMETERS = 40;
const MOST_SLOTS = 32;

/**
 * Picks a searcher by what it is asked for, by the first row that fits:
 *
 * | when | picks |
 * | --- | --- |
 * | no metric | `random()` |
 * | several metrics, fewer than 300 trials have ended | `tpe()` |
 * | several metrics | `nsga2()` |
 * | nothing but numbers, and 1,000 trials or more are wanted (a number) | `cmaes()` |
 * | more than 40 parameters, or more than 32 trials at once | `tpe()` |
 * | fewer than 300 trials have ended | `gp()` |
 * | otherwise | `tpe()` |
 *
 * Parameters with one value do not count, and are no option either.
 *
 * @throws {AttuneError} `OPTION_UNKNOWN`: it has no options
 * @example
 * import type { TuneConfig } from 'attune';
 * import { auto } from 'attune/algorithms';
 *
 * const tuneConfig: TuneConfig = { searchAlg: auto(), metric: 'loss', mode: 'min', numSamples: 100 };
 */
export function auto(options: Readonly<Record<string, never>> = {}): Searcher {
  checkOptions('auto', options, []);
  const searchers = { random: random(), nsga2: nsga2(), cmaes: cmaes(), gp: gp(), tpe: tpe() };
  return {
    name: 'auto',
    options: {},
    suggest: (ask) => searchers[choiceFor(ask, ask.history.ended.length)].suggest(ask),
  };
}

/** @param ended - how many trials have ended */
function choiceFor({ space, objectives, samples, slots }: Setup, ended: number): 'random' | 'nsga2' | 'cmaes' | 'gp' | 'tpe' {
  if (objectives === 0) return 'random';
  if (objectives > 1) return ended < FEW ? 'tpe' : 'nsga2';
  const varied = space.parameters.filter(({ range }) => range.cardinality !== 1);
  const isNumeric = varied.every(({ kind }) => kind === 'numeric');
  if (isNumeric && samples >= MANY && samples < Infinity) return 'cmaes';
  if (varied.length > MOST_PARAMETERS || slots > MOST_SLOTS) return 'tpe';
  return ended < FEW ? 'gp' : 'tpe';
}
