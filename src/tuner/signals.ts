import type { Inbox } from './inbox.ts';

/**
 * The first SIGINT or SIGTERM asks the run to end: trials are told, the journal is closed, `fit()` resolves, and a
 * restore goes on from there. The second ends the process as if nobody listened.
 */
export function haltOnSignals(inbox: Inbox, abort: AbortSignal | undefined, listen: boolean): Disposable {
  const halt = (by: string, reason: string): void => inbox.put({ kind: 'told', event: { kind: 'halted', by, reason, interrupt: true } });
  const onSignal = (signal: NodeJS.Signals): void => {
    unlisten();
    halt(signal, `${signal} was received`);
  };
  const unlisten = (): void => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
  const onAbort = (): void => halt('signal', abort?.reason instanceof Error ? abort.reason.message : 'fit() was aborted');
  if (listen) {
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  }
  abort?.addEventListener('abort', onAbort, { once: true });
  if (abort?.aborted) onAbort();
  return {
    [Symbol.dispose]() {
      unlisten();
      abort?.removeEventListener('abort', onAbort);
    },
  };
}
