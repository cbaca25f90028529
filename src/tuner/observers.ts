import type { JournalLine } from '../trial/events.ts';
import type { Callback, ExperimentView } from '../watch/callback.ts';

/** Everyone who watches: told of each line after it is written. A callback that throws is a warning, and goes on being told. */
export interface Observers extends AsyncDisposable {
  observe(line: JournalLine, view: ExperimentView): void;
}

export function observers(callbacks: readonly Callback[], warn: (message: string) => void): Observers {
  const pending = new Set<Promise<void>>();
  const failed = (name: string) => (error: unknown) => warn(`callback "${name}" threw: ${error instanceof Error ? error.message : String(error)}`);
  return {
    observe(line, view) {
      for (const callback of callbacks) {
        try {
          const result = callback.onEvent(line, view);
          if (result === undefined) continue;
          const settled: Promise<void> = Promise.resolve(result)
            .catch(failed(callback.name))
            .finally(() => pending.delete(settled));
          pending.add(settled);
        } catch (error) {
          failed(callback.name)(error);
        }
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(pending);
      for (const callback of callbacks) {
        try {
          await callback[Symbol.asyncDispose]?.();
        } catch (error) {
          failed(callback.name)(error);
        }
      }
    },
  };
}
