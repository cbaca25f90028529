import { warn as warnUser } from '../base/warn.ts';
import { toErrorData } from '../trial/error-data.ts';
import type { ErrorData, ExperimentEvent, JournalLine } from '../trial/events.ts';
import { type Callback, type ExperimentView, hookName } from '../watch/callback.ts';
import { exhibit } from './exhibit.ts';
import { eventInWords } from './plugin-failed.ts';

/** Everyone who watches: told of each line after it is written, closed by the first disposal. Neither throws, whatever a callback does. */
export interface Observers extends AsyncDisposable {
  /** Returns at once: a callback whose promise is unsettled is told later, the others now. Always with the same `view`; see `exhibit`. */
  observe(line: JournalLine, view: ExperimentView): void;
  /** A callback has thrown elsewhere, at `line`. */
  fail(callback: Callback, error: unknown, at: Place): void;
}

/** Where a callback threw. */
export interface Place {
  readonly hook: string;
  readonly line?: JournalLine;
  /** The name of its trial. */
  readonly trial?: string | undefined;
}

type Muted = ExperimentEvent & { readonly kind: 'muted' };

/** What the observers need of the process. */
export interface ObserverOptions {
  /** @param detail - the stack of what was thrown, when it has one */
  readonly warn?: (message: string, detail?: string) => void;
  /** Told of a callback that is told nothing more, for the journal. */
  readonly mute?: (event: Muted) => void;
  /** Told and closed after all others: what it shows at the end stands last. Default: nobody. */
  readonly last?: Callback;
  /** Calls `act` once after so many seconds, unless it is disposed first. */
  readonly after?: (seconds: number, act: () => void) => Disposable;
}

/** A callback with this many events to go is warned of: they wait in memory. */
const FAR_BEHIND = 10_000;
/** The end of a run waits so long for callbacks before it says for which. */
const PATIENCE_S = 5;
const LONGEST_MESSAGE = 500;

export function observers(callbacks: readonly Callback[], { warn = warnUser, mute = () => {}, last, after = timer }: ObserverOptions = {}): Observers {
  const others = callbacks.map((callback) => new Listener(callback, warn, mute));
  const listeners = last === undefined ? others : [...others, new Listener(last, warn, mute)];
  let show: ReturnType<typeof exhibit> | undefined;
  let closed: Promise<void> | undefined;

  const close = async (): Promise<void> => {
    const open = new Set(listeners);
    using _impatience = after(PATIENCE_S, () => {
      const rest = 'The trials are over: should it never settle, (await Tuner.restore(dir, trainable)).getResults() has the results';
      for (const listener of open) warn(`the run has waited ${PATIENCE_S} s for callback "${listener.name}"${listener.toGo}. ${rest}.`);
    });
    const end = (listener: Listener): Promise<boolean> => listener.close().then(() => open.delete(listener));
    await Promise.all(others.map(end));
    await Promise.all(listeners.slice(others.length).map(end));
  };
  return {
    observe(line, view) {
      show ??= exhibit(view);
      const shown = show(line);
      for (const listener of listeners) listener.tell({ line, view: shown });
    },
    fail(callback, error, at) {
      for (const listener of listeners) if (listener.callback === callback) listener.fail(error, at);
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

/** One callback and the events that it has not been told yet. Once it has failed it is told nothing more. */
class Listener {
  readonly callback: Callback;
  readonly #warn: NonNullable<ObserverOptions['warn']>;
  readonly #mute: NonNullable<ObserverOptions['mute']>;
  /** Settles when nothing waits any more; `undefined` while nothing does. */
  #busy: Promise<void> | undefined;
  #waiting: Told[] = [];
  /** Events that wait, those that were taken out of `#waiting` to be told next included. */
  #behind = 0;
  #isFarBehind = false;
  #isOff = false;

  constructor(callback: Callback, warn: NonNullable<ObserverOptions['warn']>, mute: NonNullable<ObserverOptions['mute']>) {
    this.callback = callback;
    this.#warn = warn;
    this.#mute = mute;
  }

  get name(): string {
    return this.callback.name;
  }

  /** For a warning: how much is left to tell it. */
  get toGo(): string {
    return this.#behind > 0 ? `, which has ${this.#behind} more events to handle` : '';
  }

  tell(told: Told): void {
    if (this.#isOff) return;
    if (this.#busy !== undefined) return this.#wait(told);
    const pending = this.#call(told);
    if (pending) this.#busy = this.#catchUp(told, pending);
  }

  async close(): Promise<void> {
    await this.#busy;
    try {
      await this.callback[Symbol.asyncDispose]?.();
    } catch (error) {
      if (!this.#isOff) this.#warnOf(`callback "${this.name}" threw when it was closed`, toErrorData(error), '');
    }
  }

  /** Switches it off. */
  fail(error: unknown, { hook, line, trial }: Place): void {
    if (this.#isOff) return;
    this.#isOff = true;
    this.#waiting = [];
    this.#behind = 0;
    const data = toErrorData(error);
    const where = line === undefined ? '' : ` ${eventInWords(line.kind, trial)}`;
    this.#warnOf(`callback "${this.name}".${hook}${where} threw`, data, '; it is switched off, and the run goes on');
    this.#mute({ kind: 'muted', callback: this.name, since: line?.at ?? 0, error: data });
  }

  /** @returns what has to settle before the next event is told */
  #call({ line, view }: Told): PromiseLike<unknown> | undefined {
    try {
      const result: unknown = this.callback.onEvent(line, view);
      return isThenable(result) ? result : undefined;
    } catch (error) {
      this.#failed(error, { line, view });
      return undefined;
    }
  }

  #wait(told: Told): void {
    this.#waiting.push(told);
    this.#behind += 1;
    if (this.#behind < FAR_BEHIND || this.#isFarBehind) return;
    this.#isFarBehind = true;
    this.#warn(`callback "${this.name}" is ${FAR_BEHIND} events behind; they wait in memory, and the end of the run waits for them.`);
  }

  async #catchUp(first: Told, pending: PromiseLike<unknown>): Promise<void> {
    await this.#settled(first, pending);
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      for (const told of batch) {
        if (this.#isOff) break;
        this.#behind -= 1;
        const next = this.#call(told);
        if (next) await this.#settled(told, next);
      }
    }
    this.#busy = undefined;
  }

  async #settled(told: Told, pending: PromiseLike<unknown>): Promise<void> {
    try {
      await pending;
    } catch (error) {
      this.#failed(error, told);
    }
  }

  #failed(error: unknown, { line, view }: Told): void {
    const trial = 'trial' in line ? view.trial(line.trial)?.name : undefined;
    this.fail(error, { hook: hookName(this.callback, line.kind), line, trial });
  }

  #warnOf(what: string, data: ErrorData, rest: string): void {
    this.#warn(`${what}: ${faultText(data).slice(0, LONGEST_MESSAGE).replace(/\.$/, '')}${rest}.`, data.stack);
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
