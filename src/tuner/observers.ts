import { warn as warnUser } from '../base/warn.ts';
import { toErrorData } from '../trial/error-data.ts';
import type { ErrorData, JournalLine } from '../trial/events.ts';
import type { Callback, ExperimentView } from '../watch/callback.ts';
import { exhibit } from './exhibit.ts';

/** Everyone who watches: told of each line after it is written, closed by the first disposal. Neither throws, whatever a callback does. */
export interface Observers extends AsyncDisposable {
  /** Returns at once: a callback whose promise is unsettled is told later, the others now. Always with the same `view`; see `exhibit`. */
  observe(line: JournalLine, view: ExperimentView): void;
}

/** What the observers need of the process. */
export interface ObserverOptions {
  /** @param detail - the stack of what was thrown, when it has one */
  readonly warn?: (message: string, detail?: string) => void;
  /** Calls `act` once after so many seconds, unless it is disposed first. */
  readonly after?: (seconds: number, act: () => void) => Disposable;
}

/** A callback with this many events to go is warned of: they wait in memory. */
const FAR_BEHIND = 10_000;
/** The end of a run waits so long for callbacks before it says for which. */
const PATIENCE_S = 5;
/** Different messages of one callback that are told: with a number in each they would not end. */
const MOST_MESSAGES = 10;
const LONGEST_MESSAGE = 500;

export function observers(callbacks: readonly Callback[], { warn = warnUser, after = timer }: ObserverOptions = {}): Observers {
  const listeners = callbacks.map((callback) => new Listener(callback, warn));
  let show: ReturnType<typeof exhibit> | undefined;
  let closed: Promise<void> | undefined;

  const close = async (): Promise<void> => {
    const open = new Set(listeners);
    using _impatience = after(PATIENCE_S, () => {
      const rest = 'The trials are over: should it never settle, (await Tuner.restore(dir, trainable)).getResults() has the results';
      for (const listener of open) warn(`the run has waited ${PATIENCE_S} s for callback "${listener.name}"${listener.toGo}. ${rest}.`);
    });
    await Promise.all(listeners.map((listener) => listener.close().then(() => open.delete(listener))));
  };
  return {
    observe(line, view) {
      show ??= exhibit(view);
      const shown = show(line);
      for (const listener of listeners) listener.tell(line, shown);
    },
    async [Symbol.asyncDispose]() {
      closed ??= close();
      await closed;
    },
  };
}

interface Told {
  readonly line: JournalLine;
  readonly view: ExperimentView;
}

/** One callback and the events that it has not been told yet. */
class Listener {
  readonly #callback: Callback;
  readonly #warn: NonNullable<ObserverOptions['warn']>;
  /** Settles when nothing waits any more; `undefined` while nothing does. */
  #busy: Promise<void> | undefined;
  #waiting: Told[] = [];
  /** Events that wait, those that were taken out of `#waiting` to be told next included. */
  #behind = 0;
  readonly #messages = new Set<string>();
  #isFarBehind = false;

  constructor(callback: Callback, warn: NonNullable<ObserverOptions['warn']>) {
    this.#callback = callback;
    this.#warn = warn;
  }

  get name(): string {
    return this.#callback.name;
  }

  /** For a warning: how much is left to tell it. */
  get toGo(): string {
    return this.#behind > 0 ? `, which has ${this.#behind} more events to handle` : '';
  }

  tell(line: JournalLine, view: ExperimentView): void {
    if (this.#busy !== undefined) return this.#wait(line, view);
    const pending = this.#call(line, view);
    if (pending) this.#busy = this.#catchUp(pending);
  }

  async close(): Promise<void> {
    await this.#busy;
    try {
      await this.#callback[Symbol.asyncDispose]?.();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** @returns what has to settle before the next event is told */
  #call(line: JournalLine, view: ExperimentView): PromiseLike<unknown> | undefined {
    try {
      const result: unknown = this.#callback.onEvent(line, view);
      return isThenable(result) ? result : undefined;
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }

  #wait(line: JournalLine, view: ExperimentView): void {
    this.#waiting.push({ line, view });
    this.#behind += 1;
    if (this.#behind < FAR_BEHIND || this.#isFarBehind) return;
    this.#isFarBehind = true;
    this.#warn(`callback "${this.name}" is ${FAR_BEHIND} events behind; they wait in memory, and the end of the run waits for them.`);
  }

  async #catchUp(first: PromiseLike<unknown>): Promise<void> {
    await this.#settled(first);
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      for (const { line, view } of batch) {
        this.#behind -= 1;
        const pending = this.#call(line, view);
        if (pending) await this.#settled(pending);
      }
    }
    this.#busy = undefined;
  }

  async #settled(pending: PromiseLike<unknown>): Promise<void> {
    try {
      await pending;
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    const data = toErrorData(error);
    const message = faultText(data).slice(0, LONGEST_MESSAGE);
    if (this.#messages.size === MOST_MESSAGES || this.#messages.has(message)) return;
    this.#messages.add(message);
    const last = this.#messages.size === MOST_MESSAGES ? ' (it has thrown many different things; no more of them are told)' : '';
    this.#warn(`callback "${this.name}" threw: ${message}${last}`, data.stack);
  }
}

/** Messages and causes: of "fetch failed" the cause is what one wants to know. */
function faultText({ message, code, name, cause }: ErrorData): string {
  const own = message || code || name;
  return cause === undefined ? own : `${own} (${faultText(cause)})`;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** Keeps the process alive until it fires: else one that hangs on a promise that nothing settles would end without a word of which. */
function timer(seconds: number, act: () => void): Disposable {
  const handle = setTimeout(act, seconds * 1000);
  return { [Symbol.dispose]: () => clearTimeout(handle) };
}
