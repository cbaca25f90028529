import { AttuneError } from '../src/base/errors.ts';
import { checkNumber, checkOptions } from '../src/base/options.ts';
import { checkOneMetric } from '../src/search/check-one-metric.ts';
import type { History } from '../src/search/history.ts';
import type { Ask, Searcher, Setup } from '../src/search/searcher.ts';
import { axisOf } from '../src/space/axis.ts';
import { decode } from '../src/space/encode.ts';
import type { Space } from '../src/space/space.ts';
import { encodedAt } from './cmaes/cube.ts';
import { Evolution, type EvolutionSettings } from './cmaes/evolution.ts';
import { usualPopulation } from './cmaes/strategy.ts';

/** What `cmaes` takes. */
export interface CmaesOptions {
  /** How far from the middle it looks at first: the standard deviation, as a part of the range of every parameter. In (0, 1]. Default 0.14. */
  readonly sigma?: number;
  /** After so many results it takes a step; doubled with every restart. An integer >= 4. Default 4 + ⌊1.5 ln d⌋ for d parameters. */
  readonly populationSize?: number;
  /** How often it begins again elsewhere, when it has converged. An integer >= 0. Default 9. */
  readonly restarts?: number;
}

const OPTIONS = ['sigma', 'populationSize', 'restarts'] as const satisfies (keyof CmaesOptions)[];

/**
 * Covariance matrix adaptation: draws from a normal distribution over all parameters together, and after every few results moves, widens
 * or narrows and turns it towards the best of them.
 *
 * For numbers only: a logarithmic parameter is searched in its logarithm, a whole or stepped one keeps a margin of probability for the
 * neighbouring values. It begins in the middle, or at the best of the trials that were enqueued, if any has ended before the first step.
 * Trials count in the order in which they end, by the loss that they reported last, whether they completed or were stopped; then infeasible
 * ones by how much they violate, and last those that failed or diverged.
 *
 * Needs exactly one metric. A proposal costs O(d²), a step O(d³): 0.1 ms in all for 10 parameters, 100 ms for 200.
 *
 * @throws {AttuneError} `OPTION_UNKNOWN`, `OPTION_RANGE`; in `new Tuner` `METRIC_INVALID` unless there is one metric, and `SPACE_INVALID`
 * for a `choice`, a `gridSearch` or a `variation` of several options
 * @see Hansen 2016, "The CMA evolution strategy: a tutorial", arXiv 1604.00772; Auger & Hansen 2005, "A restart CMA evolution strategy
 * with increasing population size", CEC; Hamano et al. 2022, "CMA-ES with margin", arXiv 2205.13482
 * @example
 * import { uniform } from 'attune';
 * import { cmaes } from 'attune/algorithms';
 * import { simulate } from 'attune/testing';
 *
 * const space = { x: uniform(-5, 5), y: uniform(-5, 5) };
 * const { summary } = await simulate({ searcher: cmaes(), space, curve: ({ x, y }) => (x - 1) ** 2 + (y + 2) ** 2, trials: 300, maxT: 1 });
 * summary.best !== undefined && summary.best.value < 1e-3; // => true
 */
export function cmaes(options: CmaesOptions = {}): Searcher {
  checkOptions('cmaes', options, OPTIONS);
  const { sigma = 0.14, populationSize, restarts = 9 } = options;
  checkNumber('cmaes', 'sigma', sigma, 'a number in (0, 1]', (value) => value > 0 && value <= 1);
  if (populationSize !== undefined) checkNumber('cmaes', 'populationSize', populationSize, 'an integer >= 4', (n) => Number.isSafeInteger(n) && n >= 4);
  checkNumber('cmaes', 'restarts', restarts, 'an integer >= 0', (n) => Number.isSafeInteger(n) && n >= 0);
  const known = new WeakMap<History, Known>();
  return {
    name: 'cmaes',
    options: { ...options },
    check: checkSetup,
    async suggest(ask) {
      const { index, samples, space } = ask;
      if (index >= samples) return { kind: 'done' };
      const end = index + 1 === samples ? { last: true as const } : {};
      const values = Float64Array.from(space.parameters, ({ range }) => (range.cardinality === 1 ? range.lower : Number.NaN));
      if (values.every((value) => !Number.isNaN(value))) return { kind: 'config', config: decode(space, values), ...end };
      const evolution = await evolutionOf(known, ask, { sigma, population: populationSize, restarts });
      const point = evolution.draw(ask.rng.fork('cmaes'));
      evolution.cube.forEach((axis, i) => {
        values[axis.index] = encodedAt(axis, point[i] as number);
      });
      const note = evolution.noteOf(point);
      return { kind: 'config', config: decode(space, values), ...(note === undefined ? {} : { note }), ...end };
    },
  };
}

function checkSetup(setup: Setup): void {
  checkOneMetric('cmaes', setup);
  const options = setup.space.parameters.find(({ kind, range }) => kind === 'categorical' && range.cardinality !== 1);
  if (options === undefined) return;
  throw new AttuneError('SPACE_INVALID', `cmaes: expected numbers only, got ${options.domain.kind} at "${options.name}".`, {
    hint: 'Use tpe(), which takes options too.',
  });
}

/** What a history has led to, with the space and the seed that it was asked with. */
interface Known {
  readonly space: Space;
  readonly seed: number;
  readonly revised: number;
  readonly evolution: Evolution;
}

type Settings = Pick<EvolutionSettings, 'sigma' | 'restarts'> & { readonly population: number | undefined };

async function evolutionOf(
  all: WeakMap<History, Known>,
  { history, space, stream, breathe }: Ask,
  { sigma, population, restarts }: Settings,
): Promise<Evolution> {
  const seed = stream.fork('identity').next();
  let known = all.get(history);
  if (known?.space !== space || known.seed !== seed || known.revised !== history.revised) {
    const cube = space.parameters.flatMap((parameter, index) => {
      const axis = axisOf(parameter, index);
      return axis.kind === 'numeric' && parameter.range.cardinality !== 1 ? [axis] : [];
    });
    const settings = { sigma, population: population ?? usualPopulation(cube.length), restarts, margin: true };
    known = { space, seed, revised: history.revised, evolution: new Evolution(cube, settings, stream) };
    all.set(history, known);
  }
  for (const _ of known.evolution.read(history)) await breathe();
  return known.evolution;
}
