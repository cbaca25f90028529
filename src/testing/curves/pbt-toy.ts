import type { Produces } from '../../space/domain-brand.ts';
import { uniform } from '../../space/domains.ts';
import { checkMaxT } from '../check-max-t.ts';
import type { Curves } from '../curve.ts';

/** `h0` and `h1` in [0, 1]. */
export type PbtToySpace = { readonly h0: Produces<number>; readonly h1: Produces<number> };

const LEARNING_RATE = 0.01;

/**
 * The toy of population based training, to be maximised. Weights begin at (0.9, 0.9); each step descends the surrogate
 * `1.2 - h0 * w0² - h1 * w1²`, and `1.2 - w0² - w1²` is reported. Its two members have `h = (1, 0)` and `(0, 1)`: each alone stays below 0.39,
 * and only one that takes over the other's weights comes near 1.2. Weights are kept with a checkpoint.
 *
 * @param options.maxT - reports of a trial that nobody stops; default 200
 * @throws {AttuneError} `OPTION_UNKNOWN`, `OPTION_RANGE`
 * @see Jaderberg et al. 2017, "Population based training of neural networks", figure 2
 * @example
 * import { uniform } from 'attune';
 * import { pbt } from 'attune/schedulers';
 * import { pbtToy, simulate } from 'attune/testing';
 *
 * const scheduler = pbt({ perturbationInterval: 5, hyperparamMutations: { h0: uniform(0, 1), h1: uniform(0, 1) }, quantileFraction: 0.5 });
 * const { summary } = await simulate({ ...pbtToy(), scheduler, workers: 2 });
 * summary.best !== undefined && summary.best.value > 1; // => true
 */
export function pbtToy(options: { readonly maxT?: number } = {}): Curves<PbtToySpace> & { readonly trials: number } {
  return {
    space: { h0: uniform(0, 1), h1: uniform(0, 1) },
    pointsToEvaluate: [
      { h0: 1, h1: 0 },
      { h0: 0, h1: 1 },
    ],
    trials: 2,
    curve: {
      init: () => [0.9, 0.9],
      step([w0, w1]: readonly [number, number], { h0, h1 }) {
        const state = [w0 * (1 - 2 * LEARNING_RATE * h0), w1 * (1 - 2 * LEARNING_RATE * h1)] as const;
        return { state, metrics: 1.2 - state[0] ** 2 - state[1] ** 2 };
      },
    },
    mode: 'max',
    maxT: checkMaxT('pbtToy', options, 200),
  };
}
