import { checkNumber, checkOptions } from '../src/base/options.ts';
import { checkOneMetric } from '../src/search/check-one-metric.ts';
import type { History } from '../src/search/history.ts';
import type { Ask, Searcher } from '../src/search/searcher.ts';
import type { Config } from '../src/space/config.ts';
import { decode } from '../src/space/encode.ts';
import { shuffled } from '../src/space/permutation.ts';
import { sample } from '../src/space/sample.ts';
import { type Coordinates, placeAt, settle, valuesOf } from './gp/coordinates.ts';
import { Model } from './gp/model.ts';
import { Pace } from './gp/pace.ts';
import { propose } from './gp/propose.ts';

/** What `gp` takes. */
export interface GpOptions {
  /** So many trials are spread evenly over the space before the model decides. An integer >= 2. Default twice the number of parameters, from 5 to 10. */
  readonly startupTrials?: number;
}

/**
 * Gaussian process: models the loss as a smooth function, certain where trials are and uncertain between them, and proposes the point at
 * which the logarithm of the expected improvement on the best loss is greatest.
 *
 * The kernel is Matérn's of smoothness 5/2 with a length scale for each parameter; two options of a `choice`, a `gridSearch` or a
 * `variation` are equally far from each other. Large losses are drawn together as far as that makes the model more plausible. Trials that
 * run count with all that they might give, so that several workers look in several places; those that were stopped with what they reported
 * last, and those that failed as the worst. Infeasible trials are never the best, and what is likely to be infeasible, or to fail, is
 * proposed less. Of more than 500 trials it knows the best, the latest, and some others.
 *
 * Needs exactly one metric. A proposal costs O(trials²), and some more where the kernel is fitted again, which is after 5 % more trials.
 *
 * @throws {AttuneError} `OPTION_UNKNOWN`, `OPTION_RANGE`; `METRIC_INVALID` in `new Tuner` unless there is one metric
 * @see Ament et al. 2023, "Unexpected improvements to expected improvement for Bayesian optimization", arXiv 2310.20708, equation 9
 * @example
 * import { uniform } from 'attune';
 * import { gp } from 'attune/algorithms';
 * import { simulate } from 'attune/testing';
 *
 * const space = { x: uniform(0, 10) };
 * const { grid } = await simulate({ searcher: gp(), space, curve: ({ x }) => (x - 3) ** 2, trials: 12, maxT: 1 });
 * Math.abs(grid.getBestResult().config.x - 3) < 0.1; // => true
 */
export function gp(options: GpOptions = {}): Searcher {
  checkOptions('gp', options, ['startupTrials']);
  const { startupTrials } = options;
  if (startupTrials !== undefined) checkNumber('gp', 'startupTrials', startupTrials, 'an integer >= 2', (value) => Number.isSafeInteger(value) && value >= 2);
  const models = new WeakMap<History, Model>();
  const modelOf = ({ history, space }: Ask): Model => {
    const known = models.get(history);
    if (known !== undefined && known.space === space) return known;
    const model = new Model(space);
    models.set(history, model);
    return model;
  };
  return {
    name: 'gp',
    options: { ...options },
    check: (setup) => checkOneMetric('gp', setup),
    async suggest(ask) {
      const { index, samples } = ask;
      if (index >= samples) return { kind: 'done' };
      const end = index + 1 === samples ? { last: true as const } : {};
      return { kind: 'config', config: await configOf(ask, modelOf(ask), startupTrials), ...end };
    },
  };
}

async function configOf({ space, history, rng, stream, breathe }: Ask, model: Model, startupTrials: number | undefined): Promise<Config> {
  const { coordinates } = model;
  if (coordinates.size === 0) return sample(space, rng);
  const startup = startupTrials ?? Math.min(Math.max(2 * coordinates.size, 5), 10);
  if (history.length < startup) return decode(space, valuesOf(coordinates, spread(coordinates, history.length, startup, stream.fork('gp'))));
  const pace = new Pace(breathe);
  const draws = rng.fork('gp');
  const outlook = await model.look(history, draws, pace);
  if (outlook === undefined) return sample(space, rng);
  return decode(space, valuesOf(coordinates, await propose(coordinates, outlook, (point) => model.isTried(point), draws, pace)));
}

/** Point number `k` of a Latin hypercube: of as many parts of each parameter as there are points, each has one point. @see McKay et al. 1979 */
function spread(coordinates: Coordinates, k: number, count: number, stream: Ask['stream']): Float64Array {
  const whole = Float64Array.from(coordinates.all, (coordinate, at) => {
    const parts = shuffled(stream.fork('part', at), count);
    return placeAt(coordinate, ((parts[k] as number) + stream.fork('within', at, k).next()) / count);
  });
  const point = new Float64Array(whole.length);
  settle(coordinates, whole, point);
  return point;
}
