import type { Clock } from '../base/clock.ts';
import type { JsonObject } from '../base/json.ts';
import type { RunId } from '../trial/ids.ts';
import type { Answer, Executor, ExecutorEvent, Run } from './executor.ts';

/** What a trial does in a simulated world: a function of its configuration, its step and its attempt, never of real time. */
export interface World {
  /** What the trial does as report number `step` (from 1): when, and what it says. `undefined`: it is complete. */
  report(run: Run, step: number): Happening | undefined;
  /** Virtual seconds from the start of a run to its first step. Default 0. */
  startup?(run: Run): number;
}

export type Happening =
  /** After `seconds` of virtual time. `canSave` defaults to true. */
  | { readonly seconds: number; readonly metrics: JsonObject; readonly canSave?: boolean; readonly violation?: number }
  | { readonly seconds: number; readonly fails: string };

export interface SimulatedOptions {
  readonly world: World;
  /** How many trials run at once. Default 1. */
  readonly workers?: number;
}

interface Live {
  readonly run: Run;
  readonly signal: AbortSignal;
  step: number;
}

/**
 * Runs trials in virtual time, for tests of the loop and of schedulers. Time moves only when the loop asks for the
 * next batch; everything that happens at one instant is one batch, in order of scheduling. No disk, no threads.
 */
export function simulated({ world, workers = 1 }: SimulatedOptions): Executor {
  const agenda = new Agenda();
  const live = new Map<RunId, Live>();

  const emit = (seconds: number, event: ExecutorEvent): void => void agenda.add(seconds, event);
  const end = (run: RunId, how: 'completed' | 'paused' | 'stopped'): void => {
    live.delete(run);
    emit(0, { kind: 'ended', run, how });
  };
  const proceed = ({ run, step }: Live, delay: number): void => {
    const happening = world.report(run, step + 1);
    if (happening === undefined) return end(run.run, 'completed');
    const seconds = delay + happening.seconds;
    if ('fails' in happening) {
      live.delete(run.run);
      return emit(seconds, { kind: 'ended', run: run.run, how: 'failed', error: { name: 'Error', message: happening.fails } });
    }
    const { metrics, canSave = true, violation } = happening;
    const more = violation === undefined ? {} : { violation };
    emit(seconds, { kind: 'reported', run: run.run, step: step + 1, metrics, seconds, canSave, ...more });
  };

  return {
    name: 'simulated',
    slots: workers,
    clock: agenda,
    open() {},
    start(run, signal) {
      const trial: Live = { run, signal, step: run.step };
      live.set(run.run, trial);
      emit(0, { kind: 'started', run: run.run, pid: 0, host: 'simulated', thread: 0 });
      proceed(trial, world.startup?.(run) ?? 0);
    },
    answer(runId: RunId, answer: Answer) {
      const trial = live.get(runId);
      if (trial === undefined) return;
      if (answer.save !== undefined) return emit(0, { kind: 'checkpointed', run: runId, checkpoint: answer.save });
      if (answer.then !== 'continue') return end(runId, answer.then === 'pause' ? 'paused' : 'stopped');
      if (trial.signal.aborted) return end(runId, 'stopped');
      trial.step += 1;
      proceed(trial, 0);
    },
    async *batches() {
      for (;;) {
        while (agenda.isEmpty) await new Promise<void>((resolve) => (agenda.wake = resolve));
        yield agenda.nextBatch();
      }
    },
    async [Symbol.asyncDispose]() {},
  };
}

interface Entry {
  readonly at: number;
  readonly order: number;
  /** `undefined`: it was called off. */
  what: ExecutorEvent | (() => void) | undefined;
}

/** Events by virtual time, first come first served at equal times: a binary heap, O(log n) per event. */
class Agenda implements Clock {
  #heap: Entry[] = [];
  #order = 0;
  #now = 0;
  /** Called when there is something again. */
  wake: (() => void) | undefined;

  get isEmpty(): boolean {
    return this.#heap.length === 0;
  }

  now(): number {
    return this.#now;
  }

  after(seconds: number, act: () => void): Disposable {
    const entry = this.add(seconds, act);
    return { [Symbol.dispose]: () => void (entry.what = undefined) };
  }

  add(seconds: number, what: ExecutorEvent | (() => void)): Entry {
    const heap = this.#heap;
    const entry: Entry = { at: this.#now + seconds * 1000, order: this.#order++, what };
    heap.push(entry);
    for (let i = heap.length - 1; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (!before(heap[i], heap[parent])) break;
      swap(heap, i, parent);
      i = parent;
    }
    this.wake?.();
    return entry;
  }

  /** Everything at the earliest instant; time moves there. */
  nextBatch(): readonly ExecutorEvent[] {
    const batch: ExecutorEvent[] = [];
    while (this.#heap[0] && this.#heap[0].what === undefined) this.#pop();
    const at = this.#heap[0]?.at ?? this.#now;
    this.#now = at;
    while (this.#heap[0]?.at === at) {
      const { what } = this.#pop();
      if (typeof what === 'function') what();
      else if (what) batch.push(what);
    }
    return batch;
  }

  #pop(): Entry {
    const heap = this.#heap;
    const top = heap[0] as Entry;
    const last = heap.pop() as Entry;
    if (heap.length === 0) return top;
    heap[0] = last;
    for (let i = 0; ; ) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2]) if (child < heap.length && before(heap[child], heap[least])) least = child;
      if (least === i) return top;
      swap(heap, i, least);
      i = least;
    }
  }
}

function before(a: Entry | undefined, b: Entry | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function swap(heap: Entry[], i: number, j: number): void {
  [heap[i], heap[j]] = [heap[j] as Entry, heap[i] as Entry];
}
