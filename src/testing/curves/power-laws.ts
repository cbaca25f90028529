import { AttuneError } from '../../base/errors.ts';
import { checkNumber, describe } from '../../base/options.ts';
import type { Produces } from '../../space/domain-brand.ts';
import { uniform } from '../../space/domains.ts';
import { checkMaxT } from '../check-max-t.ts';
import type { Curves } from '../curve.ts';

/** `floor` in [0, 1]; `rate` in [0.2, 1.2], or always 0.7 without crossings. */
export type PowerLawSpace = { readonly floor: Produces<number>; readonly rate: Produces<number> | number };

/** What `powerLaws` takes. */
export interface PowerLawOptions {
  /** Default true. False: who is ahead at one step is ahead at every step. */
  readonly crossings?: boolean;
  /** Standard deviation of what is added to every report. Default 0. */
  readonly noise?: number;
  /** Reports of a trial that nobody stops; default 100. */
  readonly maxT?: number;
}

/**
 * Learning curves as they mostly are: `floor + step ** -rate`, to be minimised. Slow learners with a low floor come from behind: the
 * curves of two trials cross at most twice.
 *
 * @throws {AttuneError} `OPTION_UNKNOWN`, `OPTION_RANGE`
 * @example
 * import { asha } from 'attune/schedulers';
 * import { powerLaws, simulate } from 'attune/testing';
 *
 * const { summary } = await simulate({ ...powerLaws({ crossings: false }), scheduler: asha({ maxT: 100 }), trials: 50 });
 * summary.trials; // => 50
 */
export function powerLaws(options: PowerLawOptions = {}): Curves<PowerLawSpace> {
  const maxT = checkMaxT('powerLaws', options, 100, 'crossings', 'noise');
  const { crossings = true, noise = 0 } = options;
  if (typeof crossings !== 'boolean') throw new AttuneError('OPTION_RANGE', `powerLaws: expected crossings to be true or false, got ${describe(crossings)}.`);
  checkNumber('powerLaws', 'noise', noise, 'a finite number >= 0', (n) => n >= 0 && Number.isFinite(n));
  return {
    space: { floor: uniform(0, 1), rate: crossings ? uniform(0.2, 1.2) : 0.7 },
    curve: ({ floor, rate }, step, rng) => floor + step ** -rate + (noise === 0 ? 0 : noise * rng.normal()),
    mode: 'min',
    maxT,
  };
}
