import { AttuneError } from '../src/base/errors.ts';
import { canonicalJson } from '../src/base/json.ts';
import { shortageMessage } from '../src/search/grid-walk.ts';
import type { History } from '../src/search/history.ts';
import type { Ask, Searcher, Suggestion } from '../src/search/searcher.ts';
import { checkInner, namesOf, wrapped } from '../src/search/wrapped.ts';
import type { Config } from '../src/space/config.ts';
import { contains } from '../src/space/contains.ts';
import type { Space } from '../src/space/space.ts';
import { finiteSize, gridSize, withoutRepeats } from '../src/space/variants.ts';

/** How often the searcher within is asked again before something else is drawn. */
const TRIES = 10;
/** A sweep that brings nothing new so many times more often than there have been configurations begins over and over. */
const MOST_SKIPPED = 1000;
/** After so many it lets others on. */
const BREATH = 100;

/** The configurations that there have been, and how many rows have been read for that. */
interface Seen {
  read: number;
  readonly configs: Set<string>;
  /** How many of them lie in the space: values of the user's own may not. */
  inside: number;
  /** A sweep has nothing new before this index. */
  next: number;
}

/**
 * A searcher that proposes no configuration twice, nor one that was enqueued. What the one within repeats is asked for again, ten times at
 * most, with other randomness; then one that there has not been is drawn evenly. When a finite space has no more it ends, and says so.
 *
 * Around one that sweeps (`grid`, `list`, and `basicVariant` with a `gridSearch`) nothing is drawn: what there has been is left out.
 *
 * @throws {AttuneError} `OPTION_RANGE`, also for a `repeat` within; in `new Tuner` what the searcher within refuses
 * @remarks O(1) for each ask beside the searcher within, as long as there is more to draw than has been
 * @example
 * import { choice } from 'attune';
 * import { avoidDuplicates, random } from 'attune/algorithms';
 * import { simulate } from 'attune/testing';
 *
 * const space = { units: choice([16, 32, 64]) };
 * const { summary } = await simulate({ searcher: avoidDuplicates(random()), space, curve: ({ units }) => units, trials: 10, maxT: 1 });
 * summary.trials; // => 3
 */
export function avoidDuplicates(searcher: Searcher): Searcher {
  checkInner('avoidDuplicates', searcher);
  checkNoRepeat(searcher);
  const histories = new WeakMap<History, Seen>();

  return {
    ...wrapped('avoidDuplicates', searcher, {}),
    suggest(ask) {
      const seen = seenIn(histories, ask);
      return sweeps(searcher, ask.space) ? nextOf(searcher, ask, seen) : another(searcher, ask, seen);
    },
  };
}

function checkNoRepeat(searcher: Searcher): void {
  const names = namesOf(searcher);
  if (!names.includes('repeat')) return;
  throw new AttuneError('OPTION_RANGE', `avoidDuplicates: expected no repeat within, got ${names.join(' around ')}.`, {
    hint: 'Write it the other way round: repeat(avoidDuplicates(…), n).',
  });
}

/** Whether it goes through given configurations by their number. */
function sweeps(searcher: Searcher, space: Space): boolean {
  const name = namesOf(searcher).at(-1);
  return name === 'grid' || name === 'list' || (name === 'basicVariant' && gridSize(space) > 1);
}

async function another(searcher: Searcher, ask: Ask, seen: Seen): Promise<Suggestion> {
  if (seen.inside >= finiteSize(ask.space)) return { kind: 'done', message: shortageMessage('avoidDuplicates', seen.inside, ask.samples) };
  for (let i = 0; ; i++) {
    const suggestion = await searcher.suggest(i === 0 ? ask : { ...ask, rng: ask.rng.fork('again', i) });
    if (suggestion.kind !== 'config' || isNew(seen, suggestion.config)) return suggestion;
    if (i === TRIES) return drawn(ask, seen, suggestion);
  }
}

function drawn(ask: Ask, seen: Seen, suggestion: Suggestion): Suggestion {
  const { size, at } = withoutRepeats(ask.space, ask.rng.fork('another'));
  for (let k = 0; k < size; k++) {
    const config = at(k);
    if (isNew(seen, config)) return { ...suggestion, config } as Suggestion;
  }
  return { kind: 'done' };
}

/**
 * The first of a sweep, from number `index` on, that is new: whatever came of the ones before, there were as many asks, and each took at
 * least one. What a number stands for must not depend on which ask it is, so that those that have been proposed are known again.
 */
async function nextOf(searcher: Searcher, ask: Ask, seen: Seen): Promise<Suggestion> {
  for (let index = Math.max(ask.index, seen.next); index - ask.index <= seen.configs.size + MOST_SKIPPED; index++) {
    seen.next = index;
    const suggestion = await searcher.suggest({ ...ask, index, rng: ask.stream.fork('avoidDuplicates', index) });
    if (suggestion.kind !== 'config' || isNew(seen, suggestion.config)) return suggestion;
    if (index % BREATH === 0) await ask.breathe();
  }
  return { kind: 'done' };
}

const isNew = (seen: Seen, config: Config): boolean => !seen.configs.has(canonicalJson(config));

function seenIn(histories: WeakMap<History, Seen>, { history, space }: Ask): Seen {
  const seen = histories.get(history) ?? { read: 0, configs: new Set<string>(), inside: 0, next: 0 };
  histories.set(history, seen);
  for (; seen.read < history.length; seen.read++) {
    const { config } = history.at(seen.read);
    if (isNew(seen, config) && contains(space, config)) seen.inside += 1;
    seen.configs.add(canonicalJson(config));
  }
  return seen;
}
