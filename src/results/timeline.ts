import { hostname } from 'node:os';
import { holderOf } from '../store/lock.ts';
import type { JournalLine, TrialEvent, Where } from '../trial/events.ts';
import type { ExperimentRecord } from '../trial/trial-record.ts';
import { eachLine } from './journal-rows.ts';

/**
 * A stretch in which a trial ran, from its start to a pause, an end, or whatever came between.
 *
 * @example
 * ```ts
 * import { run, uniform } from 'attune';
 *
 * const grid = await run(({ x }: { x: number }) => ({ loss: x ** 2 }), { config: { x: uniform(-1, 1) }, metric: 'loss', mode: 'min', verbose: 0 });
 * for (const { trial_id, from_s, to_s, end } of grid.timeline()) console.log(`${trial_id} ran for ${to_s - from_s} s and ${end}`);
 * ```
 */
export interface TimelineRow {
  /** Its index in the grid. */
  readonly trial: number;
  readonly trial_id: string;
  /** Seconds since the first session opened; the time between two sessions counts. */
  readonly from_s: number;
  /** Of one that was interrupted: when something was last heard of its session. */
  readonly to_s: number;
  /** The step of the checkpoint that it went on from; 0 from the beginning. */
  readonly from_step: number;
  /** The last that it reported; `from_step` when it reported nothing new. */
  readonly to_step: number;
  /** `host:pid`, in a thread `host:pid/thread`; `''` when it never reported. */
  readonly worker: string;
  /** `failed`: a try that is repeated, too. `interrupted`: its session ended before it did. `running`: somebody runs it right now. */
  readonly end: 'completed' | 'stopped' | 'paused' | 'failed' | 'exploited' | 'interrupted' | 'running';
  /** Who decided that: a scheduler, a rule, `user`. */
  readonly by?: string;
  /** Why; of a failure the message of its error. */
  readonly reason?: string;
}

/** A row that is still written to. */
type Stretch = { -readonly [K in keyof TimelineRow]: TimelineRow[K] };

/** In order of the starts. Cost: one pass over the journal. @throws {AttuneError} `RESULT_NOT_FOUND` when the journal is gone, `JOURNAL_INVALID` */
export function timeline(record: ExperimentRecord): readonly TimelineRow[] {
  const told = new Told(record);
  eachLine(record, (line) => told.line(line));
  return told.rows();
}

/** The lines of a journal, folded to the stretches. */
class Told {
  readonly #record: ExperimentRecord;
  readonly #rows: Stretch[] = [];
  readonly #running = new Map<number, Stretch>();
  /** Those that the opening of the latest session found running: what had been decided about them is written next. */
  readonly #interrupted = new Map<number, Stretch>();
  /** When the first session opened, milliseconds. */
  #epoch: number | undefined;
  /** Seconds since then. */
  #now = 0;
  #isClosed = false;

  constructor(record: ExperimentRecord) {
    this.#record = record;
  }

  line(line: JournalLine): void {
    if (line.kind === 'opened') this.#interrupt();
    if (line.kind !== 'created') this.#epoch ??= line.at;
    if (this.#epoch !== undefined) this.#now = Math.max(this.#now, (line.at - this.#epoch) / 1000);
    this.#isClosed = line.kind === 'closed';
    if ('trial' in line) this.#tell(line);
  }

  /** What runs still does so if a session is open. */
  rows(): readonly TimelineRow[] {
    const isOpen = this.#record.journal === undefined && !this.#isClosed && holderOf(this.#record.path, hostname()) !== undefined;
    for (const row of this.#running.values()) [row.end, row.to_s] = [isOpen ? 'running' : 'interrupted', this.#now];
    return this.#rows;
  }

  #interrupt(): void {
    this.#interrupted.clear();
    for (const [trial, row] of this.#running) {
      [row.end, row.to_s] = ['interrupted', this.#now];
      this.#interrupted.set(trial, row);
    }
    this.#running.clear();
  }

  #tell(line: TrialEvent): void {
    if (line.kind === 'started') return this.#start(line);
    const running = this.#running.get(line.trial);
    if (line.kind === 'reported' && running) {
      running.to_step = line.step;
      if (line.where) running.worker = workerOf(line.where);
    }
    const ending = endingOf(line, this.#record);
    const row = running ?? this.#interrupted.get(line.trial);
    if (ending === undefined || row === undefined) return;
    Object.assign(row, ending, running ? { to_s: this.#now } : {});
    this.#running.delete(line.trial);
    this.#interrupted.delete(line.trial);
  }

  #start({ trial, step }: TrialEvent & { kind: 'started' }): void {
    const name = this.#record.trials[trial]?.name;
    if (name === undefined) return; // the grid is older than this line
    this.#interrupted.delete(trial);
    const [from_s, to_s] = [this.#now, this.#now];
    const row: Stretch = { trial, trial_id: name, from_s, to_s, from_step: step, to_step: step, worker: '', end: 'running' };
    this.#rows.push(row);
    this.#running.set(trial, row);
  }
}

const workerOf = ({ pid, host, thread }: Where): string => `${host}:${pid}${thread === 0 ? '' : `/${thread}`}`;

/** How an event ends a stretch, if it does. */
function endingOf(line: TrialEvent, { created }: ExperimentRecord): Pick<TimelineRow, 'end' | 'by' | 'reason'> | undefined {
  switch (line.kind) {
    case 'completed':
      return { end: 'completed' };
    case 'stopped':
    case 'paused':
      return { end: line.kind, by: line.by, reason: line.reason };
    case 'exploited':
      return { end: 'exploited', by: created.scheduler.name, reason: line.reason };
    case 'failed':
    case 'retried':
      return { end: 'failed', reason: line.error.message };
    default:
      return undefined;
  }
}
