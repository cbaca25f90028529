import { fstatSync, readdirSync } from 'node:fs';
import { availableParallelism, freemem, totalmem } from 'node:os';
import type { Machine } from './snapshot.ts';

/** A stream of text that may be a terminal: what is used of `process.stderr`. */
export interface TerminalStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string, written?: (error?: Error | null) => void): boolean;
  on(event: 'error' | 'resize', listener: () => void): unknown;
  off(event: 'error' | 'resize', listener: () => void): unknown;
  listenerCount(event: 'error' | 'resize'): number;
  getMaxListeners(): number;
  setMaxListeners(most: number): unknown;
}

/** Everything of the outside that the console uses. */
export interface Terminal {
  /** Where everything goes. */
  readonly stderr: TerminalStream;
  /** Where others print to the same terminal; absent when that goes elsewhere, such as into a file. */
  readonly stdout?: TerminalStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds, from any moment on. */
  now(): number;
  /** Calls `act` again and again, without keeping the process alive. @returns how to end that */
  every(ms: number, act: () => void): () => void;
  /** Calls `act` when the process exits. @returns how to call that off */
  onExit(act: () => void): () => void;
  /** Calls `act` when the process goes on after it was stopped, as by Ctrl-Z and `fg`. @returns how to call that off */
  onResume(act: () => void): () => void;
  machine(): Machine;
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { stderr, stdout, env } = process;
  return {
    stderr,
    ...(isSame(1, 2) ? { stdout } : {}),
    env,
    now: () => performance.now(),
    every(ms, act) {
      const timer = setInterval(act, ms).unref();
      return () => clearInterval(timer);
    },
    onExit(act) {
      process.on('exit', act);
      return () => process.off('exit', act);
    },
    onResume(act) {
      process.on('SIGCONT', act);
      return () => process.off('SIGCONT', act);
    },
    machine: thisMachine,
  };
}

/** Whether two descriptors are one device. Windows does not say; there both are the console whenever they are terminals. */
function isSame(a: number, b: number): boolean {
  try {
    const [one, two] = [fstatSync(a), fstatSync(b)];
    return process.platform === 'win32' ? process.stdout.isTTY : one.dev === two.dev && one.ino === two.ino && one.rdev === two.rdev;
  } catch {
    return false; // one of them is closed
  }
}

let gpus: number | undefined;

/** What this machine has, or the container when that has less. */
function thisMachine(): Machine {
  const limit = process.constrainedMemory(); // 0 or beyond all memory: none
  const total = limit > 0 && limit < totalmem() ? limit : totalmem();
  const free = total === limit ? process.availableMemory() : freemem();
  return { memory: { used: Math.max(0, total - free), total }, cpus: availableParallelism(), gpus: (gpus ??= countGpus()) };
}

/** NVIDIA's driver lists them on Linux; elsewhere nobody says. */
function countGpus(): number {
  try {
    return readdirSync('/proc/driver/nvidia/gpus').length;
  } catch {
    return 0;
  }
}

/** Whether a table can be drawn anew in place. */
export function isLive({ stderr, env }: Terminal): boolean {
  return stderr.isTTY === true && env['TERM'] !== 'dumb' && !isOn(env['CI']);
}

/** `NO_COLOR` wins; `FORCE_COLOR` colours what goes into a pipe, or with 0 nothing. */
export function hasColor({ stderr, env }: Terminal): boolean {
  const { NO_COLOR: none, FORCE_COLOR: forced } = env;
  if (none !== undefined && none !== '') return false;
  return forced === undefined ? stderr.isTTY === true && env['TERM'] !== 'dumb' : isOn(forced) || forced === '';
}

const isOn = (value: string | undefined): boolean => value !== undefined && !['', '0', 'false'].includes(value);
