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
  /** Whoever waits in `take` now is refused. */
  refuse(error: Error): void;
  /**
   * One report; several of one run at once are queued. Resolves with what the scheduler decided; with `stop` or `pause` once the
   * end of the run is written, and reports that waited then resolve with `stop`.
   */
  report(run: RunId, metrics: JsonObject, extra?: { readonly violation?: number }): Promise<Answer>;
  /**
   * The end of a run, with its last metrics or what was thrown; it waits for the reports made before.
   * @returns once the end is written; false when the experiment has broken off before
   */
  end(run: RunId, result: Result): Promise<boolean>;
  endWritten(run: RunId): void;
  /** There is no trial any more: whoever waits in `take` gets `undefined`. */
  exhaust(): void;
}

type Result = { readonly metrics?: JsonObject; readonly violation?: number } | { readonly error: unknown };

const ENDED: Answer = { then: 'stop', reason: 'the trial has ended' };

/** Called when the end of a run is written, or when nobody will write it any more. */
type Settle = (isWritten: boolean) => void;

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
  /** Whoever waits for the end of the run to be written. */
  readonly waiting: Settle[];
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
  /** Runs that have ended, until that is written. */
  private readonly leaving = new Map<RunId, Settle[]>();
  private takers: { resolve(run: Run | undefined): void; reject(error: Error): void }[] = [];
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
    this.flights.set(run.run, { step: run.step, since: performance.now(), reports: [], ending: undefined, waiting: [], grace: undefined });
    this.events.push({ kind: 'started', run: run.run, pid: process.pid, host: hostname(), thread: threadId });
    const told = (): void => {
      const flight = this.flights.get(run.run);
      if (flight) flight.grace ??= setTimeout(() => this.leave(run.run, { kind: 'ended', run: run.run, how: 'stopped' }), this.stopGraceS * 1000);
    };
    if (signal.aborted) told();
    else signal.addEventListener('abort', told, { once: true });
    this.takers.shift()?.resolve(run);
  }

  answer(run: RunId, answer: Answer): void {
    const flight = this.flights.get(run);
    if (flight === undefined) return;
    const report = flight.reports.shift();
    if (answer.then !== 'continue') {
      flight.waiting.push(() => report?.resolve(answer));
      return this.leave(run, { kind: 'ended', run, how: answer.then === 'pause' ? 'paused' : 'stopped' });
    }
    report?.resolve(answer);
    const [next] = flight.reports;
    if (next) this.events.push(next.event);
    else if (flight.ending) this.leave(run, flight.ending);
  }

  batches(): AsyncIterable<readonly ExecutorEvent[]> {
    return this.events;
  }

  take(): Promise<Run | undefined> {
    if (this.over) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      this.takers.push({ resolve, reject });
      this.onDemand();
    });
  }

  refuse(error: Error): void {
    const { takers } = this;
    this.takers = [];
    for (const { reject } of takers) reject(error);
  }

  report(run: RunId, metrics: JsonObject, extra: { readonly violation?: number } = {}): Promise<Answer> {
    const flight = this.flights.get(run);
    if (flight === undefined || flight.ending) return Promise.resolve(ENDED);
    flight.step += 1;
    const event: ExecutorEvent = { kind: 'reported', run, step: flight.step, metrics, seconds: lap(flight), canSave: false, ...extra };
    if (flight.reports.length === 0) this.events.push(event);
    return new Promise((resolve) => {
      flight.reports.push({ event, resolve });
    });
  }

  end(run: RunId, result: Result): Promise<boolean> {
    const flight = this.flights.get(run);
    const waiting = flight?.waiting ?? this.leaving.get(run);
    if (waiting === undefined) return Promise.resolve(!this.over); // it was stopped meanwhile, or has been ended
    const written = new Promise<boolean>((resolve) => waiting.push(resolve));
    if (flight === undefined || flight.ending) return written;
    flight.ending = endingOf(run, flight, result);
    if (flight.reports.length === 0) this.leave(run, flight.ending);
    return written;
  }

  endWritten(run: RunId): void {
    this.settle(run, true);
  }

  exhaust(): void {
    this.over = true;
    const { takers } = this;
    this.takers = [];
    for (const { resolve } of takers) resolve(undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.exhaust();
    for (const run of [...this.flights.keys()]) this.leave(run, { kind: 'ended', run, how: 'stopped' });
    for (const run of [...this.leaving.keys()]) this.settle(run, false);
    this.events[Symbol.dispose]();
  }

  private leave(run: RunId, event: ExecutorEvent): void {
    const flight = this.flights.get(run);
    if (flight === undefined) return;
    this.flights.delete(run);
    clearTimeout(flight.grace);
    this.events.push(event);
    const { reports, waiting } = flight;
    this.leaving.set(run, [
      ...waiting,
      ...reports.map(
        ({ resolve }) =>
          () =>
            resolve(ENDED),
      ),
    ]);
  }

  private settle(run: RunId, isWritten: boolean): void {
    const waiting = this.leaving.get(run);
    this.leaving.delete(run);
    for (const settle of waiting ?? []) settle(isWritten);
  }
}

function endingOf(run: RunId, flight: Flight, result: Result): ExecutorEvent {
  if ('error' in result) return { kind: 'ended', run, how: 'failed', error: toErrorData(result.error) };
  const { metrics, ...extra } = result;
  const last = metrics === undefined ? {} : { metrics, step: flight.step + 1, seconds: lap(flight), ...extra };
  return { kind: 'ended', run, how: 'completed', ...last };
}

/** Seconds since the last report, or since the start. */
function lap(flight: Flight): number {
  const now = performance.now();
  const seconds = (now - flight.since) / 1000;
  flight.since = now;
  return seconds;
}
