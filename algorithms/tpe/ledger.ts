import { isWorst } from '../../src/base/worst.ts';
import type { History, HistoryRow } from '../../src/search/history.ts';
import { type Outcome, outcomeOf } from '../../src/search/outcomes.ts';
import type { Axis } from '../../src/space/axis.ts';
import type { Group } from './groups.ts';
import type { Column } from './parzen.ts';

/** What a trial says: nothing, that it is no good one, how good it is if it is one of the good ones (else nothing), or how good it is. */
export const [SILENT, PRESENT, PROMISING, JUDGED] = [0, 1, 2, 3];
type Standing = typeof SILENT | typeof PRESENT | typeof PROMISING | typeof JUDGED;

/** So many rows are read in one go. */
const READ_AT_ONCE = 1_000;

/** The rows of a history in columns. Rows are read once, and again until they have ended. */
export class Ledger {
  /** By row. */
  readonly standing: Standing[] = [];
  readonly outcomes: (Outcome | undefined)[] = [];
  /** By group. */
  readonly tables: readonly Table[];
  readonly #milestones: readonly number[];
  /** By row: the losses at each milestone that the trial has passed. */
  readonly #passed: (readonly number[])[][] = [];
  readonly #open = new Set<number>();

  /** @param milestones - ascending; empty: trials are judged by their last report */
  constructor(groups: readonly Group[], milestones: readonly number[]) {
    this.tables = groups.map((group) => ({ group, columns: group.axes.map((axis) => new AxisColumn(axis)), has: [] }));
    this.#milestones = milestones;
  }

  /** Whether trials are compared by what they reported at milestones. */
  get atMilestones(): boolean {
    return this.#milestones.length > 0;
  }

  /** How many rows there are. */
  get size(): number {
    return this.standing.length;
  }

  /** Reads what is new, and yields now and then; O(rows that have not ended, and new ones times their number for the move in the sorted columns). */
  *read(history: History): Generator<void, void> {
    for (let row = this.size; row < history.length; row++) {
      const { values } = history.at(row);
      for (const { columns, has } of this.tables) {
        has.push(columns.every(({ axis }) => !Number.isNaN(values[axis.index])));
        if (has[row]) for (const column of columns) column.add(row, values[column.axis.index] as number);
      }
      this.standing.push(SILENT);
      this.outcomes.push(undefined);
      this.#passed.push([]);
      this.#open.add(row);
      if (row % READ_AT_ONCE === READ_AT_ONCE - 1) yield;
    }
    for (const row of this.#open) this.#readRow(history.at(row), history);
  }

  #readRow(found: HistoryRow, history: History): void {
    const { row, state } = found;
    const isOver = state === 'completed' || state === 'stopped' || state === 'exploited';
    if (isOver) this.#open.delete(row);
    const outcome = outcomeOf(found);
    this.standing[row] = state === 'exploited' ? SILENT : outcome === undefined ? PRESENT : JUDGED;
    this.outcomes[row] = outcome;
    if (outcome === undefined) this.#passed[row] = [];
    else if (this.#milestones.length > 0) this.#pass(row, history);
  }

  #pass(row: number, history: History): void {
    const passed = this.#passed[row] ?? [];
    const steps = history.steps(row);
    while (passed.length < this.#milestones.length) {
      const report = steps.findIndex((step) => step >= (this.#milestones[passed.length] as number));
      if (report < 0) return;
      passed.push(Array.from({ length: history.objectives }, (_, objective) => history.curve(row, objective)[report] as number));
    }
  }

  /** How many trials say how good they are. */
  get judged(): number {
    return this.standing.reduce<number>((count, standing) => count + (standing === JUDGED ? 1 : 0), 0);
  }

  /** The number of the greatest milestone that at least `least` trials have passed; -1 when there is none. */
  levelOf(least: number): number {
    const counts = this.#milestones.map((_, level) => this.#passed.filter((passed) => passed.length > level).length);
    return counts.findLastIndex((count) => count >= least);
  }

  /**
   * What the trials say, judged at a milestone. Who has not passed it is no good one. A feasible trial that was in the better half at the
   * last milestone that it passed, of those up to this one, is no bad one either: it was stopped, or waits, in good company.
   */
  at(level: number): Judgement {
    const medians = this.#milestones.slice(0, level + 1).map((_, milestone) => this.#medianAt(milestone));
    const standing = this.standing.map((known, row) => {
      const passed = this.#passed[row]?.slice(0, level + 1) ?? [];
      if (known !== JUDGED || passed.length === 0) return Math.min(known, PRESENT);
      const isBetter = this.outcomes[row]?.violation === 0 && (passed.at(-1)?.[0] as number) < (medians[passed.length - 1] as number);
      if (passed.length > level) return isBetter ? PROMISING : JUDGED;
      return isBetter ? SILENT : PRESENT;
    });
    const outcomes = this.outcomes.map((outcome, row) => {
      const losses = this.#passed[row]?.[level];
      return outcome === undefined || losses === undefined ? outcome : { ...outcome, losses, isLost: losses.some(isWorst) };
    });
    return { standing, outcomes, leastGood: 2 };
  }

  #medianAt(milestone: number): number {
    const losses = Float64Array.from(this.#passed.filter((passed) => passed.length > milestone).map((passed) => passed[milestone]?.[0] as number));
    return losses.sort()[losses.length >> 1] as number;
  }

  /** What the trials say, by their last reports. */
  get now(): Judgement {
    return { standing: this.standing, outcomes: this.outcomes, leastGood: 1 };
  }
}

/** What every trial says, by row. */
export interface Judgement {
  readonly standing: readonly Standing[];
  /** Of those that say how good they are. */
  readonly outcomes: readonly (Outcome | undefined)[];
  /** So many trials are good, if so many say how good they are: alone among few, a kernel is nearly as wide as the space. */
  readonly leastGood: number;
}

/** What the trials have of one group. */
interface Table {
  readonly group: Group;
  readonly columns: readonly AxisColumn[];
  /** By row: whether the trial has all parameters of the group. */
  readonly has: boolean[];
}

/** The numbers of all rows on one axis, and their order. */
class AxisColumn {
  readonly axis: Axis;
  /** By row, of those that have one. */
  values = new Float64Array(64);
  /** The rows that have one, by ascending value, ties by row. */
  sorted = new Int32Array(64);
  size = 0;
  widths = new Float64Array(64);
  constants = new Float64Array(64);

  constructor(axis: Axis) {
    this.axis = axis;
  }

  add(row: number, value: number): void {
    while (row >= this.values.length) this.#grow();
    const { axis } = this;
    const settled = axis.kind === 'numeric' ? Math.min(Math.max(value, axis.low), axis.high) : value;
    this.values[row] = settled;
    let [low, high] = [0, this.size];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.values[this.sorted[middle] as number] as number) <= settled) low = middle + 1;
      else high = middle;
    }
    this.sorted.copyWithin(low + 1, low, this.size);
    this.sorted[low] = row;
    this.size++;
  }

  /**
   * What some rows have here, in two parts: `numbers` says by row the number in the first part, or -2 less that in the second, or -1.
   * A walk along the sorted rows, which sorts nothing.
   */
  gather(numbers: Int32Array, first: Int32Array, second: Int32Array): readonly [Column, Column] {
    const [one, other] = [this.#part(first), this.#part(second)];
    let [i, j] = [0, 0];
    for (let at = 0; at < this.size; at++) {
      const k = numbers[this.sorted[at] as number] as number;
      if (k >= 0) one.order[i++] = k;
      else if (k < -1) other.order[j++] = -2 - k;
    }
    return [one, other];
  }

  #part(rows: Int32Array): Column {
    const values = new Float64Array(rows.length);
    for (let k = 0; k < rows.length; k++) values[k] = this.values[rows[k] as number] as number;
    return { values, order: new Int32Array(rows.length), known: { rows, widths: this.widths, constants: this.constants } };
  }

  #grow(): void {
    const length = 2 * this.values.length;
    const longer = <A extends Float64Array | Int32Array>(array: A, into: A): A => {
      into.set(array);
      return into;
    };
    this.values = longer(this.values, new Float64Array(length));
    this.sorted = longer(this.sorted, new Int32Array(length));
    this.widths = longer(this.widths, new Float64Array(length));
    this.constants = longer(this.constants, new Float64Array(length));
  }
}
