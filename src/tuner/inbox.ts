import { AttuneError } from '../base/errors.ts';
import type { ExecutorEvent } from '../execute/executor.ts';
import type { Suggestion } from '../search/searcher.ts';
import type { Config } from '../space/config.ts';
import type { ExperimentEvent } from '../trial/events.ts';
import type { Control } from '../trial/lifecycle.ts';

/** Everything that can wake the loop. */
export type Message =
  | { readonly kind: 'batch'; readonly events: readonly ExecutorEvent[] }
  | { readonly kind: 'suggested'; readonly suggestion: Suggestion }
  | { readonly kind: 'searcher-failed'; readonly error: unknown }
  | { readonly kind: 'executor-failed'; readonly error: unknown }
  /** The journal can no longer be written. */
  | { readonly kind: 'storage-failed'; readonly error: unknown }
  /** From outside: `halted`. */
  | { readonly kind: 'told'; readonly event: ExperimentEvent }
  | Ordered
  /** Something changed that no message says: more slots. */
  | { readonly kind: 'woken' };

/** What a hand asks for: something of a trial (`id` as people see it), one more trial, or the end of the run. */
export type Order =
  | { readonly kind: Control; readonly id: string; readonly reason: string }
  | { readonly kind: 'enqueue'; readonly config: Config }
  | { readonly kind: 'end'; readonly reason: string };

export interface Ordered {
  readonly kind: 'ordered';
  readonly order: Order;
  /** It is written. @param id - of the trial that it is about, or empty */
  accept(id: string): void;
  refuse(error: unknown): void;
}

/** One queue with one reader: whatever happens is put here, so the loop awaits one thing. */
export interface Inbox {
  put(message: Message): void;
  /** Puts an order; resolves once it is written, and rejects when it is refused, or the inbox closed first. */
  order(order: Order): Promise<string>;
  /** Everything that waits, at least one; resolves when there is something. */
  take(): Promise<readonly Message[]>;
  /** Everything that waits now. */
  drain(): readonly Message[];
  /** Nobody reads any more: orders that are not written, and all later ones, are refused. */
  close(): void;
  readonly closed: boolean;
}

export function inbox(): Inbox {
  let waiting: Message[] = [];
  let wake: (() => void) | undefined;
  let closed = false;
  const unanswered = new Set<(error: unknown) => void>();

  const put = (message: Message): void => {
    waiting.push(message);
    wake?.();
  };
  const drain = (): readonly Message[] => {
    const taken = waiting;
    waiting = [];
    return taken;
  };
  return {
    put,
    drain,
    order: (order) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(isOver(order));
        const refuse = (error: unknown): void => {
          unanswered.delete(refuse);
          reject(error as Error);
        };
        const accept = (id: string): void => {
          unanswered.delete(refuse);
          resolve(id);
        };
        unanswered.add(refuse);
        put({ kind: 'ordered', order, accept, refuse });
      }),
    async take() {
      if (waiting.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      wake = undefined;
      return drain();
    },
    close() {
      closed = true;
      waiting = [];
      for (const refuse of unanswered) refuse(isOver());
    },
    get closed() {
      return closed;
    },
  };
}

const isOver = (order?: Order): AttuneError =>
  new AttuneError('NOT_RUN', `${order?.kind === 'enqueue' ? 'enqueue()' : 'tuner'}: expected a run that goes on, got one that is over.`, {
    hint: 'Use Tuner.restore first, then fit().',
  });
