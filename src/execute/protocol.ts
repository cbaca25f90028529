import type { MessagePort } from 'node:worker_threads';
import { AttuneError } from '../base/errors.ts';
import type { DrivenTrial } from '../trainable/driver.ts';
import type { ErrorData } from '../trial/events.ts';
import type { RunId } from '../trial/ids.ts';
import type { Answer, Ended, ExecutorEvent, Run } from './executor.ts';

/**
 * The wire between host and worker, both ways; nobody else builds a message. What a worker sends is outside data: user code
 * runs there. To a thread the messages are cloned, to a process they are frames (`frames.ts`), so what crosses is JSON, but
 * for the memory that threads share.
 */

/** A thread's first message, once: the port over which its trials talk. */
export interface Hello {
  readonly attune: 'hello';
  readonly thread: number;
  readonly port: MessagePort;
  /** The most that V8 may keep in this thread, in megabytes. */
  readonly heapMb: number;
}

/** Where a worker finds a trainable. */
export interface Target {
  readonly module: string;
  readonly name: string;
  /** The executor, for messages: `threads`. */
  readonly by: string;
  /** The tsx to import the module with, where Node cannot: the URL of its package.json. */
  readonly tsx?: string;
}

/** One run, as the pool hands it to a worker. It is answered with its end. */
export interface Task {
  readonly run: RunId;
  readonly target: Target;
  readonly trial: DrivenTrial;
  /** What it prints is to be shown on standard error too. */
  readonly echo: boolean;
}

export interface ThreadTask extends Task {
  readonly flags: SharedArrayBuffer;
}

/** Why a worker cannot reach a trainable: the parts of an `AttuneError`. */
export interface Unreachable {
  readonly problem: string;
  readonly hint?: string;
  readonly cause?: ErrorData;
}

/** Whether a worker can reach a trainable. */
export interface ProbeResult {
  readonly unreachable?: Unreachable;
}

export function unreachableError({ problem, ...rest }: Unreachable): AttuneError {
  return new AttuneError('TRAINABLE_UNREACHABLE', problem, rest);
}

/** Host to worker, while a run is going on. */
export type ToWorker =
  | { readonly kind: 'answer'; readonly run: RunId; readonly answer: Answer }
  | { readonly kind: 'stop'; readonly run: RunId; readonly reason: string };

/** Worker to host, while a run is going on. `started`: user code begins now; a thread leaves it out for a run that ends at once. */
export type FromWorker = { readonly kind: 'started'; readonly run: RunId } | Exclude<ExecutorEvent, { kind: 'started' | 'ended' }>;

/** Worker thread to host. `worn`, in place of the result of its task: the thread should run no other trial. */
export type FromThread = FromWorker | { readonly kind: 'worn'; readonly run: RunId; readonly ended: Ended };

/** A thread to its host, of what all threads share under a name: it asks; told to load it, it gives that, or has failed to. */
export type ToShare = { readonly share: string; readonly kind: 'ask' | 'give' | 'fail'; readonly value?: unknown };

/** Host to thread: load it, or here it is. */
export type FromShare = { readonly share: string; readonly kind: 'load' | 'given'; readonly value?: unknown };

/** Host to worker process. `close`: there will be no more runs; without it the end of the channel means that the host is gone. */
export type ToProcess =
  | { readonly kind: 'probe'; readonly target: Target }
  | { readonly kind: 'task'; readonly task: Task }
  | { readonly kind: 'close' }
  | ToWorker;

/** Worker process to host: its first message is `hello`. */
export type FromProcess =
  | { readonly kind: 'hello'; readonly pid: number; readonly host: string; readonly heapMb: number }
  | { readonly kind: 'probed'; readonly result: ProbeResult }
  /** Something for the console of the script. */
  | { readonly kind: 'print'; readonly text: string }
  /** Nobody has caught this: unless user code handles it, the process ends now. */
  | { readonly kind: 'uncaught'; readonly error: ErrorData }
  /** It has more memory than it may, in megabytes, and ends now. */
  | { readonly kind: 'memory'; readonly mb: number }
  /** `worn`: it has kept so much memory that another trial should have a new process. */
  | { readonly kind: 'done'; readonly ended: Ended; readonly worn?: true }
  | FromWorker;

/** @param given - what the executor gives to this run beyond what it was asked to */
export function taskOf(run: Run, target: Target, given: { readonly echo?: boolean; readonly device?: string | undefined; readonly cpu?: number } = {}): Task {
  const { id, name, config, dir, step, seed } = run;
  const { checkpoint, manifest, metric } = run;
  const { echo = false, device = run.device, cpu } = given;
  const resources = cpu === undefined ? run.resources : { ...run.resources, cpu };
  return {
    run: run.run,
    target,
    echo,
    trial: {
      ...{ id, name, config, dir, step, seed, resources },
      ...(checkpoint === undefined ? {} : { checkpoint }),
      ...(manifest === undefined ? {} : { manifest }),
      ...(metric === undefined ? {} : { metric }),
      ...(device === undefined ? {} : { device }),
    },
  };
}

export function parseHello(message: unknown): Hello | undefined {
  return isObject(message) && message['attune'] === 'hello' && typeof message['thread'] === 'number' ? (message as unknown as Hello) : undefined;
}

const TO_WORKER = { answer: true, stop: true } as const satisfies Record<ToWorker['kind'], true>;
const FROM_WORKER = { started: true, reported: true, checkpointed: true, warned: true } as const satisfies Record<FromWorker['kind'], true>;
const TO_PROCESS = { probe: true, task: true, close: true } as const satisfies Record<Exclude<ToProcess, ToWorker>['kind'], true>;
const FROM_PROCESS = { hello: true, probed: true, print: true, uncaught: true, memory: true, done: true } as const satisfies Record<
  Exclude<FromProcess, FromWorker>['kind'],
  true
>;
const HOWS = { completed: true, paused: true, stopped: true, failed: true, damaged: true } as const satisfies Record<Ended['how'], true>;

/** `undefined` for what is no message of ours. */
export function parseFromWorker(message: unknown): FromWorker | undefined {
  return isMessage(message, FROM_WORKER) ? (message as unknown as FromWorker) : undefined;
}

export function parseFromThread(message: unknown): FromThread | undefined {
  if (!isMessage(message, { worn: true })) return parseFromWorker(message);
  const { run, ended } = message as { run?: unknown; ended?: unknown };
  return parseEnded(ended)?.run === run ? (message as unknown as FromThread) : undefined;
}

export function parseToWorker(message: unknown): ToWorker | undefined {
  return isMessage(message, TO_WORKER) ? (message as unknown as ToWorker) : undefined;
}

export function parseToShare(message: unknown): ToShare | undefined {
  return isShare(message, ['ask', 'give', 'fail']) ? (message as unknown as ToShare) : undefined;
}

export function parseFromShare(message: unknown): FromShare | undefined {
  return isShare(message, ['load', 'given']) ? (message as unknown as FromShare) : undefined;
}

export function parseToProcess(message: unknown): ToProcess | undefined {
  return parseToWorker(message) ?? (isKind(message, TO_PROCESS) ? (message as unknown as ToProcess) : undefined);
}

export function parseFromProcess(message: unknown): FromProcess | undefined {
  const known = parseFromWorker(message) ?? (isKind(message, FROM_PROCESS) ? (message as unknown as FromProcess) : undefined);
  return known?.kind === 'done' && parseEnded(known.ended) === undefined ? undefined : known;
}

export function parseTask(message: unknown): ThreadTask {
  if (isObject(message) && typeof message['run'] === 'number' && isObject(message['trial']) && message['flags'] instanceof SharedArrayBuffer) {
    return message as unknown as ThreadTask;
  }
  throw new Error('attune: a worker was handed something that is no task.');
}

export function parseEnded(message: unknown): Ended | undefined {
  return isObject(message) && typeof message['run'] === 'number' && String(message['how']) in HOWS ? (message as unknown as Ended) : undefined;
}

function isMessage(message: unknown, kinds: Readonly<Record<string, true>>): boolean {
  return isKind(message, kinds) && typeof message['run'] === 'number';
}

function isKind(message: unknown, kinds: Readonly<Record<string, true>>): message is Record<string, unknown> {
  return isObject(message) && typeof message['kind'] === 'string' && Object.hasOwn(kinds, message['kind']);
}

function isShare(message: unknown, kinds: readonly string[]): boolean {
  return isObject(message) && typeof message['share'] === 'string' && kinds.includes(String(message['kind']));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/**
 * What both sides see of one run in a thread at once, without a message: a worker that never turns its event loop can still find
 * out that it should stop, and its host since when it runs, and where.
 */
export class RunFlags {
  readonly buffer: SharedArrayBuffer;
  private readonly words: Int32Array;
  private readonly times: Float64Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(16)) {
    this.buffer = buffer;
    this.words = new Int32Array(buffer, 0, 2);
    this.times = new Float64Array(buffer, 8, 1);
  }

  /** Host: the run should stop. */
  raise(): void {
    Atomics.store(this.words, 0, 1);
  }

  get raised(): boolean {
    return Atomics.load(this.words, 0) === 1;
  }

  /** Worker: its thread has the run, and hands it to user code now. */
  begin(thread: number, at: number): void {
    this.times[0] = at;
    Atomics.store(this.words, 1, thread);
  }

  /** The thread that has the run; 0 while none has. */
  get thread(): number {
    return Atomics.load(this.words, 1);
  }

  /** When user code began, in milliseconds since the epoch. */
  get began(): number | undefined {
    return this.thread === 0 ? undefined : this.times[0];
  }
}
