import { listen } from '../base/listen.ts';
import type { Inbox } from './inbox.ts';

/**
 * The first SIGINT or SIGTERM asks the run to end: trials are told, the journal is closed, `fit()` resolves, and a
 * restore goes on from there. The second ends the process as if nobody listened. A SIGHUP, which tells that the terminal
 * was closed, ends nothing: the run goes on without one.
 */
export function haltOnSignals(inbox: Inbox, abort: AbortSignal | undefined, handleSignals: boolean): Disposable {
  const halt = (by: string, reason: string): void => inbox.put({ kind: 'told', event: { kind: 'halted', by, reason, interrupt: true } });
  const onSignal = (signal: NodeJS.Signals): void => {
    unlisten();
    halt(signal, `${signal} was received`);
  };
  const deadly = handleSignals ? (['SIGINT', 'SIGTERM'] as const).map((signal) => listen(process, signal, () => onSignal(signal))) : [];
  const hangUp = handleSignals ? listen(process, 'SIGHUP', () => {}) : undefined;
  const unlisten = (): void => {
    for (const end of deadly) end();
  };
  const onAbort = (): void => halt('signal', abort?.reason instanceof Error ? abort.reason.message : 'fit() was aborted');
  abort?.addEventListener('abort', onAbort, { once: true });
  if (abort?.aborted) onAbort();
  return {
    [Symbol.dispose]() {
      unlisten();
      hangUp?.();
      abort?.removeEventListener('abort', onAbort);
    },
  };
}
