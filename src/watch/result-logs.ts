import { join } from 'node:path';
import type { JsonObject } from '../base/json.ts';
import type { JournalLine } from '../trial/events.ts';
import type { TrialId } from '../trial/ids.ts';
import { withCheckpoint } from '../trial/row.ts';
import type { TrialRecord } from '../trial/trial-record.ts';
import type { Callback, ExperimentView } from './callback.ts';
import { failureText } from './error-text.ts';
import { TrialLogs } from './trial-logs.ts';

/** What one batch of events has for the files of one trial. */
interface Batch {
  readonly trial: TrialId;
  /** As it is after the last event. */
  record: TrialRecord;
  /** Of the experiment. */
  readonly path: string;
  readonly rows: JsonObject[];
  errors: string;
  /** The run is over: give the file descriptors back. */
  close: boolean;
}

/**
 * Writes params.json, result.json (JSON lines), progress.csv and error.txt of every trial, in the layout that pandas and TensorBoard
 * users know. All of it derives from the journal. A row is written when its report is settled: at once, or, when it saves a checkpoint,
 * once that is on disk or the run has ended. Writes are synchronous, once per batch of events and file.
 */
export function resultLogs(): Callback {
  return new ResultLogs();
}

class ResultLogs implements Callback {
  readonly name = 'result-logs';
  /** The logs of trials that may report again. */
  readonly #logs = new Map<TrialId, TrialLogs>();
  /** Rows whose checkpoint is being saved. */
  readonly #unsettled = new Map<TrialId, JsonObject>();
  #batches = new Map<TrialId, Batch>();
  /** What a write that ran after its event threw; handed over at the next occasion. */
  #fault: { readonly error: unknown } | undefined;

  onEvent(event: JournalLine, view: ExperimentView): void {
    if (event.kind === 'opened') this.#onOpened(view);
    if ('trial' in event) {
      const record = view.trial(event.trial);
      if (record) this.#onTrialEvent(event, record, view.path);
    }
    this.#throwFault();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#flush();
    for (const logs of this.#logs.values()) logs.close();
    this.#logs.clear();
    this.#throwFault();
    return Promise.resolve();
  }

  /** The session before this one ended while checkpoints were being saved: their rows are written once it is known what becomes of them. */
  #onOpened({ trials }: ExperimentView): void {
    for (const { id, saving, last } of trials) if (saving !== undefined && last) this.#unsettled.set(id, last);
  }

  #onTrialEvent(event: JournalLine & { readonly trial: TrialId }, record: TrialRecord, path: string): void {
    const { trial, kind } = event;
    switch (kind) {
      case 'reported':
        if (record.last === undefined) return;
        this.#settle(trial, record, path);
        if (event.save === undefined) this.#batch(trial, record, path).rows.push(record.last);
        else this.#unsettled.set(trial, record.last);
        return;
      case 'checkpointed':
        return this.#settle(trial, record, path, event.checkpoint);
      case 'retried':
      case 'failed':
        if (kind === 'retried' && event.resumed) return;
        this.#batch(trial, record, path).errors += failureText(Math.max(1, record.failures), event.at, event.error);
        return this.#runEnded(trial, record, path);
      case 'paused':
      case 'exploited':
      case 'completed':
      case 'stopped':
        return this.#runEnded(trial, record, path);
      default:
        return;
    }
  }

  #runEnded(trial: TrialId, record: TrialRecord, path: string): void {
    this.#settle(trial, record, path);
    if (this.#logs.has(trial) || this.#batches.has(trial)) this.#batch(trial, record, path).close = true;
  }

  #settle(trial: TrialId, record: TrialRecord, path: string, checkpoint?: string): void {
    const row = this.#unsettled.get(trial);
    if (row === undefined) return;
    this.#unsettled.delete(trial);
    this.#batch(trial, record, path).rows.push(checkpoint === undefined ? row : withCheckpoint(row, checkpoint));
  }

  #batch(trial: TrialId, record: TrialRecord, path: string): Batch {
    if (this.#batches.size === 0) queueMicrotask(() => this.#flush());
    let batch = this.#batches.get(trial);
    if (batch === undefined) {
      batch = { trial, record, path, rows: [], errors: '', close: false };
      this.#batches.set(trial, batch);
    }
    batch.record = record;
    return batch;
  }

  /** Runs as a microtask: the events of one batch arrive in one go before it. */
  #flush(): void {
    const batches = this.#batches;
    this.#batches = new Map();
    for (const batch of batches.values()) {
      try {
        this.#write(batch);
      } catch (error) {
        this.#fault ??= { error };
      }
    }
  }

  #write({ trial, record, path, rows, errors, close }: Batch): void {
    const logs = this.#logs.get(trial) ?? new TrialLogs(join(path, record.dir));
    this.#logs.set(trial, logs);
    try {
      if (rows.length > 0) logs.append(rows);
      if (errors !== '') logs.appendError(errors);
    } finally {
      if (close) logs.close();
      if (record.status === 'TERMINATED' || record.status === 'ERROR') this.#logs.delete(trial);
    }
  }

  #throwFault(): void {
    const fault = this.#fault;
    if (fault === undefined) return;
    this.#fault = undefined;
    throw fault.error;
  }
}
