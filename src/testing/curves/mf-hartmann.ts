import { AttuneError } from '../../base/errors.ts';
import { describe } from '../../base/options.ts';
import type { Produces } from '../../space/domain-brand.ts';
import { uniform } from '../../space/domains.ts';
import { checkMaxT } from '../check-max-t.ts';
import type { Curves } from '../curve.ts';
import { hartmann3, hartmann6 } from '../problems.ts';

/** `x0`, `x1`, … in [0, 1]. */
export type HartmannSpace = { readonly [x: `x${number}`]: Produces<number> };

/** How much a low fidelity says about the full one: [bias, noise]. */
const QUALITY = { default: [0.5, 0.1], good: [2.5, 2], moderate: [3, 3], bad: [3.5, 4], terrible: [4, 5] } as const;

/** What `mfHartmann` takes. */
export interface MfHartmannOptions {
  /** Default 3. */
  readonly dimensions?: 3 | 6;
  /** Default `'default'`, which is better than good. */
  readonly quality?: keyof typeof QUALITY;
  /** The full fidelity, default 100. */
  readonly maxT?: number;
}

/**
 * Multi-fidelity Hartmann, to be minimised. With `s = ln(step) / ln(maxT)` every weight of Hartmann's function is lowered by `bias * (1 - s)`,
 * and `|N(0, 1)| * noise * (1 - s)` is added: at `maxT` it is the function itself. To train to `step` takes `0.05 + 0.95 * (step / maxT)²` seconds.
 *
 * @throws {AttuneError} `OPTION_UNKNOWN`, `OPTION_RANGE`
 * @see Mallik et al. 2023, "PriorBand"; Kandasamy et al. 2017
 * @example
 * import { mfHartmann, simulate } from 'attune/testing';
 *
 * const { summary } = await simulate({ ...mfHartmann({ dimensions: 3, maxT: 10 }), trials: 10 });
 * Math.round(summary.seconds); // => 10
 */
export function mfHartmann(options: MfHartmannOptions = {}): Curves<HartmannSpace> {
  const maxT = checkMaxT('mfHartmann', options, 100, 'dimensions', 'quality');
  const { dimensions = 3, quality = 'default' } = options;
  if (dimensions !== 3 && dimensions !== 6) throw new AttuneError('OPTION_RANGE', `mfHartmann: expected dimensions to be 3 or 6, got ${describe(dimensions)}.`);
  if (!Object.hasOwn(QUALITY, quality)) {
    throw new AttuneError('OPTION_RANGE', `mfHartmann: expected quality to be one of ${Object.keys(QUALITY).join(', ')}, got ${describe(quality)}.`);
  }
  const [bias, noise] = QUALITY[quality];
  const { lowered } = dimensions === 3 ? hartmann3 : hartmann6;
  const names = Array.from({ length: dimensions }, (_, i) => `x${i}` as const);
  const missing = (step: number): number => (maxT === 1 ? 0 : 1 - Math.log(step) / Math.log(maxT));
  const cost = (step: number): number => (step === 0 ? 0 : 0.05 + 0.95 * (step / maxT) ** 2);
  return {
    space: Object.fromEntries(names.map((name) => [name, uniform(0, 1)])),
    curve(config, step, rng) {
      const x = names.map((name) => config[name] as number);
      return lowered(x, bias * missing(step)) + Math.abs(rng.normal()) * noise * missing(step);
    },
    durations: (_, step) => cost(step) - cost(step - 1),
    mode: 'min',
    maxT,
  };
}
