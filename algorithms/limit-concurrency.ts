import { AttuneError } from '../src/base/errors.ts';
import { checkNumber, checkOptions, describe } from '../src/base/options.ts';
import { openRows } from '../src/search/open-rows.ts';
import type { Searcher } from '../src/search/searcher.ts';
import { checkInner, wrapped } from '../src/search/wrapped.ts';

/** What `limitConcurrency` takes beside the searcher. */
export interface LimitConcurrencyOptions {
  /** Whether the next `n` are only proposed when all of the `n` before have ended. Default false: one as soon as one has ended. */
  readonly batch?: boolean;
}

/**
 * A searcher that waits while `n` of its trials have not ended, so that it proposes knowing more: for one that learns, beside many workers.
 * Paused trials count, enqueued ones do not. The searcher within knows nothing of it.
 *
 * @param n - at least 1
 * @throws {AttuneError} `OPTION_RANGE`, `OPTION_UNKNOWN`; in `new Tuner` what the searcher within refuses
 * @remarks O(trials that have not ended) for each ask, and what the searcher within takes
 * @example
 * import type { TuneConfig } from 'attune';
 * import { limitConcurrency, tpe } from 'attune/algorithms';
 *
 * const tuneConfig: TuneConfig = { searchAlg: limitConcurrency(tpe(), 4), metric: 'loss', mode: 'min', numSamples: 100 };
 */
export function limitConcurrency(searcher: Searcher, n: number, options: LimitConcurrencyOptions = {}): Searcher {
  checkInner('limitConcurrency', searcher);
  checkNumber('limitConcurrency', 'n', n, 'an integer >= 1', (value) => Number.isSafeInteger(value) && value >= 1);
  checkOptions('limitConcurrency', options, ['batch']);
  const { batch = false } = options;
  if (typeof batch !== 'boolean') throw new AttuneError('OPTION_RANGE', `limitConcurrency: expected batch to be true or false, got ${describe(batch)}.`);
  return {
    ...wrapped('limitConcurrency', searcher, { n, ...(batch ? { batch } : {}) }),
    suggest(ask) {
      const { proposed, open } = openRows(ask.history);
      const mustWait = batch ? open.size > 0 && proposed % n === 0 : open.size >= n;
      return mustWait ? { kind: 'wait' } : searcher.suggest(ask);
    },
  };
}
