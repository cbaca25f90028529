import type { ExecutorEvent } from '../execute/executor.ts';
import type { Suggestion } from '../search/searcher.ts';
import type { ExperimentEvent } from '../trial/events.ts';

/** Everything that can wake the loop. */
export type Message =
  | { readonly kind: 'batch'; readonly events: readonly ExecutorEvent[] }
  | { readonly kind: 'suggested'; readonly suggestion: Suggestion }
  | { readonly kind: 'searcher-failed'; readonly error: unknown }
  | { readonly kind: 'executor-failed'; readonly error: unknown }
  /** The journal can no longer be written. */
  | { readonly kind: 'storage-failed'; readonly error: unknown }
  /** From outside: `enqueued`, `controlled`, `halted`. */
  | { readonly kind: 'told'; readonly event: ExperimentEvent }
  /** Something changed that no message says: more slots. */
  | { readonly kind: 'woken' };

/** One queue with one reader: whatever happens is put here, so the loop awaits one thing. */
export interface Inbox {
  put(message: Message): void;
  /** Everything that waits, at least one; resolves when there is something. */
  take(): Promise<readonly Message[]>;
}

export function inbox(): Inbox {
  let waiting: Message[] = [];
  let wake: (() => void) | undefined;
  return {
    put(message) {
      waiting.push(message);
      wake?.();
    },
    async take() {
      if (waiting.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      wake = undefined;
      const taken = waiting;
      waiting = [];
      return taken;
    },
  };
}
