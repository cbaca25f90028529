import type { MessagePort } from 'node:worker_threads';
import { AttuneError } from '../base/errors.ts';
import type { DrivenTrial } from '../trainable/driver.ts';
import type { ErrorData } from '../trial/events.ts';
import type { RunId } from '../trial/ids.ts';
import type { Answer, Ended, ExecutorEvent, Run } from './executor.ts';

/** The wire between host and worker, both ways; nobody else builds a message. What a worker sends is outside data: user code runs there. */

/** A worker's first message, once: the port over which its trials talk. */
export interface Hello {
  readonly attune: 'hello';
  readonly thread: number;
  readonly port: MessagePort;
}

/** Where a worker finds a trainable. */
export interface Target {
  readonly module: string;
  readonly name: string;
  /** The tsx to import the module with, where Node cannot: the URL of its package.json. */
  readonly tsx?: string;
}

/** One run, as the pool hands it to a worker. It is answered with a `TaskResult` when the run has ended. */
export interface Task {
  readonly run: RunId;
  readonly target: Target;
  readonly trial: DrivenTrial;
  readonly flags: SharedArrayBuffer;
  /** What it prints is to be shown on standard error too. */
  readonly echo: boolean;
}

export interface TaskResult {
  readonly thread: number;
  readonly ended: Ended;
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

/** Worker to host, while a run is going on. `started` is left out by a run that ends at once. */
export type FromWorker = { readonly kind: 'started'; readonly run: RunId; readonly thread: number } | Exclude<ExecutorEvent, { kind: 'started' | 'ended' }>;

export function taskOf(run: Run, target: Target, flags: RunFlags, echo = false): Task {
  const { id, name, config, dir, step, seed, resources } = run;
  const { checkpoint, manifest, metric, device } = run;
  return {
    run: run.run,
    target,
    flags: flags.buffer,
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

const FROM_WORKER = { started: true, reported: true, checkpointed: true, warned: true } as const satisfies Record<FromWorker['kind'], true>;
const TO_WORKER = { answer: true, stop: true } as const satisfies Record<ToWorker['kind'], true>;
const HOWS = { completed: true, paused: true, stopped: true, failed: true, damaged: true } as const satisfies Record<Ended['how'], true>;

/** `undefined` for what is no message of ours. */
export function parseFromWorker(message: unknown): FromWorker | undefined {
  return isMessage(message, FROM_WORKER) ? (message as unknown as FromWorker) : undefined;
}

export function parseToWorker(message: unknown): ToWorker | undefined {
  return isMessage(message, TO_WORKER) ? (message as unknown as ToWorker) : undefined;
}

export function parseTask(message: unknown): Task {
  if (isObject(message) && typeof message['run'] === 'number' && isObject(message['trial']) && message['flags'] instanceof SharedArrayBuffer) {
    return message as unknown as Task;
  }
  throw new Error('attune: a worker was handed something that is no task.');
}

export function parseResult(message: unknown): TaskResult | undefined {
  if (!isObject(message) || typeof message['thread'] !== 'number') return undefined;
  const { ended } = message;
  return isObject(ended) && typeof ended['run'] === 'number' && String(ended['how']) in HOWS ? (message as unknown as TaskResult) : undefined;
}

function isMessage(message: unknown, kinds: Readonly<Record<string, true>>): boolean {
  return isObject(message) && typeof message['run'] === 'number' && typeof message['kind'] === 'string' && Object.hasOwn(kinds, message['kind']);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/**
 * What both sides see of one run at once, without a message: a worker that never turns its event loop can still find
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
