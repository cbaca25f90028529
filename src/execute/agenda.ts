import type { Clock } from '../base/clock.ts';
import type { ExecutorEvent } from './executor.ts';

interface Entry {
  readonly at: number;
  readonly order: number;
  /** `undefined`: it was called off. */
  what: ExecutorEvent | (() => void) | undefined;
}

/**
 * What will happen, by virtual time, first come first served at equal times: a binary heap keyed (time, sequence), O(log n)
 * per event. Time moves only in `nextBatch`, and never back.
 */
export class Agenda implements Clock {
  readonly #heap: Entry[] = [];
  #order = 0;
  #now = 0;
  /** Called when there is something again. */
  wake: (() => void) | undefined;

  get isEmpty(): boolean {
    return this.#heap.length === 0;
  }

  /** Nothing more happens at this instant, as far as is known. */
  get isSettled(): boolean {
    return this.#first()?.at !== this.#now;
  }

  /** Milliseconds. */
  now(): number {
    return this.#now;
  }

  after(seconds: number, act: () => void): Disposable {
    const entry = this.add(seconds, act);
    return { [Symbol.dispose]: () => void (entry.what = undefined) };
  }

  /** `what` happens in `seconds` >= 0 from now. */
  add(seconds: number, what: ExecutorEvent | (() => void)): Entry {
    const heap = this.#heap;
    const entry: Entry = { at: this.#now + seconds * 1000, order: this.#order++, what };
    let hole = heap.length;
    heap.push(entry);
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = heap[parent] as Entry;
      if (!isBefore(entry, above)) break;
      heap[hole] = above;
      hole = parent;
    }
    heap[hole] = entry;
    this.wake?.();
    return entry;
  }

  /** Everything at the earliest instant; time moves there. */
  nextBatch(): readonly ExecutorEvent[] {
    const batch: ExecutorEvent[] = [];
    const heap = this.#heap;
    const at = this.#first()?.at ?? this.#now;
    this.#now = at;
    while (heap[0]?.at === at) {
      const { what } = this.#pop();
      if (typeof what === 'function') what();
      else if (what) batch.push(what);
    }
    return batch;
  }

  /** Without those that were called off. */
  #first(): Entry | undefined {
    const heap = this.#heap;
    while (heap[0] && heap[0].what === undefined) this.#pop();
    return heap[0];
  }

  #pop(): Entry {
    const heap = this.#heap;
    const top = heap[0] as Entry;
    const last = heap.pop() as Entry;
    const { length } = heap;
    if (length === 0) return top;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= length) break;
      if (child + 1 < length && isBefore(heap[child + 1] as Entry, heap[child] as Entry)) child += 1;
      if (!isBefore(heap[child] as Entry, last)) break;
      heap[hole] = heap[child] as Entry;
      hole = child;
    }
    heap[hole] = last;
    return top;
  }
}

const isBefore = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
