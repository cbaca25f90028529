import { gridWalk } from '../src/search/grid-walk.ts';
import type { Searcher } from '../src/search/searcher.ts';

/**
 * The grid of the space, `numSamples` times over, and everything else drawn at random for each trial: the default. Without a
 * `gridSearch` it is random search. With a `variation` anywhere, it proposes distinct configurations for each grid point, and
 * ends with a message when there are no more.
 */
export function basicVariant(): Searcher {
  const walk = gridWalk('basicVariant');
  return { name: 'basicVariant', suggest: (ask) => walk(ask, ask.space) };
}
