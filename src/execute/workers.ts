import type { Where } from '../trial/events.ts';
import type { Device } from './devices/device.ts';
import type { Ended } from './executor.ts';
import type { FromWorker, ProbeResult, Target, Task, ToWorker } from './protocol.ts';
import type { Fate } from './worker-death.ts';

/** A run in the hands of a worker, or of one that is being made for it. */
export interface Assignment {
  /** When user code began, in milliseconds of `Date.now()`; `undefined` while it has not. */
  readonly began: number | undefined;
  /** Where it runs; of no meaning before it began. */
  readonly place: Where;
  /** Never rejects. Everything that the run said before has been received when it resolves. */
  readonly fate: Promise<Fate<Ended>>;
  /** Never throws; lost when the worker is gone. */
  post(message: ToWorker): void;
  /** Ends the worker, whatever it does. */
  kill(): void;
}

/** What a worker computes on. */
export interface Seat {
  readonly devices: readonly Device[];
  /** Nothing else is to be in the memory of these devices. */
  readonly alone?: true;
}

/** Warm places for runs: threads or processes. They start as runs come, and each serves one run after another. */
export interface Workers {
  /** Has a first worker import the trainable, where a run with this seat would. Never rejects. */
  probe(target: Target, seat: Seat): Promise<Fate<ProbeResult>>;
  /** @param receive - called with what the run says */
  assign(task: Task, seat: Seat, receive: (message: FromWorker) => void): Assignment;
  /** Ends them, whatever they do. */
  close(): Promise<void>;
}
