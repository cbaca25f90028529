import { canonicalJson } from '../src/base/json.ts';
import { shortageMessage } from '../src/search/grid-walk.ts';
import type { History } from '../src/search/history.ts';
import type { Ask, Searcher, Suggestion } from '../src/search/searcher.ts';
import { checkInner, wrapped } from '../src/search/wrapped.ts';
import type { Config } from '../src/space/config.ts';
import { finiteSize, withoutRepeats } from '../src/space/variants.ts';

/** How often the searcher within is asked again before something else is drawn. */
const TRIES = 10;

/** The configurations that there have been, and how many rows have been read for that. */
interface Seen {
  read: number;
  readonly configs: Set<string>;
}

/**
 * A searcher that proposes no configuration twice, nor one that was enqueued. What the one within repeats is asked for again, ten times at
 * most, with other randomness; then one that there has not been is drawn evenly. When a finite space has no more it ends, and says so.
 *
 * @throws {AttuneError} `OPTION_RANGE`; in `new Tuner` what the searcher within refuses
 * @remarks O(1) for each ask beside the searcher within, as long as there is more to draw than has been
 */
export function avoidDuplicates(searcher: Searcher): Searcher {
  checkInner('avoidDuplicates', searcher);
  const histories = new WeakMap<History, Seen>();
  const isNew = (seen: Seen, config: Config): boolean => !seen.configs.has(canonicalJson(config));

  async function later(ask: Ask, seen: Seen, first: Promise<Suggestion>): Promise<Suggestion> {
    let suggestion = await first;
    for (let i = 1; i <= TRIES; i++) {
      if (suggestion.kind !== 'config' || isNew(seen, suggestion.config)) return suggestion;
      suggestion = await searcher.suggest(again(ask, i));
    }
    return drawn(ask, seen, suggestion);
  }

  return {
    ...wrapped('avoidDuplicates', searcher, {}),
    suggest(ask) {
      const seen = seenIn(histories, ask.history);
      if (seen.configs.size >= finiteSize(ask.space)) return { kind: 'done', message: shortageMessage('avoidDuplicates', seen.configs.size, ask.samples) };
      let suggestion = searcher.suggest(ask);
      for (let i = 1; i <= TRIES; i++) {
        if (suggestion instanceof Promise) return later(ask, seen, suggestion);
        if (suggestion.kind !== 'config' || isNew(seen, suggestion.config)) return suggestion;
        suggestion = searcher.suggest(again(ask, i));
      }
      return suggestion instanceof Promise ? later(ask, seen, suggestion) : drawn(ask, seen, suggestion);
    },
  };

  function drawn(ask: Ask, seen: Seen, suggestion: Suggestion): Suggestion {
    if (suggestion.kind !== 'config' || isNew(seen, suggestion.config)) return suggestion;
    const { size, at } = withoutRepeats(ask.space, ask.rng.fork('another'));
    for (let k = 0; k < size; k++) {
      const config = at(k);
      if (isNew(seen, config)) return { ...suggestion, config };
    }
    return { kind: 'done' };
  }
}

const again = (ask: Ask, i: number): Ask => ({ ...ask, rng: ask.rng.fork('again', i) });

function seenIn(histories: WeakMap<History, Seen>, history: History): Seen {
  const seen = histories.get(history) ?? { read: 0, configs: new Set<string>() };
  histories.set(history, seen);
  for (; seen.read < history.length; seen.read++) seen.configs.add(canonicalJson(history.at(seen.read).config));
  return seen;
}
