import { AttuneError } from '../src/base/errors.ts';
import { checkOptions, describe } from '../src/base/options.ts';
import type { Rng } from '../src/base/rng.ts';
import { isWorst } from '../src/base/worst.ts';
import { checkOneMetric } from '../src/search/check-one-metric.ts';
import type { History } from '../src/search/history.ts';
import type { Ask, Searcher, Suggestion } from '../src/search/searcher.ts';
import type { Config } from '../src/space/config.ts';
import type { Space } from '../src/space/space.ts';

/** A stateful optimiser. */
export interface AskTell {
  /** The next configuration, whole; `undefined`: there is no more. */
  ask(): Config | undefined | Promise<Config | undefined>;
  /** What became of a configuration. `loss`: lower is better, whatever the mode; infinite for a trial that diverged or failed. */
  tell(config: Config, loss: number): void | Promise<void>;
}

/** What an optimiser is made from. */
export interface AskTellSetup {
  readonly space: Space;
  /** How many configurations are wanted. */
  readonly samples: number;
  /** All of its randomness, else a restore proposes something else: `rng.next()` is uniform in [0, 1). */
  readonly rng: Rng;
}

/** What `fromAskTell` takes beside the optimiser. */
export interface FromAskTellOptions {
  /** As journals and messages call it. Default `'fromAskTell'`. */
  readonly name?: string;
}

/** An optimiser, and how far it has come in a history. */
interface Live {
  readonly optimiser: AskTell;
  readonly of: number;
  /** `history.revised` when it was made. */
  readonly revised: number;
  /** How often it has been asked. */
  asked: number;
  /** Of how many ends it has been told. */
  told: number;
  /** The row at which the search for its next proposal begins. */
  row: number;
  /** What it said last, unless that failed. */
  said: { readonly config: Config | undefined } | undefined;
}

/**
 * A searcher of any optimiser with `ask()` and `tell(config, loss)`. Before it is asked it is told of each trial that has ended since, once,
 * in the order of the trials; enqueued ones too. After a restore, when it is ahead of what was journaled, or when a trial that had failed was
 * run again and did not fail, `create` makes another one, which is told and asked all that again. For one metric.
 *
 * @param create - makes an optimiser that depends on nothing but what it is given
 * @throws {AttuneError} `OPTION_UNKNOWN`, `OPTION_RANGE`; in `new Tuner` `METRIC_INVALID` unless there is one metric
 * @remarks what the optimiser costs; a restore costs all of it once more
 * @example
 * import { sample, type TuneConfig } from 'attune';
 * import { fromAskTell } from 'attune/algorithms';
 *
 * const searchAlg = fromAskTell(({ space, rng }) => {
 *   let asked = 0;
 *   return { ask: () => sample(space, rng.fork(asked++)), tell: (config, loss) => {} }; // or the optimiser of a package
 * });
 * const tuneConfig: TuneConfig = { searchAlg, metric: 'loss', mode: 'min', numSamples: 50 };
 */
export function fromAskTell(create: (setup: AskTellSetup) => AskTell, options: FromAskTellOptions = {}): Searcher {
  if (typeof create !== 'function') throw new AttuneError('OPTION_RANGE', `fromAskTell: expected a function that makes an optimiser, got ${describe(create)}.`);
  checkOptions('fromAskTell', options, ['name']);
  const { name = 'fromAskTell' } = options;
  if (typeof name !== 'string' || name === '') throw new AttuneError('OPTION_RANGE', `fromAskTell: expected name to be a name, got ${describe(name)}.`);
  const all = new WeakMap<History, Live>();

  function begun({ space, samples, stream, history: { revised } }: Ask): Live {
    const optimiser: unknown = create({ space, samples, rng: stream.fork('optimiser') });
    const { ask, tell } = (optimiser ?? {}) as Partial<AskTell>;
    if (typeof ask !== 'function' || typeof tell !== 'function')
      throw new AttuneError('OPTION_RANGE', `${name}: expected create() to return an object with ask() and tell(), got ${describe(optimiser)}.`);
    return { optimiser: optimiser as AskTell, of: stream.fork('identity').next(), revised, asked: 0, told: 0, row: 0, said: undefined };
  }

  /** The optimiser that goes on from here; `undefined` when there is none, or one that has been told what is no longer so. */
  function knownTo({ history, stream }: Ask): Live | undefined {
    const known = all.get(history);
    return known?.revised === history.revised && known.of === stream.fork('identity').next() ? known : undefined;
  }

  return {
    name,
    check: (setup) => checkOneMetric(name, setup),
    async suggest(ask): Promise<Suggestion> {
      const { index, samples, history } = ask;
      if (index >= samples) return { kind: 'done' };
      const known = knownTo(ask);
      if (known?.said && known.asked === index + 1 && known.told === history.ended.length) return toSuggestion(ask, known.said.config); // the same ask once more
      const live = known === undefined || known.asked > index ? begun(ask) : known;
      all.set(history, live);
      live.said = undefined;
      while (live.asked < index) {
        while (history.at(live.row).by !== 'searcher') live.row += 1;
        await tellUntil(live, history, history.at(live.row).asked);
        await live.optimiser.ask(); // again: the row has what it said
        live.row += 1;
        live.asked += 1;
      }
      await tellUntil(live, history, history.ended.length);
      live.asked += 1;
      const config = await live.optimiser.ask();
      live.said = { config };
      return toSuggestion(ask, config);
    },
  };
}

function toSuggestion({ index, samples }: Ask, config: Config | undefined): Suggestion {
  if (config === undefined) return { kind: 'done' };
  return { kind: 'config', config, ...(index + 1 === samples ? { last: true } : {}) };
}

/** Tells of the trials up to that end, in the order of the trials. */
async function tellUntil(live: Live, history: History, end: number): Promise<void> {
  const rows = history.ended.slice(live.told, end).toSorted((a, b) => a - b);
  live.told = Math.max(live.told, end);
  for (const row of rows) {
    const { config, state, losses } = history.at(row);
    const [loss = Number.POSITIVE_INFINITY] = state === 'failed' ? [] : (losses ?? []);
    await live.optimiser.tell(config, isWorst(loss) ? Number.POSITIVE_INFINITY : loss);
  }
}
