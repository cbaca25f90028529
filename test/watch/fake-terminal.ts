import { EventEmitter } from 'node:events';
import type { Machine } from '../../src/watch/snapshot.ts';
import type { Terminal } from '../../src/watch/terminal.ts';

const GIB = 2 ** 30;

/** A stream that remembers what was written to it, and can lose its reader. */
export class FakeStream extends EventEmitter {
  isTTY = false;
  columns = 80;
  rows = 24;
  isClosed = false;
  text = '';
  onText: ((text: string) => void) | undefined;

  write(chunk: unknown, ...rest: unknown[]): boolean {
    const written = rest.find((part) => typeof part === 'function') as ((error?: Error) => void) | undefined;
    if (this.isClosed) {
      const error = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
      process.nextTick(() => {
        written?.(error);
        this.emit('error', error);
      });
      return false;
    }
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array).toString();
    this.text += text;
    this.onText?.(text);
    if (written) process.nextTick(written);
    return true;
  }

  /** What was written since the last call. */
  taken(): string {
    const { text } = this;
    this.text = '';
    return text;
  }
}

/** The outside, in the hands of a test: its clock stands still, and its timers fire when they are told to. */
export interface FakeTerminal extends Terminal {
  readonly stderr: FakeStream;
  readonly stdout: FakeStream;
  /** Lets `ms` milliseconds pass, then calls everything that waits for a time. */
  pass(ms: number): void;
  exit(): void;
  resume(): void;
  /** How much has not been called off. */
  listeners(): number;
}

export function fakeTerminal(env: Terminal['env'] = {}, isTTY = false): FakeTerminal {
  const timers = new Set<() => void>();
  const exits = new Set<() => void>();
  const resumes = new Set<() => void>();
  let now = 5000;
  const added = (set: Set<() => void>, act: () => void) => {
    set.add(act);
    return () => set.delete(act);
  };
  const stream = () => Object.assign(new FakeStream(), { isTTY });
  const machine: Machine = { memory: { used: 4 * GIB, total: 16 * GIB }, cpus: 8, gpus: 1 };
  return {
    stderr: stream(),
    stdout: stream(),
    env,
    now: () => now,
    every: (_, act) => added(timers, act),
    onExit: (act) => added(exits, act),
    onResume: (act) => added(resumes, act),
    machine: () => machine,
    pass(ms) {
      now += ms;
      for (const act of timers) act();
    },
    exit() {
      for (const act of exits) act();
    },
    resume() {
      for (const act of resumes) act();
    },
    listeners: () => timers.size + exits.size + resumes.size,
  };
}
