import { join } from 'node:path';
import { checkOptions } from '../base/options.ts';
import { warn as warnUser } from '../base/warn.ts';
import type { JournalLine } from '../trial/events.ts';
import type { TrialId } from '../trial/ids.ts';
import { hasEnded } from '../trial/lifecycle.ts';
import { withCheckpoint } from '../trial/row.ts';
import type { TrialRecord } from '../trial/trial-record.ts';
import type { Callback, ExperimentView } from './callback.ts';
import { failureText } from './error-text.ts';
import { checkLogFormat, LOG_FORMATS, type LogFormat } from './log-format.ts';
import type { LoggedRow } from './trial-log.ts';
import { haveLogs, removeLogs, TrialLogs } from './trial-logs.ts';

/** What `resultLogs` takes. */
export interface ResultLogsOptions {
  /** Default: all three. */
  readonly formats?: readonly LogFormat[];
}

/** What one batch of events has for the files of one trial. */
interface Batch {
  readonly trial: TrialId;
  /** Absolute path of the trial's directory. */
  readonly dir: string;
  readonly rows: LoggedRow[];
  errors: string;
  /** The run is over: give the file descriptors back. */
  close: boolean;
  /** The trial is over. */
  ended: { readonly status: 'success' | 'failure'; readonly at: number } | undefined;
}

/**
 * Writes the logs of every trial: result.json and params.json, progress.csv, an event file for TensorBoard; and error.txt
 * whatever the formats are. All of it derives from the journal. A row is written when its report is settled: at once, or,
 * when it saves a checkpoint, once that is on disk or the run has ended. Writes are synchronous, once per batch of events
 * and file. What cannot be written is one warning, also with `verbose: 0`, is tried again with the next row, and delays nothing.
 *
 * On a restore it forgets the trials that go on, and those that had only just ended and whose files lack something, and is told of
 * them again: whoever wraps it hands on `forget` and `has` too.
 *
 * @throws {AttuneError} `OPTION_RANGE` for a format that there is not
 * @example
 * import { resultLogs, type RunConfig } from 'attune';
 *
 * const runConfig: RunConfig = { loggers: [], callbacks: [resultLogs({ formats: ['csv'] })] };
 */
export function resultLogs(options: ResultLogsOptions = {}): Callback {
  checkOptions('resultLogs', options, ['formats']);
  const { formats = LOG_FORMATS } = options;
  for (const format of formats) checkLogFormat('resultLogs', format);
  return new ResultLogs([...new Set(formats)], warnUser);
}

/** See `resultLogs`. */
export class ResultLogs implements Callback {
  readonly name = 'result-logs';
  readonly #warn: typeof warnUser;
  readonly #formats: readonly LogFormat[];
  /** Logs that an earlier session may have written and this one does not: of a trial that goes on they would be its beginning, and look whole. */
  readonly #others: readonly LogFormat[];
  /** The logs of trials that may report again. */
  readonly #logs = new Map<TrialId, TrialLogs>();
  /** Rows whose checkpoint is being saved. */
  readonly #unsettled = new Map<TrialId, LoggedRow>();
  #batches = new Map<TrialId, Batch>();
  /** The experiment is new: no directory of a trial can be there yet. */
  #isNew = false;
  /** This session has begun; until then an earlier one is told again. */
  #isOpen = false;
  /** A full disk is told once. */
  readonly #told = new Set<unknown>();

  constructor(formats: readonly LogFormat[], warn: typeof warnUser) {
    this.#warn = warn;
    this.#formats = formats;
    this.#others = LOG_FORMATS.filter((format) => !formats.includes(format));
  }

  onEvent(event: JournalLine, view: ExperimentView): void {
    if (event.kind === 'created') this.#isNew = true;
    if (event.kind === 'opened') {
      this.#flush();
      this.#isOpen = true;
    }
    if ('trial' in event) {
      const record = view.trial(event.trial);
      if (record) this.#onTrialEvent(event, record, join(view.path, record.dir));
    }
  }

  forget({ id, dir, last, status }: TrialRecord, { path }: ExperimentView): void {
    removeLogs(join(path, dir), [...this.#formats, 'errors'], last !== undefined);
    if (!hasEnded(status) || last === undefined) removeLogs(join(path, dir), this.#others);
    this.#logs.get(id)?.close();
    this.#logs.delete(id);
    this.#unsettled.delete(id);
  }

  /** What is in error.txt nobody knows by its end. */
  has({ dir, last, failures }: TrialRecord, { path }: ExperimentView): boolean {
    return failures === 0 && (last === undefined || haveLogs(join(path, dir), this.#formats, last));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#flush();
    for (const logs of this.#logs.values()) logs.close();
    this.#logs.clear();
    return Promise.resolve();
  }

  #onTrialEvent(event: JournalLine & { readonly trial: TrialId }, record: TrialRecord, dir: string): void {
    const { trial, kind, at } = event;
    switch (kind) {
      case 'queued':
        // A trial that was queued before, and whose lines were lost with the end of the journal.
        if (this.#isOpen && !this.#isNew) removeLogs(dir, [...LOG_FORMATS, 'errors']);
        return;
      case 'reported': {
        if (record.last === undefined) return;
        this.#settle(trial, dir);
        const row = { row: record.last, at };
        if (event.save === undefined) this.#batch(trial, dir).rows.push(row);
        else this.#unsettled.set(trial, row);
        return;
      }
      case 'checkpointed':
        return this.#settle(trial, dir, event.checkpoint);
      case 'retried':
      case 'failed':
        if (kind === 'retried' && event.resumed) return this.#isOpen ? removeLogs(dir, this.#others) : undefined;
        if (kind === 'retried' && event.damaged !== undefined) return; // this was no failure
        this.#batch(trial, dir).errors += failureText(Math.max(1, record.failures), at, event.error);
        return this.#runEnded(trial, dir, kind === 'failed' ? { status: 'failure', at } : undefined);
      case 'paused':
      case 'exploited':
        return this.#runEnded(trial, dir);
      case 'completed':
      case 'stopped':
        return this.#runEnded(trial, dir, { status: 'success', at });
      default:
        return;
    }
  }

  #runEnded(trial: TrialId, dir: string, ended?: Batch['ended']): void {
    this.#settle(trial, dir);
    if (!this.#logs.has(trial) && !this.#batches.has(trial)) return;
    const batch = this.#batch(trial, dir);
    batch.close = true;
    batch.ended = ended;
  }

  #settle(trial: TrialId, dir: string, checkpoint?: string): void {
    const unsettled = this.#unsettled.get(trial);
    if (unsettled === undefined) return;
    const { row, at } = unsettled;
    this.#unsettled.delete(trial);
    this.#batch(trial, dir).rows.push(checkpoint === undefined ? unsettled : { row: withCheckpoint(row, checkpoint), at });
  }

  #batch(trial: TrialId, dir: string): Batch {
    let batch = this.#batches.get(trial);
    if (batch?.ended) {
      this.#flush(); // it failed for good, and was taken up again
      batch = undefined;
    }
    if (this.#batches.size === 0) queueMicrotask(() => this.#flush());
    if (batch === undefined) {
      batch = { trial, dir, rows: [], errors: '', close: false, ended: undefined };
      this.#batches.set(trial, batch);
    }
    return batch;
  }

  /** Runs as a microtask: the events of one batch arrive in one go before it. */
  #flush(): void {
    const batches = this.#batches;
    this.#batches = new Map();
    for (const batch of batches.values()) this.#write(batch);
  }

  #write({ trial, dir, rows, errors, close, ended }: Batch): void {
    const logs = this.#logs.get(trial) ?? new TrialLogs(dir, this.#formats);
    this.#logs.set(trial, logs);
    this.#try(() => logs.append(rows));
    if (errors !== '') this.#try(() => logs.appendError(errors));
    if (ended) this.#try(() => logs.end(ended.status, ended.at));
    if (close) logs.close();
    // A trial that failed in an earlier session may be taken up again.
    if (ended?.status === 'success' || (ended && this.#isOpen)) this.#logs.delete(trial);
  }

  #try(write: () => void): void {
    try {
      write();
    } catch (error) {
      const reason = codeOf(error);
      if (this.#told.has(reason)) return;
      this.#told.add(reason);
      const { message, stack } = error as Partial<Error>;
      this.#warn(`${this.name}: ${message}`, stack);
    }
  }
}

/** What the file system calls it: `ENOSPC`. */
const codeOf = (error: unknown): unknown => ((error as Error | undefined)?.cause as NodeJS.ErrnoException | undefined)?.code ?? error;
