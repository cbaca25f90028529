import { AttuneError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import type { Config } from '../space/config.ts';
import { encode } from '../space/encode.ts';
import type { Space } from '../space/space.ts';
import { ReportColumn } from './report-column.ts';

/** Proposed by the searcher, or given by the user. */
export type Origin = 'searcher' | 'enqueued';
export type RowState = 'running' | 'completed' | 'stopped' | 'failed' | 'exploited';

/** One proposed or enqueued trial. `running` is anything that has not ended: also a trial that waits for a slot, or is paused. */
export interface HistoryRow {
  readonly row: number;
  readonly config: Config;
  /** The encoding: one number per parameter of the space, NaN where it is inactive. Do not write to it. */
  readonly values: Float64Array;
  readonly note: Json | undefined;
  readonly by: Origin;
  readonly state: RowState;
  /** One per objective, of the last report; `undefined` before the first. */
  readonly losses: readonly number[] | undefined;
  /** The sum of the violated constraints in the last report; 0 is feasible. */
  readonly violation: number;
  /** How many trials had ended when this one was queued. */
  readonly asked: number;
}

/** A trial as it is queued: what was proposed, by whom, with which note, and how many trials had ended then. */
export interface HistoryEntry {
  readonly config: Config;
  readonly note?: Json | undefined;
  readonly by: Origin;
  readonly asked: number;
}

interface Row extends HistoryEntry {
  state: RowState;
  /** How many trials had ended when it took that state: a smaller history still sees it running. */
  since: number;
  readonly reports: ReportColumn;
}

/** What a history and its earlier views share. */
interface Table {
  readonly rows: Row[];
  values: Float64Array;
  readonly ended: number[];
  revised: number;
}

/**
 * What a searcher may know: one row per proposed or enqueued trial, in order of queueing, and the rows in order of ending.
 * Rows are added and filled in, never removed, and `ended` only grows, so a cursor into it stays valid until `revised` changes. Anybody
 * can build one: a searcher that shows an inner one something else keeps a `History` of its own.
 *
 * @example
 * import { compileSpace, History, uniform } from 'attune';
 *
 * const history = new History(compileSpace({ x: uniform(0, 1) }), 1);
 * const row = history.add({ config: { x: 0.5 }, by: 'searcher', asked: 0 });
 * history.report(row, 1, [0.3]);
 * history.end(row, 'completed');
 * history.ended; // => [0]
 * history.at(row).losses; // => [0.3]
 */
export class History {
  /** What is searched. */
  readonly space: Space;
  /** How many losses a report has. */
  readonly objectives: number;
  #table: Table = { rows: [], values: new Float64Array(0), ended: [], revised: 0 };
  #limit: number | undefined;
  #endedThen: readonly number[] | undefined;

  /** An empty one. */
  constructor(space: Space, objectives: number) {
    this.space = space;
    this.objectives = objectives;
  }

  /** Adds a running trial; its row. `asked` must not decrease from row to row. */
  add(entry: HistoryEntry): number {
    const { rows, ended } = this.#writable();
    const least = rows.at(-1)?.asked ?? 0;
    if (!(entry.asked >= least && entry.asked <= ended.length)) {
      throw broken(`expected an entry asked when between ${least} and ${ended.length} had ended, got ${entry.asked}`);
    }
    const row = rows.length;
    const { dimensions } = this.space;
    if (this.#table.values.length < (row + 1) * dimensions) this.#table.values = grown(this.#table.values, (row + 1) * dimensions);
    this.#table.values.set(encode(this.space, entry.config), row * dimensions);
    rows.push({ ...entry, state: 'running', since: 0, reports: new ReportColumn(this.objectives) });
    return row;
  }

  /** `losses`: one per objective, finite, lower is better. */
  report(row: number, step: number, losses: readonly number[], violation = 0): void {
    const { ended } = this.#writable();
    if (losses.length !== this.objectives) throw broken(`expected ${this.objectives} losses for row ${row}, got ${losses.length}`);
    this.#row(row).reports.push(step, ended.length, violation, losses);
  }

  /** The trial of this row has ended, which appends it to `ended`. A failed one that is run again keeps its place there, with its new state. */
  end(row: number, state: 'completed' | 'stopped' | 'failed'): void {
    const { ended } = this.#writable();
    const entry = this.#row(row);
    if (entry.state !== 'running' && entry.state !== 'failed') throw broken(`row ${row} is ${entry.state}, it cannot end as ${state}`);
    if (entry.state === 'running') {
      ended.push(row);
      entry.since = ended.length;
    } else if (state !== 'failed') this.#table.revised += 1;
    entry.state = state;
  }

  /**
   * The trial of this row goes on with another configuration: it says nothing about this one any more, and never ends here. One that had
   * failed and was run again stays failed.
   */
  leave(row: number): void {
    const { ended } = this.#writable();
    const entry = this.#row(row);
    if (entry.state === 'failed') return;
    if (entry.state !== 'running') throw broken(`row ${row} is ${entry.state}, it cannot be exploited`);
    entry.state = 'exploited';
    entry.since = ended.length;
  }

  /** How many rows there are. */
  get length(): number {
    const { rows } = this.#table;
    return this.#limit === undefined ? rows.length : firstIndex(rows.length, (row) => (rows[row]?.asked ?? 0) > this.#ended());
  }

  /**
   * What is known of one trial, as of now.
   * @throws {AttuneError} when there is no such row
   */
  at(row: number): HistoryRow {
    const { config, note, by, asked, state, since, reports } = this.#row(row);
    const [count, dimensions] = [reports.countAt(this.#ended()), this.space.dimensions];
    return {
      row,
      config,
      values: this.#table.values.subarray(row * dimensions, (row + 1) * dimensions),
      note,
      by,
      state: since > this.#ended() ? 'running' : state,
      losses: count === 0 ? undefined : reports.losses(count - 1),
      violation: count === 0 ? 0 : reports.violation(count - 1),
      asked,
    };
  }

  /** The rows in order of ending. */
  get ended(): readonly number[] {
    if (this.#limit === undefined) return this.#table.ended;
    this.#endedThen ??= this.#table.ended.slice(0, this.#limit);
    return this.#endedThen;
  }

  /**
   * How often a trial that had failed was run again and then did not fail. It has changed in its place in `ended` then: who keeps what
   * came of that order compares this number, and begins anew when it is another one.
   */
  get revised(): number {
    return this.#table.revised;
  }

  /** The steps that this row has reported, in order. */
  steps(row: number): Float64Array {
    const { reports } = this.#row(row);
    return reports.steps(reports.countAt(this.#ended()));
  }

  /** The losses of one objective that this row has reported, one per step. */
  curve(row: number, objective = 0): Float64Array {
    const { reports } = this.#row(row);
    return reports.curve(reports.countAt(this.#ended()), objective);
  }

  /**
   * The history as it was when `n` trials had ended, just before the next one did. It reads, and cannot be written to; what it
   * shows of reports may still grow as long as no more than `n` have ended.
   */
  asOf(n: number): History {
    const view = new History(this.space, this.objectives);
    view.#table = this.#table;
    view.#limit = Math.min(Math.max(0, Math.floor(n)), this.#ended());
    return view;
  }

  #ended(): number {
    return this.#limit ?? this.#table.ended.length;
  }

  #row(row: number): Row {
    const found = row < this.length ? this.#table.rows[row] : undefined;
    if (found === undefined) throw broken(`expected a row below ${this.length}, got ${row}`);
    return found;
  }

  #writable(): Table {
    if (this.#limit !== undefined) throw broken('an earlier view cannot be written to');
    return this.#table;
  }
}

function broken(problem: string): AttuneError {
  return new AttuneError('TRIAL_TRANSITION', `History: ${problem}.`, { hint: 'A row is added, reports, and ends once; see the class History.' });
}

/** The same numbers with room for at least `needed`, and for as many again before it grows next. */
function grown(values: Float64Array, needed: number): Float64Array {
  const larger = new Float64Array(Math.max(needed, 2 * values.length));
  larger.set(values);
  return larger;
}

/** The first index in [0, length) for which `holds`, which stays true once it is; `length` when there is none. */
function firstIndex(length: number, holds: (index: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
