import { gridWalk } from '../src/search/grid-walk.ts';
import type { Searcher } from '../src/search/searcher.ts';

/**
 * The grid of the space, `numSamples` times over, and everything else drawn at random for each trial: the default. Without a
 * `gridSearch` it is random search. With a `variation` anywhere, it proposes distinct configurations for each grid point, and
 * ends with a message when there are no more.
 *
 * @example
 * import { gridSearch, uniform } from 'attune';
 * import { basicVariant } from 'attune/algorithms';
 * import { simulate } from 'attune/testing';
 *
 * const space = { units: gridSearch([16, 32, 64]), lr: uniform(0, 1) };
 * const { grid } = await simulate({ searcher: basicVariant(), space, curve: ({ lr }) => lr, trials: 2, maxT: 1 });
 * [...grid].map(({ config }) => config.units); // => [16, 32, 64, 16, 32, 64]
 */
export function basicVariant(): Searcher {
  const walk = gridWalk('basicVariant');
  return { name: 'basicVariant', suggest: (ask) => walk(ask, ask.space) };
}
