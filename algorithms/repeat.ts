import { AttuneError } from '../src/base/errors.ts';
import type { JsonObject } from '../src/base/json.ts';
import { checkNumber } from '../src/base/options.ts';
import { isWorst, WORST } from '../src/base/worst.ts';
import { Chronicle, type Happening } from '../src/search/chronicle.ts';
import { History, type RowState } from '../src/search/history.ts';
import type { Ask, Searcher, Suggestion } from '../src/search/searcher.ts';
import { checkInner, wrapped } from '../src/search/wrapped.ts';

/**
 * A searcher whose every configuration is tried `n` times, one trial after the other, each with a seed of its own: for results that depend
 * on chance. The searcher within sees one trial, whose losses are the means of those that reported, once all `n` have ended; diverged ones
 * (NaN or infinite) make the mean diverge, failed ones are left out. `numSamples` counts trials: a multiple of `n`.
 *
 * @param n - at least 1
 * @throws {AttuneError} `OPTION_RANGE`; in `new Tuner` for `numSamples`, less `pointsToEvaluate`, that is no multiple of `n`, and what the
 * searcher within refuses
 * @remarks O(trials that have not ended) for each ask, and what the searcher within takes
 * @example
 * import { random, repeat } from 'attune/algorithms';
 * import { simulate } from 'attune/testing';
 *
 * const { grid } = await simulate({ searcher: repeat(random(), 3), curve: ({ x }) => x, trials: 6, maxT: 1 });
 * new Set([...grid].map(({ config }) => config.x)).size; // => 2
 */
export function repeat(searcher: Searcher, n: number): Searcher {
  checkInner('repeat', searcher);
  checkNumber('repeat', 'n', n, 'an integer >= 1', (value) => Number.isSafeInteger(value) && value >= 1);
  const views = new WeakMap<History, Groups>();
  return {
    ...wrapped('repeat', searcher, { n }),
    check(setup) {
      if (Number.isFinite(setup.samples) && setup.samples % n !== 0) {
        throw new AttuneError('OPTION_RANGE', `repeat: expected numSamples to be a multiple of ${n}, got ${setup.samples}.`, {
          hint: `It counts trials, without those of pointsToEvaluate: ${n} for each configuration.`,
        });
      }
      searcher.check?.({ ...setup, samples: setup.samples / n });
    },
    suggest(ask) {
      let groups = views.get(ask.history);
      if (groups === undefined || groups.chronicle.isOutdated) groups = new Groups(ask, n);
      views.set(ask.history, groups);
      groups.catchUp();
      const { latest } = groups;
      const place = ask.index % n;
      if (place > 0 && latest) return { kind: 'config', ...latest, ...(latest.note.last && place === n - 1 ? { last: true } : {}) };
      const inner = searcher.suggest({ ...ask, index: ask.index / n, samples: ask.samples / n, history: groups.shown });
      return inner instanceof Promise ? inner.then((one) => first(one, n)) : first(inner, n);
    },
  };
}

/** The first trial of a configuration; the others know from its note what the searcher said. */
function first(suggestion: Suggestion, n: number): Suggestion {
  if (suggestion.kind !== 'config') return suggestion;
  const { config, note, last } = suggestion;
  return { kind: 'config', config, note: { ...(note === undefined ? {} : { note }), ...(last ? { last } : {}) }, ...(last && n === 1 ? { last } : {}) };
}

/** The trials of one configuration. */
interface Group {
  readonly row: number;
  readonly size: number;
  /** By row: how it ended. */
  readonly states: Map<number, RowState>;
}

interface Latest {
  readonly config: Readonly<JsonObject>;
  readonly note: { readonly note?: never; readonly last?: true };
}

/** A history in which the trials of one configuration are one. */
class Groups {
  readonly shown: History;
  readonly chronicle: Chronicle;
  /** The configuration that was proposed last, and its note. */
  latest: Latest | undefined;
  readonly #history: History;
  readonly #n: number;
  readonly #groups = new Map<number, Group>();
  #proposed = 0;
  #open: Group | undefined;

  constructor({ history, space, objectives }: Ask, n: number) {
    this.shown = new History(space, objectives);
    this.#history = history;
    this.chronicle = new Chronicle(history);
    this.#n = n;
  }

  catchUp(): void {
    for (const happening of this.chronicle.since()) this.#apply(happening);
  }

  #apply(happening: Happening): void {
    const { row } = happening;
    if (happening.kind === 'added') return this.#add(row);
    if (happening.kind === 'reported') return;
    const group = this.#groups.get(row) as Group;
    group.states.set(row, happening.kind === 'left' ? 'exploited' : happening.state);
    if (group.states.size === group.size) this.#end(group);
  }

  #add(row: number): void {
    const { config, by, note } = this.#history.at(row);
    const isSearched = by === 'searcher';
    if (isSearched && this.#open) {
      this.#groups.set(row, this.#open);
    } else {
      const own = (isSearched ? note : undefined) as Latest['note'] | undefined;
      const entry = { config, by, asked: this.shown.ended.length, ...(own?.note === undefined ? {} : { note: own.note }) };
      const size = isSearched ? this.#n : 1;
      const group: Group = { row: this.shown.add(entry), size, states: new Map() };
      this.#groups.set(row, group);
      if (isSearched) [this.#open, this.latest] = [group, { config, note: own ?? {} }];
    }
    if (isSearched) this.#proposed += 1;
    if (this.#proposed % this.#n === 0) this.#open = undefined;
  }

  #end({ row, states }: Group): void {
    const judged = [...states].filter(([, state]) => state === 'completed' || state === 'stopped').map(([one]) => this.#history.at(one));
    const losses = judged.flatMap((one) => (one.losses ? [one.losses] : []));
    const step = Math.max(0, ...judged.map((one) => this.#history.steps(one.row).at(-1) ?? 0));
    if (losses.length > 0) this.shown.report(row, step, meansOf(losses), Math.max(...judged.map(({ violation }) => violation)));
    const all = new Set(states.values());
    const state = (['completed', 'stopped', 'failed'] as const).find((one) => all.has(one));
    if (state) this.shown.end(row, state);
    else this.shown.leave(row);
  }
}

const meansOf = (all: readonly (readonly number[])[]): readonly number[] =>
  (all[0] ?? []).map((_, objective) => {
    const losses = all.map((one) => one[objective] as number);
    return losses.some(isWorst) ? WORST : losses.reduce((sum, loss) => sum + loss / losses.length, 0);
  });
