import { AttuneError } from '../base/errors.ts';
import { build } from './build.ts';
import type { Config } from './config.ts';
import { quantile } from './numeric.ts';
import type { Space } from './space.ts';

/**
 * The configuration at a point of the unit cube, one coordinate for each parameter: its quantile, so that uniform coordinates give
 * what random search draws. `sampleFrom` and `expr` are computed.
 *
 * @param at - the coordinate of a parameter, in [0, 1), by its number in `space.parameters`; asked for those only that the configuration has
 * @throws {AttuneError} `SPACE_INVALID` for `randn` and `qrandn`, which have no ends
 */
export function fromUnit(space: Space, at: (parameter: number) => number): Config {
  return build(space, {
    number: ({ domain, index }) => {
      if ('mean' in domain) throw new AttuneError('SPACE_INVALID', `fromUnit: expected domains with two ends, got ${domain.kind}.`);
      return quantile(domain, at(index));
    },
    option: ({ index, options }) => Math.floor(at(index) * options.length),
  });
}
