import type { JsonObject } from '../base/json.ts';
import type { Config } from '../space/config.ts';
import type { ErrorData, ExperimentEvent, ProposedBy, TrialEvent, Where } from './events.ts';
import type { TrialId } from './ids.ts';
import { trialName } from './ids.ts';
import type { Status } from './lifecycle.ts';
import { nextStatus } from './lifecycle.ts';
import type { RowTotals } from './row.ts';
import { NO_TOTALS, nextRow, totalsFrom, withCheckpoint } from './row.ts';
import type { SavedCheckpoint, TrialRecord } from './trial-record.ts';

/** A trial record while it is folded: only this file writes to it. */
export interface TrialRow extends TrialRecord {
  config: Config;
  readonly by: ProposedBy;
  status: Status;
  step: number;
  reason?: { readonly by: string; readonly reason: string };
  error?: ErrorData;
  failures: number;
  last?: JsonObject;
  saving?: string;
  checkpoints: readonly SavedCheckpoint[];
  /** The number of the next checkpoint: no name is used twice. */
  named: number;
  totals: RowTotals;
  /** The step at which the present run started, and where it runs. */
  startedAt: number;
  where: Where;
}

const NOWHERE: Where = { pid: 0, host: '', thread: 0 };

/**
 * One event into the table of trials: everything that is a fact about a trial, and nothing about what to do next.
 * The same fold serves the engine, a directory that is read back, and whoever watches.
 *
 * @throws {AttuneError} `TRIAL_TRANSITION` when the lifecycle has no such step
 */
export function advanceTrials(rows: TrialRow[], seed: number, event: ExperimentEvent, at: number): void {
  if (!('trial' in event)) return;
  if (event.kind === 'queued') {
    rows.push(queuedRow(seed, event));
    return;
  }
  const row = trialRow(rows, event.trial);
  row.status = nextStatus(event.trial, row.status, event.kind);
  if (event.kind === 'exploited') applyExploit(row, event, trialRow(rows, event.from));
  else apply(row, event, at);
}

function trialRow(rows: readonly TrialRow[], trial: TrialId): TrialRow {
  const row = rows[trial];
  if (row === undefined) throw new RangeError(`attune: trial ${trial} was never queued.`);
  return row;
}

function queuedRow(seed: number, event: TrialEvent & { kind: 'queued' }): TrialRow {
  const { trial, config, by, tag, dir } = event;
  const fresh = { failures: 0, checkpoints: [], named: 0, totals: NO_TOTALS, startedAt: 0, where: NOWHERE };
  return { id: trial, name: trialName(seed, trial), config, by, tag, dir, status: 'PENDING', step: 0, ...fresh };
}

function apply(row: TrialRow, event: Exclude<TrialEvent, { kind: 'queued' | 'exploited' }>, at: number): void {
  switch (event.kind) {
    case 'started':
      row.startedAt = event.step;
      row.totals = { ...row.totals, iterationsSinceRestore: 0, timeSinceRestore: 0, timestepsSinceRestore: 0 };
      return settle(row);
    case 'reported':
      return applyReport(row, event, at);
    case 'checkpointed':
      return applyCheckpoint(row, event);
    case 'paused':
      row.reason = { by: event.by, reason: event.reason };
      return;
    case 'completed':
      settle(row);
      announceDone(row);
      row.reason = { by: 'completed', reason: 'completed' };
      return;
    case 'stopped':
      settle(row);
      announceDone(row);
      row.reason = { by: event.by, reason: event.reason };
      return;
    case 'retried':
    case 'failed':
      settle(row);
      if (event.kind === 'failed' || !event.resumed) row.failures += 1;
      row.error = event.error;
      return;
  }
}

/** A new run, or an end: what an earlier run left open is over. */
function settle(row: TrialRow): void {
  delete row.saving;
  delete row.reason;
  delete row.error;
}

function applyReport(row: TrialRow, event: TrialEvent & { kind: 'reported' }, at: number): void {
  const { step, metrics, seconds, violation, where, save, done } = event;
  if (where) row.where = where;
  // Steps that a restored trial repeated were not journaled; they count all the same.
  const totals = { ...row.totals, iteration: step - 1, iterationsSinceRestore: step - 1 - row.startedAt };
  const report = { metrics, at, seconds, ...(violation === undefined ? {} : { violation }) };
  const next = nextRow(totals, report, { name: row.name, tag: row.tag, config: row.config, ...row.where });
  row.step = step;
  row.totals = next.totals;
  row.last = next.row;
  if (save !== undefined) announceSave(row, save);
  if (done) announceDone(row);
}

/** The latest report is saving `name`: known at the end of its batch. */
export function announceSave(row: TrialRow, name: string): void {
  row.saving = name;
}

/** The latest report is the trial's last: known at the end of its batch when it is stopped there. */
export function announceDone(row: TrialRow): void {
  if (row.last && row.last['done'] !== true) row.last = { ...row.last, done: true };
}

function applyCheckpoint(row: TrialRow, event: TrialEvent & { kind: 'checkpointed' }): void {
  const last = withCheckpoint(row.last ?? {}, event.checkpoint);
  row.last = last;
  row.named = checkpointNumber(event.checkpoint) + 1;
  delete row.saving;
  const removed = new Set(event.removed);
  row.checkpoints = [...row.checkpoints.filter(({ name }) => !removed.has(name)), { name: event.checkpoint, step: event.step, row: last }];
}

/** `checkpoint_000000` and so on, as Ray names them. */
export const checkpointName = (number: number): string => `checkpoint_${String(number).padStart(6, '0')}`;

const checkpointNumber = (name: string): number => Number(name.slice(name.lastIndexOf('_') + 1));

function applyExploit(row: TrialRow, event: TrialEvent & { kind: 'exploited' }, from: TrialRow): void {
  const source = from.checkpoints.find(({ name }) => name === event.source);
  settle(row);
  row.config = event.config;
  row.step = event.step;
  row.named = checkpointNumber(event.checkpoint) + 1;
  row.totals = totalsFrom({ step: event.step, row: source?.row ?? {} });
  row.checkpoints = [...row.checkpoints, { name: event.checkpoint, step: event.step, row: source?.row ?? {} }];
}
