import type { JsonObject } from '../base/json.ts';
import type { RunId } from '../trial/ids.ts';
import { Agenda } from './agenda.ts';
import type { Answer, Executor, ExecutorEvent, Run } from './executor.ts';

/** What a trial does in a simulated world: a function of its configuration, its step and its attempt, never of real time. */
export interface World {
  /** What the trial does as report number `step` (from 1): when, and what it says. `undefined`: it is complete. */
  report(run: Run, step: number): Happening | undefined;
  /** Virtual seconds from the start of a run to its first step. Default 0. */
  startup?(run: Run): number;
  /** The run saves what it is after its latest report under this path, from which `run.checkpoint` of a later run may start. */
  save?(run: Run, path: string): void;
  /** One that was saved is another's too. */
  copy?(from: string, to: string): void;
  /** Nobody starts from it any more. */
  remove?(path: string): void;
}

export type Happening =
  /** After `seconds` of virtual time. `canSave` defaults to true. */
  | { readonly seconds: number; readonly metrics: JsonObject; readonly canSave?: boolean; readonly violation?: number }
  | { readonly seconds: number; readonly fails: string };

export interface SimulatedOptions {
  readonly world: World;
  /** How many trials run at once. Default 1. */
  readonly workers?: number;
  /** Virtual seconds for each start and each answered report: one after the other, while the trials wait. Default 0. */
  readonly decisionCost?: number;
}

interface Live {
  readonly run: Run;
  readonly signal: AbortSignal;
  step: number;
}

/**
 * Runs trials in virtual time, for tests of the loop and of schedulers. Time moves only when the loop asks for the
 * next batch; everything that happens at one instant is handled, in order of scheduling, before a slot is filled. No disk, no threads.
 */
export function simulated({ world, workers = 1, decisionCost = 0 }: SimulatedOptions): Executor {
  const agenda = new Agenda();
  const live = new Map<RunId, Live>();
  const delay = decisionCost === 0 ? () => 0 : queue(agenda, decisionCost);

  const emit = (seconds: number, event: ExecutorEvent): void => void agenda.add(seconds, event);
  const end = (run: RunId, how: 'completed' | 'paused' | 'stopped', seconds: number): void => {
    live.delete(run);
    emit(seconds, { kind: 'ended', run, how });
  };
  const proceed = ({ run, step }: Live, seconds: number): void => {
    const happening = world.report(run, step + 1);
    if (happening === undefined) return end(run.run, 'completed', seconds);
    const then = seconds + happening.seconds;
    if ('fails' in happening) {
      live.delete(run.run);
      return emit(then, { kind: 'ended', run: run.run, how: 'failed', error: { name: 'Error', message: happening.fails } });
    }
    const { metrics, canSave = true, violation } = happening;
    const event: ExecutorEvent = { kind: 'reported', run: run.run, step: step + 1, metrics, seconds: then, canSave };
    emit(then, violation === undefined ? event : { ...event, violation });
  };

  return {
    name: 'simulated',
    slots: workers,
    clock: agenda,
    get isSettled() {
      return agenda.isSettled;
    },
    open() {},
    start(run, signal) {
      const trial: Live = { run, signal, step: run.step };
      const seconds = delay();
      live.set(run.run, trial);
      emit(seconds, { kind: 'started', run: run.run, pid: 0, host: 'simulated', thread: 0 });
      proceed(trial, seconds + (world.startup?.(run) ?? 0));
    },
    answer(runId: RunId, answer: Answer) {
      const trial = live.get(runId);
      if (trial === undefined) return;
      if (answer.save !== undefined) {
        world.save?.(trial.run, answer.save);
        return emit(0, { kind: 'checkpointed', run: runId, checkpoint: answer.save });
      }
      const seconds = delay();
      if (answer.then !== 'continue') return end(runId, answer.then === 'pause' ? 'paused' : 'stopped', seconds);
      if (trial.signal.aborted) return end(runId, 'stopped', seconds);
      trial.step += 1;
      proceed(trial, seconds);
    },
    ready: () => (agenda.isEmpty ? undefined : agenda.nextBatch()),
    batches: () => ({ [Symbol.asyncIterator]: () => batchesOf(agenda) }),
    async [Symbol.asyncDispose]() {},
  };
}

/** Whoever decides does one thing at a time: seconds until the next is done. */
function queue(agenda: Agenda, seconds: number): () => number {
  let freeAt = 0;
  return () => {
    freeAt = Math.max(freeAt, agenda.now()) + seconds * 1000;
    return (freeAt - agenda.now()) / 1000;
  };
}

/** No generator: it would take three turns of the event loop for each batch. */
function batchesOf(agenda: Agenda): AsyncIterator<readonly ExecutorEvent[]> {
  return {
    async next() {
      while (agenda.isEmpty) await new Promise<void>((resolve) => (agenda.wake = resolve));
      return { done: false, value: agenda.nextBatch() };
    },
  };
}
