import { renameSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { systemClock } from '../base/clock.ts';

/** How long a rename is tried again, in milliseconds. */
const PATIENCE_MS = 1000;
const FIRST_DELAY_MS = 10;

/** A clock and a way to wait. */
export interface Patience<W extends void | Promise<void>> {
  /** Milliseconds. */
  now(): number;
  wait(ms: number): W;
}

const awaiting: Patience<Promise<void>> = { now: systemClock.now, wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) };
const blocking: Patience<void> = { now: systemClock.now, wait: (ms) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms) };

/**
 * Renames, and for a second does so again while the system says EPERM or EBUSY: on Windows a virus scanner or an indexer may be
 * looking at what has just been written.
 *
 * @throws what the file system throws
 */
export async function renamePatiently(from: string, to: string, patience: Patience<Promise<void>> = awaiting): Promise<void> {
  const delays = delaysFrom(patience);
  for (;;) {
    try {
      await rename(from, to);
      return;
    } catch (error) {
      await patience.wait(delays(error));
    }
  }
}

/** `renamePatiently` that blocks: for small files. */
export function renamePatientlyNow(from: string, to: string, patience: Patience<void> = blocking): void {
  const delays = delaysFrom(patience);
  for (;;) {
    try {
      renameSync(from, to);
      return;
    } catch (error) {
      patience.wait(delays(error));
    }
  }
}

/** How long to wait after an error; throws it when it does not pass by waiting, or the time is over. */
function delaysFrom(clock: Pick<Patience<void>, 'now'>): (error: unknown) => number {
  const end = clock.now() + PATIENCE_MS;
  let delay = FIRST_DELAY_MS;
  return (error) => {
    const { code } = error as NodeJS.ErrnoException;
    const left = end - clock.now();
    if ((code !== 'EPERM' && code !== 'EBUSY') || left <= 0) throw error;
    const wait = Math.min(delay, left);
    delay *= 2;
    return wait;
  };
}
