import { hostname } from 'node:os';
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
  const events: Channel<ExecutorEvent> = channel(turn);
  const flights = new Map<RunId, Flight>();
  const takers: ((run: Run | undefined) => void)[] = [];
  let over = false;

  const leave = (run: RunId, event: ExecutorEvent): void => {
    if (flights.delete(run)) events.push(event);
  };
  const seconds = (flight: Flight): number => {
    const now = performance.now();
    const elapsed = (now - flight.since) / 1000;
    flight.since = now;
    return elapsed;
  };

  return {
    name: 'manual',
    get slots() {
      return flights.size + takers.length;
    },
    open() {},
    start(run, signal) {
      flights.set(run.run, { step: run.step, since: performance.now(), answer: undefined });
      events.push({ kind: 'started', run: run.run, pid: process.pid, host: hostname(), thread: 0 });
      const stop = (): void => {
        flights.get(run.run)?.answer?.({ then: 'stop', reason: String((signal.reason as Error | undefined)?.message) });
        leave(run.run, { kind: 'ended', run: run.run, how: 'stopped' });
      };
      signal.addEventListener('abort', stop, { once: true });
      takers.shift()?.(run);
    },
    answer(run, answer) {
      const flight = flights.get(run);
      if (flight === undefined) return;
      if (answer.then !== 'continue') leave(run, { kind: 'ended', run, how: answer.then === 'pause' ? 'paused' : 'stopped' });
      flight.answer?.(answer);
      flight.answer = undefined;
    },
    batches: () => events,
    take() {
      if (over) return Promise.resolve(undefined);
      return new Promise((resolve) => {
        takers.push(resolve);
        onDemand();
      });
    },
    report(run, metrics) {
      const flight = flights.get(run);
      if (flight === undefined) return Promise.resolve({ then: 'stop', reason: 'the trial has ended' });
      flight.step += 1;
      events.push({ kind: 'reported', run, step: flight.step, metrics, seconds: seconds(flight), canSave: false });
      return new Promise((resolve) => {
        flight.answer = resolve;
      });
    },
    end(run, result) {
      const flight = flights.get(run);
      if (flight === undefined) return; // it was stopped meanwhile
      if ('error' in result) return leave(run, { kind: 'ended', run, how: 'failed', error: toErrorData(result.error) });
      const { metrics } = result;
      const last = metrics === undefined ? {} : { metrics, step: flight.step + 1, seconds: seconds(flight) };
      leave(run, { kind: 'ended', run, how: 'completed', ...last });
    },
    exhaust() {
      over = true;
      for (const taker of takers.splice(0)) taker(undefined);
    },
    async [Symbol.asyncDispose]() {
      over = true;
      for (const taker of takers.splice(0)) taker(undefined);
      events[Symbol.dispose]();
    },
  };
}
