import type { History, RowState } from './history.ts';

/** What happened to a row, in the order in which it did. */
export type Happening =
  | { readonly kind: 'added'; readonly row: number }
  | { readonly kind: 'reported'; readonly row: number; readonly step: number; readonly losses: readonly number[]; readonly violation: number }
  | { readonly kind: 'ended'; readonly row: number; readonly state: Exclude<RowState, 'running' | 'exploited'> }
  | { readonly kind: 'left'; readonly row: number };

/**
 * A history as it happened: for a searcher that shows another one something else, or keeps what only grows. Each happening comes once, and
 * those between two ends always in the same order, however often it is asked: what is built of them is a function of the history.
 */
export class Chronicle {
  readonly #history: History;
  /** Reports that have been told, by row that may still change. */
  readonly #told = new Map<number, number>();
  readonly #states = new Map<number, RowState>();
  #rows = 0;
  #ends = 0;

  constructor(history: History) {
    this.#history = history;
  }

  /** What has happened since it was last asked; O(that, and for each end the rows that have not ended). */
  *since(): Generator<Happening, void> {
    const { ended } = this.#history;
    for (; this.#ends < ended.length; this.#ends++) {
      yield* this.#until(this.#history.asOf(this.#ends));
      yield* this.#endOf(ended[this.#ends] as number);
    }
    yield* this.#until(this.#history);
    for (const [row, state] of this.#states) if (this.#history.at(row).state !== state) yield* this.#endOf(row); // one that had failed was run again
  }

  *#until(then: History): Generator<Happening, void> {
    for (; this.#rows < then.length; this.#rows++) {
      this.#told.set(this.#rows, 0);
      yield { kind: 'added', row: this.#rows };
    }
    for (const [row, told] of this.#told) {
      const steps = then.steps(row);
      const { state, violation } = then.at(row);
      for (let i = told; i < steps.length; i++) {
        const losses = Array.from({ length: then.objectives }, (_, objective) => then.curve(row, objective)[i] as number);
        yield { kind: 'reported', row, step: steps[i] as number, losses, violation };
      }
      this.#told.set(row, steps.length);
      if (state !== 'exploited') continue;
      this.#told.delete(row);
      yield { kind: 'left', row };
    }
  }

  *#endOf(row: number): Generator<Happening, void> {
    const { state } = this.#history.at(row);
    if (state === 'running' || state === 'exploited') return;
    if (state === 'failed') this.#states.set(row, state);
    else {
      this.#states.delete(row);
      this.#told.delete(row);
    }
    yield { kind: 'ended', row, state };
  }
}
