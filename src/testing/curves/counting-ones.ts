import { checkNumber } from '../../base/options.ts';
import type { Rng } from '../../base/rng.ts';
import type { Produces } from '../../space/domain-brand.ts';
import { choice, uniform } from '../../space/domains.ts';
import { checkMaxT } from '../check-max-t.ts';
import type { Curves } from '../curve.ts';

/** `bit0`, … is 0 or 1; `p0`, … in [0, 1]. */
export type CountingOnesSpace = { readonly [bit: `bit${number}`]: Produces<0 | 1>; readonly [p: `p${number}`]: Produces<number> };

/** What `countingOnes` takes. */
export interface CountingOnesOptions {
  /** How many bits. Default 8. */
  readonly categorical?: number;
  /** How many probabilities. Default 8. */
  readonly continuous?: number;
  /** Draws of each probability in one step. Default 1. */
  readonly draws?: number;
  /** Reports of a trial that nobody stops; default 81. */
  readonly maxT?: number;
}

/**
 * Counting ones, to be minimised: `-(sum of the bits + sum of the means of what was drawn so far with each p)`. More steps say the same more
 * exactly; the best is `-(categorical + continuous)`. What was drawn is kept with a checkpoint.
 *
 * @throws {AttuneError} `OPTION_UNKNOWN`, `OPTION_RANGE`
 * @see Falkner, Klein & Hutter 2018, "BOHB", ICML
 * @example
 * import { countingOnes, simulate } from 'attune/testing';
 *
 * const { summary } = await simulate({ ...countingOnes({ categorical: 4, continuous: 4 }), trials: 20 });
 * summary.iterations; // => 1620
 */
export function countingOnes(options: CountingOnesOptions = {}): Curves<CountingOnesSpace> {
  const maxT = checkMaxT('countingOnes', options, 81, 'categorical', 'continuous', 'draws');
  const { categorical = 8, continuous = 8, draws = 1 } = options;
  checkNumber('countingOnes', 'categorical', categorical, 'an integer >= 0', (n) => Number.isSafeInteger(n) && n >= 0);
  checkNumber(
    'countingOnes',
    'continuous',
    continuous,
    `an integer >= ${categorical === 0 ? 1 : 0}`,
    (n) => Number.isSafeInteger(n) && n + categorical >= 1 && n >= 0,
  );
  checkNumber('countingOnes', 'draws', draws, 'an integer >= 1', (n) => Number.isSafeInteger(n) && n >= 1);
  const bits = Array.from({ length: categorical }, (_, i) => `bit${i}` as const);
  const probabilities = Array.from({ length: continuous }, (_, i) => `p${i}` as const);
  return {
    space: Object.fromEntries([...bits.map((name) => [name, choice([0, 1])]), ...probabilities.map((name) => [name, uniform(0, 1)])]) as CountingOnesSpace,
    curve: {
      init: () => 0,
      step(ones: number, config, step, rng) {
        let state = ones;
        for (const name of probabilities) state += successes(draws, config[name] as number, rng);
        const set = bits.reduce((sum, name) => sum + (config[name] as number), 0);
        return { state, metrics: -(set + state / (step * draws)) };
      },
    },
    mode: 'min',
    maxT,
  };
}

function successes(draws: number, p: number, rng: Rng): number {
  let count = 0;
  for (let i = 0; i < draws; i++) if (rng.next() < p) count += 1;
  return count;
}
