import type { Json } from '../base/json.ts';
import type { Rng } from '../base/rng.ts';
import type { Config } from '../space/config.ts';
import type { Space } from '../space/space.ts';
import type { History } from './history.ts';

/** What a searcher or scheduler is told about the experiment before it starts. */
export interface Setup {
  readonly space: Space;
  /** Number of metrics to optimise: 0 without a metric, 1 for most experiments. */
  readonly objectives: number;
  /** Their names. */
  readonly metrics?: readonly string[];
  /** How many configurations are wanted of the searcher; `Infinity` for `numSamples: -1`. */
  readonly samples: number;
  /** How many trials may run at once. */
  readonly slots: number;
}

/**
 * Proposes configurations. Pure: the same ask gives the same answer, so a searcher holds no state of its own; what it
 * learnt is a function of `ask.history`. Caches live in a `WeakMap` keyed by `history`.
 */
export interface Searcher {
  readonly name: string;
  /** Recorded with the experiment, and compared when it is restored. */
  readonly options?: Json;
  /** Throws an `AttuneError` when it cannot search this; runs in `new Tuner`. */
  check?(setup: Setup): void;
  /** One ask at a time. */
  suggest(ask: Ask): Suggestion | Promise<Suggestion>;
}

/** What a searcher goes by: all that it may know. */
export interface Ask extends Setup {
  /** How many configurations it has proposed before. */
  readonly index: number;
  /** Everything proposed so far and how it went; does not grow during the ask. */
  readonly history: History;
  /** Keyed by `index`; to draw again, fork it. */
  readonly rng: Rng;
  /** The searcher's own stream, the same at every ask: for what must not depend on `index`, such as one permutation for all. Fork it. */
  readonly stream: Rng;
  /** Lets reports through: a long computation awaits it every few milliseconds. */
  breathe(): Promise<void>;
}

/** What a searcher answers. */
export type Suggestion =
  /** `note` comes back in the history; `last` says that there is nothing after this one. */
  | { readonly kind: 'config'; readonly config: Config; readonly note?: Json; readonly last?: true }
  /** Nothing now: ask again when something has happened. */
  | { readonly kind: 'wait' }
  /** Nothing any more. Most say so at `index >= samples`. `message`: a warning for the user, when it ends early. */
  | { readonly kind: 'done'; readonly message?: string };
