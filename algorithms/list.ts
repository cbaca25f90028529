import { AttuneError } from '../src/base/errors.ts';
import { describe } from '../src/base/options.ts';
import { rng } from '../src/base/rng.ts';
import type { Searcher } from '../src/search/searcher.ts';
import type { Config } from '../src/space/config.ts';
import { sample } from '../src/space/sample.ts';
import type { Space } from '../src/space/space.ts';

/**
 * Proposes the given configurations, in order, `numSamples` times over, and is done. Values that one leaves out are drawn.
 *
 * @param configs - whole ones, or parts; at least one
 * @throws {AttuneError} `OPTION_RANGE`; in `new Tuner` `CONFIG_INVALID` for a value or a key that the space does not have
 * @example
 * import { uniform } from 'attune';
 * import { list } from 'attune/algorithms';
 * import { simulate } from 'attune/testing';
 *
 * const { grid } = await simulate({ searcher: list([{ x: 0.5 }, { x: 0.1 }]), space: { x: uniform(0, 1) }, curve: ({ x }) => x, trials: 1, maxT: 1 });
 * [...grid].map(({ config }) => config.x); // => [0.5, 0.1]
 */
export function list(configs: readonly Config[]): Searcher {
  if (!Array.isArray(configs) || configs.length === 0)
    throw new AttuneError(
      'OPTION_RANGE',
      `list: expected an array of at least one configuration, got ${Array.isArray(configs) ? 'an empty one' : describe(configs)}.`,
    );
  return {
    name: 'list',
    options: { configs: [...configs] },
    check({ space }) {
      for (const [i, config] of configs.entries()) checkConfig(space, config, i);
    },
    suggest({ index, samples, space, rng: stream }) {
      const wanted = configs.length * samples;
      if (index >= wanted) return { kind: 'done' };
      const config = sample(space, stream, configs[index % configs.length]);
      return { kind: 'config', config, ...(index + 1 === wanted ? { last: true } : {}) };
    },
  };
}

function checkConfig(space: Space, config: Config, number: number): void {
  try {
    sample(space, rng(0), config);
  } catch (error) {
    if (!(error instanceof AttuneError) || error.code !== 'CONFIG_INVALID') throw error;
    const problem = error.message.replace(` Hint: ${error.hint} [${error.code}]`, '').replace(/^configuration/, `list: configs[${number}]`);
    throw new AttuneError(error.code, problem, { hint: error.hint, cause: error });
  }
}
