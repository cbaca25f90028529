import { listen } from '../base/listen.ts';
import type { Inbox } from './inbox.ts';

/** 128 and the number of the signal: what a shell says of a process that it ended. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** What listens while a run goes on. */
export interface Halting extends Disposable {
  /** Resolves once somebody has asked for the end; never rejects. */
  readonly asked: Promise<void>;
}

/**
 * The first SIGINT or SIGTERM asks the run to end: trials are told, the journal is closed, `fit()` resolves, and a
 * restore goes on from there. The second ends the process as if nobody listened. A SIGHUP, which tells that the terminal
 * was closed, ends nothing: the run goes on without one. When it is over, the exit code is that of the signal, unless the
 * script has set one.
 */
export function haltOnSignals(inbox: Inbox, abort: AbortSignal | undefined, handleSignals: boolean): Halting {
  let wasAsked = (): void => {};
  const asked = new Promise<void>((resolve) => (wasAsked = resolve));
  const halt = (by: string, reason: string): void => {
    inbox.put({ kind: 'told', event: { kind: 'halted', by, reason, interrupt: true } });
    wasAsked();
  };
  let received: keyof typeof EXIT_CODES | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (received !== undefined) {
      unlisten();
      process.kill(process.pid, signal); // now that nobody listens; one that comes right after the first would else be lost
      return;
    }
    received = signal as keyof typeof EXIT_CODES;
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
    asked,
    [Symbol.dispose]() {
      unlisten();
      hangUp?.();
      abort?.removeEventListener('abort', onAbort);
      if (received !== undefined) process.exitCode ??= EXIT_CODES[received];
    },
  };
}
