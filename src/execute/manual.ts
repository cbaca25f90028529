import { hostname } from 'node:os';
import { threadId } from 'node:worker_threads';
import { type Channel, channel } from '../base/channel.ts';
import type { JsonObject } from '../base/json.ts';
import { toErrorData } from '../trial/error-data.ts';
import type { RunId } from '../trial/ids.ts';
import { DEFAULT_STOP_GRACE_S } from './deadlines.ts';
import type { Answer, Executor, ExecutorEvent, ExecutorSession, Run } from './executor.ts';
import { turn } from './turn.ts';

/** An executor whose worker is whoever asks: it starts a trial for each `take`, and its reports come from outside. */
export interface Manual extends Executor {
  /** The next trial; `undefined` when there is none any more. */
  take(): Promise<Run | undefined>;
  /**
   * One report; several of one run at once are queued. Resolves with what the scheduler decided; after `stop` or `pause`
   * the run has ended, and reports that waited resolve with `stop`.
   */
  report(run: RunId, metrics: JsonObject): Promise<Answer>;
  /** The end of a run, with its last metrics or what was thrown; it waits for the reports made before. */
  end(run: RunId, result: { readonly metrics?: JsonObject } | { readonly error: unknown }): void;
  /** There is no trial any more: whoever waits in `take` gets `undefined`. */
  exhaust(): void;
}

const ENDED: Answer = { then: 'stop', reason: 'the trial has ended' };

interface Report {
  readonly event: ExecutorEvent;
  readonly resolve: (answer: Answer) => void;
}

interface Flight {
  step: number;
  since: number;
  /** Reports without an answer, oldest first; only the first has been sent. */
  readonly reports: Report[];
  /** How the run ends once its reports are answered. */
  ending: ExecutorEvent | undefined;
  /** It was told to stop: what is reported until then is taken. */
  grace: NodeJS.Timeout | undefined;
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
  private stopGraceS = DEFAULT_STOP_GRACE_S;

  constructor(onDemand: () => void) {
    this.onDemand = onDemand;
  }

  /** As many as are wanted: no trial starts before somebody asks for it. */
  get slots(): number {
    return this.flights.size + this.takers.length;
  }

  open({ stopGraceS }: ExecutorSession): void {
    this.stopGraceS = stopGraceS;
  }

  start(run: Run, signal: AbortSignal): void {
    this.flights.set(run.run, { step: run.step, since: performance.now(), reports: [], ending: undefined, grace: undefined });
    this.events.push({ kind: 'started', run: run.run, pid: process.pid, host: hostname(), thread: threadId });
    const told = (): void => {
      const flight = this.flights.get(run.run);
      if (flight) flight.grace ??= setTimeout(() => this.leave(run.run, { kind: 'ended', run: run.run, how: 'stopped' }), this.stopGraceS * 1000);
    };
    if (signal.aborted) told();
    else signal.addEventListener('abort', told, { once: true });
    this.takers.shift()?.(run);
  }

  answer(run: RunId, answer: Answer): void {
    const flight = this.flights.get(run);
    if (flight === undefined) return;
    flight.reports.shift()?.resolve(answer);
    const [next] = flight.reports;
    if (answer.then !== 'continue') this.leave(run, { kind: 'ended', run, how: answer.then === 'pause' ? 'paused' : 'stopped' });
    else if (next) this.events.push(next.event);
    else if (flight.ending) this.leave(run, flight.ending);
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
    if (flight === undefined || flight.ending) return Promise.resolve(ENDED);
    flight.step += 1;
    const event: ExecutorEvent = { kind: 'reported', run, step: flight.step, metrics, seconds: lap(flight), canSave: false };
    if (flight.reports.length === 0) this.events.push(event);
    return new Promise((resolve) => {
      flight.reports.push({ event, resolve });
    });
  }

  end(run: RunId, result: { readonly metrics?: JsonObject } | { readonly error: unknown }): void {
    const flight = this.flights.get(run);
    if (flight === undefined || flight.ending) return; // it was stopped meanwhile, or has been ended
    flight.ending = endingOf(run, flight, result);
    if (flight.reports.length === 0) this.leave(run, flight.ending);
  }

  exhaust(): void {
    this.over = true;
    for (const taker of this.takers.splice(0)) taker(undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.exhaust();
    for (const run of [...this.flights.keys()]) this.leave(run, { kind: 'ended', run, how: 'stopped' });
    this.events[Symbol.dispose]();
  }

  private leave(run: RunId, event: ExecutorEvent): void {
    const flight = this.flights.get(run);
    if (flight === undefined) return;
    this.flights.delete(run);
    clearTimeout(flight.grace);
    this.events.push(event);
    for (const { resolve } of flight.reports.splice(0)) resolve(ENDED);
  }
}

function endingOf(run: RunId, flight: Flight, result: Parameters<Manual['end']>[1]): ExecutorEvent {
  if ('error' in result) return { kind: 'ended', run, how: 'failed', error: toErrorData(result.error) };
  const { metrics } = result;
  const last = metrics === undefined ? {} : { metrics, step: flight.step + 1, seconds: lap(flight) };
  return { kind: 'ended', run, how: 'completed', ...last };
}

/** Seconds since the last report, or since the start. */
function lap(flight: Flight): number {
  const now = performance.now();
  const seconds = (now - flight.since) / 1000;
  flight.since = now;
  return seconds;
}
