import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { encodeFrame, FrameReader } from './frames.ts';
import { killGroup } from './kill-group.ts';
import { type FromProcess, parseFromProcess, type ToProcess } from './protocol.ts';

/** How to start a worker process. */
export interface Launch {
  /** Options of Node. */
  readonly flags: readonly string[];
  /** The program, `process-worker.js`. */
  readonly file: string;
  /** On top of the environment of this process; `undefined` takes a variable away. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The most resident memory, in megabytes of 2^20 bytes; 0: any. */
  readonly memoryMb: number;
}

/** How a process came to its end. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** In words: `exit code 3`, `signal SIGSEGV`. */
  readonly why: string;
}

export interface ProcessEvents {
  message(message: FromProcess): void;
  /** What native code, or a process that it started, wrote past Node. */
  print(file: 'stdout' | 'stderr', bytes: Uint8Array): void;
  /** It is gone, and everything that it said has been received. Called once. */
  exit(exit: Exit): void;
}

/** Where its frames go in and out. Not standard input and output: what a trial starts may inherit those, and read or write there. */
const FRAMES_IN = 3;
const FRAMES_OUT = 4;

/** What it wrote before it died has arrived by then, unless something that outlives it holds the other end of the pipe. */
const LAST_WORDS_MS = 1000;

/**
 * One worker process, at the head of a group and session of its own: the terminal's Ctrl-C does not reach it, and what it
 * starts ends with it. It ends when this process does, however that comes about. Keeps this process alive only while `hold` says so.
 */
export class WorkerProcess {
  private readonly child: ChildProcess;
  private readonly events: ProcessEvents;
  private readonly gone: Promise<void>;
  private spoiled: string | undefined;

  /** @throws what `spawn` does at once, such as for an environment that is too large */
  constructor({ flags, file, env, memoryMb }: Launch, events: ProcessEvents) {
    this.events = events;
    this.child = spawn(process.execPath, [...flags, file, ...[FRAMES_IN, FRAMES_OUT, memoryMb, process.pid].map(String)], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32', // a session of its own
      windowsHide: true,
    });
    this.gone = new Promise((resolve) => this.whenGone(resolve));
    for (const stream of this.streams) {
      stream.on('error', () => {}); // it is gone, or going: `exit` says so
      (stream as { unref?: () => void }).unref?.();
    }
    this.child.stdout?.on('data', (bytes: Uint8Array) => events.print('stdout', bytes));
    this.child.stderr?.on('data', (bytes: Uint8Array) => events.print('stderr', bytes));
    const frames = new FrameReader();
    this.stream(FRAMES_OUT)?.on('data', (bytes: Uint8Array) => this.take(frames, bytes));
    this.hold(false);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  send(message: ToProcess): void {
    this.stream(FRAMES_IN)?.write(encodeFrame(message));
  }

  /** Whether this process is to stay alive for it. */
  hold(yes: boolean): void {
    if (yes) this.child.ref();
    else this.child.unref();
  }

  /** Ends it, with all that it started, whatever it does. */
  kill(): void {
    const { pid, exitCode, signalCode } = this.child;
    if (pid !== undefined && exitCode === null && signalCode === null) killGroup(pid);
  }

  /** Lets it exit by itself, which it does when it has nothing to do; by force after `graceS` seconds. Resolves when it is gone. */
  async close(graceS: number): Promise<void> {
    this.hold(false);
    this.send({ kind: 'close' });
    const timer = setTimeout(() => this.kill(), graceS * 1000); // this process stays alive for it
    await this.gone;
    clearTimeout(timer);
  }

  /** None, when the system had no room for them. */
  private get streams(): readonly (Readable | Writable)[] {
    const { stdio } = this.child as { stdio?: ChildProcess['stdio'] };
    return [...(stdio ?? [])].filter((stream) => stream !== null && stream !== undefined);
  }

  private stream(fd: typeof FRAMES_IN): Writable | undefined;
  private stream(fd: typeof FRAMES_OUT): Readable | undefined;
  private stream(fd: 3 | 4): unknown {
    return (this.child as { stdio?: ChildProcess['stdio'] }).stdio?.[fd] ?? undefined;
  }

  private take(frames: FrameReader, bytes: Uint8Array): void {
    for (const found of frames.take(bytes)) {
      if ('foreign' in found) this.events.print('stdout', found.foreign);
      else if ('corrupt' in found) this.spoil(found.corrupt);
      else {
        const message = parseFromProcess(found.message);
        if (message) this.events.message(message);
        else this.spoil(JSON.stringify(found.message));
      }
    }
  }

  /** An answer may be missing now, for which a trial would wait for ever. */
  private spoil(text: string): void {
    this.spoiled ??= `something else wrote into its messages, ${JSON.stringify(text.slice(0, 80))}`;
    this.kill();
  }

  private whenGone(resolve: () => void): void {
    const { child } = this;
    let exit: Exit | undefined;
    let late: NodeJS.Timeout | undefined;
    const finish = (): void => {
      clearTimeout(late);
      if (exit === undefined) return;
      const last = exit;
      exit = undefined;
      for (const stream of this.streams) stream.destroy();
      this.events.exit(last);
      resolve();
    };
    child.on('exit', (code, signal) => {
      if (child.pid !== undefined) killGroup(child.pid); // what it has started and left behind
      exit = { code, signal, why: this.spoiled ?? (signal === null ? `exit code ${code}` : `signal ${signal}`) };
      late = setTimeout(finish, LAST_WORDS_MS);
    });
    child.on('close', finish);
    child.on('error', (error) => {
      if (child.pid !== undefined) return; // a signal that could not be sent
      exit = { code: null, signal: null, why: error.message };
      finish();
    });
  }
}
