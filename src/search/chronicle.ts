import type { History, RowState } from './history.ts';

/** What happened to a row, in the order in which it did. */
export type Happening =
  | { readonly kind: 'added'; readonly row: number }
  | { readonly kind: 'reported'; readonly row: number; readonly step: number; readonly losses: readonly number[]; readonly violation: number }
  | { readonly kind: 'ended'; readonly row: number; readonly state: Exclude<RowState, 'running' | 'exploited'> }
  | { readonly kind: 'left'; readonly row: number };

/**
 * A history as it happened: for a searcher that shows another one something else, or keeps what only grows. Each happening comes once, and
 * those between two ends always in the same order, however often it is asked: what is built of them is a function of the history, as long as
 * it `isOutdated` no more than that.
 */
export class Chronicle {
  readonly #history: History;
  readonly #revised: number;
  /** How many reports have been told, by row that has not ended. */
  readonly #told = new Map<number, number>();
  #rows = 0;
  #ends = 0;

  constructor(history: History) {
    this.#history = history;
    this.#revised = history.revised;
  }

  /** A trial that had failed was run again, and did not fail: only another chronicle tells so, and of all its reports before its end. */
  get isOutdated(): boolean {
    return this.#revised !== this.#history.revised;
  }

  /** What has happened since it was last asked; O(that, and for each end the rows that have not ended). What failed trials reported when they were run again is left out. */
  *since(): Generator<Happening, void> {
    const { ended } = this.#history;
    for (; this.#ends < ended.length; this.#ends++) {
      yield* this.#until(this.#history.asOf(this.#ends));
      yield* this.#endOf(ended[this.#ends] as number);
    }
    yield* this.#until(this.#history);
  }

  *#until(then: History): Generator<Happening, void> {
    for (; this.#rows < then.length; this.#rows++) {
      this.#told.set(this.#rows, 0);
      yield { kind: 'added', row: this.#rows };
    }
    for (const row of this.#told.keys()) {
      yield* this.#reportsOf(row, then);
      if (then.at(row).state !== 'exploited') continue;
      this.#told.delete(row);
      yield { kind: 'left', row };
    }
  }

  *#reportsOf(row: number, then: History): Generator<Happening, void> {
    const steps = then.steps(row);
    const { violation } = then.at(row);
    for (let i = this.#told.get(row) ?? 0; i < steps.length; i++) {
      const losses = Array.from({ length: then.objectives }, (_, objective) => then.curve(row, objective)[i] as number);
      yield { kind: 'reported', row, step: steps[i] as number, losses, violation };
    }
    this.#told.set(row, steps.length);
  }

  *#endOf(row: number): Generator<Happening, void> {
    const { state } = this.#history.at(row);
    if (state === 'running' || state === 'exploited') return;
    if (state !== 'failed') yield* this.#reportsOf(row, this.#history); // of one that had failed: what it reported when it was run again
    this.#told.delete(row);
    yield { kind: 'ended', row, state };
  }
}
