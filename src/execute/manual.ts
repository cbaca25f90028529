import { hostname } from 'node:os';
import { threadId } from 'node:worker_threads';
import { type Channel, channel } from '../base/channel.ts';
import type { JsonObject } from '../base/json.ts';
import { toErrorData } from '../trial/error-data.ts';
import type { RunId } from '../trial/ids.ts';
import type { Answer, Executor, ExecutorEvent, Run } from './executor.ts';
import { turn } from './turn.ts';

/** An executor whose worker is whoever asks: it starts a trial for each `take`, and its reports come from outside. */
export interface Manual extends Executor {
  /** The next trial; `undefined` when there is none any more. */
  take(): Promise<Run | undefined>;
  /** One report. Resolves with what the scheduler decided; after `stop` or `pause` the run has ended. */
  report(run: RunId, metrics: JsonObject): Promise<Answer>;
  /** The end of a run, with its last metrics or what was thrown. */
  end(run: RunId, result: { readonly metrics?: JsonObject } | { readonly error: unknown }): void;
  /** There is no trial any more: whoever waits in `take` gets `undefined`. */
  exhaust(): void;
}

interface Flight {
  step: number;
  since: number;
  answer: ((answer: Answer) => void) | undefined;
}

/** For loops written by hand: `tuner.ask()` and `tuner.tell()`. The same loop, journal and schedulers, with you as the worker. */
export function manual(onDemand: () => void): Manual {
  return new HandDriven(onDemand);
}

class HandDriven implements Manual {
  readonly name = 'manual';
  private readonly onDemand: () => void;
  private readonly events: Channel<ExecutorEvent> = channel(turn);
  private readonly flights = new Map<RunId, Flight>();
  private readonly takers: ((run: Run | undefined) => void)[] = [];
  private over = false;

  constructor(onDemand: () => void) {
    this.onDemand = onDemand;
  }

  /** As many as are wanted: no trial starts before somebody asks for it. */
  get slots(): number {
    return this.flights.size + this.takers.length;
  }

  open(): void {}

  start(run: Run, signal: AbortSignal): void {
    this.flights.set(run.run, { step: run.step, since: performance.now(), answer: undefined });
    this.events.push({ kind: 'started', run: run.run, pid: process.pid, host: hostname(), thread: threadId });
    const stop = (): void => {
      this.flights.get(run.run)?.answer?.({ then: 'stop', reason: String((signal.reason as Error | undefined)?.message) });
      this.leave(run.run, { kind: 'ended', run: run.run, how: 'stopped' });
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    this.takers.shift()?.(run);
  }

  answer(run: RunId, answer: Answer): void {
    const flight = this.flights.get(run);
    if (flight === undefined) return;
    if (answer.then !== 'continue') this.leave(run, { kind: 'ended', run, how: answer.then === 'pause' ? 'paused' : 'stopped' });
    flight.answer?.(answer);
    flight.answer = undefined;
  }

  batches(): AsyncIterable<readonly ExecutorEvent[]> {
    return this.events;
  }

  take(): Promise<Run | undefined> {
    if (this.over) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.takers.push(resolve);
      this.onDemand();
    });
  }

  report(run: RunId, metrics: JsonObject): Promise<Answer> {
    const flight = this.flights.get(run);
    if (flight === undefined) return Promise.resolve({ then: 'stop', reason: 'the trial has ended' });
    flight.step += 1;
    this.events.push({ kind: 'reported', run, step: flight.step, metrics, seconds: lap(flight), canSave: false });
    return new Promise((resolve) => {
      flight.answer = resolve;
    });
  }

  end(run: RunId, result: { readonly metrics?: JsonObject } | { readonly error: unknown }): void {
    const flight = this.flights.get(run);
    if (flight === undefined) return; // it was stopped meanwhile
    if ('error' in result) return this.leave(run, { kind: 'ended', run, how: 'failed', error: toErrorData(result.error) });
    const { metrics } = result;
    const last = metrics === undefined ? {} : { metrics, step: flight.step + 1, seconds: lap(flight) };
    this.leave(run, { kind: 'ended', run, how: 'completed', ...last });
  }

  exhaust(): void {
    this.over = true;
    for (const taker of this.takers.splice(0)) taker(undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.exhaust();
    this.events[Symbol.dispose]();
  }

  private leave(run: RunId, event: ExecutorEvent): void {
    if (this.flights.delete(run)) this.events.push(event);
  }
}

/** Seconds since the last report, or since the start. */
function lap(flight: Flight): number {
  const now = performance.now();
  const seconds = (now - flight.since) / 1000;
  flight.since = now;
  return seconds;
}
