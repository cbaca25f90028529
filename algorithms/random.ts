import { AttuneError } from '../src/base/errors.ts';
import { checkOptions, describe } from '../src/base/options.ts';
import { shortageMessage } from '../src/search/grid-walk.ts';
import type { History } from '../src/search/history.ts';
import type { Ask, Searcher } from '../src/search/searcher.ts';
import { sample } from '../src/space/sample.ts';
import { type Draws, withoutRepeats } from '../src/space/variants.ts';

/** What `random` takes. */
export interface RandomOptions {
  /** Whether to propose every configuration at most once. Default: true when the space has a `variation`. */
  readonly unique?: boolean;
}

/**
 * Draws every trial independently: `numSamples: 10` is 10 trials, whatever the space. A `gridSearch` counts as a `choice`.
 * The baseline that every other searcher must beat.
 *
 * With `unique`, or a `variation` anywhere in the space, it draws without replacement, O(1) for each draw whatever the size of
 * the space, and ends with a message when there are no more. From a space with a continuous parameter draws stay independent.
 *
 * @throws {AttuneError} `OPTION_UNKNOWN`, `OPTION_RANGE`
 * @see Bergstra & Bengio 2012, "Random search for hyper-parameter optimization", JMLR 13
 * @example
 * import { randint } from 'attune';
 * import { random } from 'attune/algorithms';
 * import { simulate } from 'attune/testing';
 *
 * const space = { units: randint(1, 5) };
 * const { grid } = await simulate({ searcher: random({ unique: true }), space, curve: ({ units }) => units, trials: 4, maxT: 1 });
 * [...grid].map(({ config }) => config.units).sort(); // => [1, 2, 3, 4]
 */
export function random(options: RandomOptions = {}): Searcher {
  checkOptions('random', options, ['unique']);
  const { unique } = options;
  if (unique !== undefined && typeof unique !== 'boolean') {
    throw new AttuneError('OPTION_RANGE', `random: expected unique to be true or false, got ${describe(unique)}.`);
  }
  const orders = new WeakMap<History, Order>();
  return {
    name: 'random',
    options: unique === undefined ? {} : { unique },
    suggest(ask) {
      const { index, samples, space } = ask;
      if (index >= samples) return { kind: 'done' };
      const end = index + 1 === samples ? { last: true as const } : {};
      if (!(unique ?? space.parameters.some(({ domain }) => domain.kind === 'variation'))) return { kind: 'config', config: sample(space, ask.rng), ...end };
      const { size, at } = orderOf(orders, ask);
      if (index >= size) return { kind: 'done', message: shortageMessage('random', size, samples) };
      return { kind: 'config', config: at(index), ...end };
    },
  };
}

/** The draws of one seed from one space. */
interface Order extends Draws {
  readonly of: readonly unknown[];
}

function orderOf(orders: WeakMap<History, Order>, { history, space, stream }: Ask): Order {
  const of = [space, stream.fork('identity').next()];
  const known = orders.get(history);
  if (known !== undefined && known.of.every((part, i) => part === of[i])) return known;
  const order = { ...withoutRepeats(space, stream.fork('distinct')), of };
  orders.set(history, order);
  return order;
}
