import type { Produces } from '../../space/domain-brand.ts';
import { uniform } from '../../space/domains.ts';
import { checkMaxT } from '../check-max-t.ts';
import type { Curves } from '../curve.ts';

/** `width` in [0, 20], `height` in [-100, 100]. */
export type HeightSpace = { readonly width: Produces<number>; readonly height: Produces<number> };

/**
 * The height toy: `100 / (10 + width * step) + 0.1 * height`, to be minimised. A wide one learns fast, a low one ends low, so curves
 * cross, and where two of them do has a closed form.
 *
 * @param options.maxT - reports of a trial that nobody stops; default 100
 * @throws {AttuneError} `OPTION_UNKNOWN`, `OPTION_RANGE`
 * @see `train_height` of Syne Tune, after an example of Ray Tune
 * @example
 * import { height, simulate } from 'attune/testing';
 *
 * const { summary } = await simulate({ ...height({ maxT: 50 }), trials: 10 });
 * summary.iterations; // => 500
 */
export function height(options: { readonly maxT?: number } = {}): Curves<HeightSpace> {
  return {
    space: { width: uniform(0, 20), height: uniform(-100, 100) },
    curve: (config, step) => 100 / (10 + config.width * step) + 0.1 * config.height,
    mode: 'min',
    maxT: checkMaxT('height', options, 100),
  };
}
