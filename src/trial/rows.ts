import { deepFreeze } from '../base/deep-freeze.ts';
import { AttuneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import type { Config } from '../space/config.ts';
import type { ErrorData, ExperimentEvent, ProposedBy, TrialEvent, Where } from './events.ts';
import type { TrialId } from './ids.ts';
import { trialName } from './ids.ts';
import type { Status } from './lifecycle.ts';
import { nextStatus } from './lifecycle.ts';
import type { Lineage } from './lineage.ts';
import { descend } from './lineage.ts';
import type { RowTotals } from './row.ts';
import { NO_TOTALS, nextRow, totalsFrom, withCheckpoint } from './row.ts';
import type { SavedCheckpoint, TrialRecord } from './trial-record.ts';

/** A trial record while it is folded: only this file writes to it, and what it holds is frozen once it is in it. */
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
  lineage?: Lineage;
  /** The number of the next checkpoint: no name is used twice. */
  named: number;
  totals: RowTotals;
  startedAtMs?: number;
  /** The step at which the present run started, and where it runs. */
  startedAt: number;
  where: Where;
}

const NOWHERE: Where = Object.freeze({ pid: 0, host: '', thread: 0 });
const NO_CHECKPOINTS: readonly SavedCheckpoint[] = Object.freeze([]);

/**
 * One event into the table of trials: everything that is a fact about a trial, and nothing about what to do next.
 * The same fold serves the engine, a directory that is read back, and whoever watches.
 *
 * @throws {AttuneError} `TRIAL_TRANSITION` when the lifecycle has no such step
 */
export function advanceTrials(rows: TrialRow[], seed: number, event: ExperimentEvent, at: number): void {
  if (event.kind === 'controlled') return applyControl(rows, event);
  if (!('trial' in event)) return;
  if (event.kind === 'queued') {
    rows[event.trial] = queuedRow(seed, event);
    return;
  }
  const row = trialRow(rows, event.trial);
  row.status = nextStatus(event.trial, row.status, event.kind);
  if (event.kind === 'exploited') applyExploit(row, event, trialRow(rows, event.from));
  else apply(row, event, at);
}

/**
 * Refuses an event that cannot come next when `rows` have been folded from all before it: a trial is queued once, in its turn, and
 * reports each step once. What the status of a trial allows is looked at by `advanceTrials`.
 *
 * @throws {AttuneError} `TRIAL_TRANSITION`
 */
export function checkNext(rows: readonly TrialRow[], event: ExperimentEvent): void {
  if (!('trial' in event)) return;
  const { trial, kind } = event;
  const row = rows[trial];
  const isNew = kind === 'queued';
  if (isNew !== (row === undefined)) throw outOfTurn(`expected trial ${trial} to be queued once, before anything else, got "${kind}"`);
  if (isNew && trial !== rows.length) throw outOfTurn(`expected trial ${rows.length} to be queued next, got ${trial}`);
  if (kind === 'reported' && event.step !== (row?.step ?? 0) + 1)
    throw outOfTurn(`expected report ${(row?.step ?? 0) + 1} of trial ${trial}, got ${event.step}`);
  if (kind === 'exploited' && rows[event.from] === undefined) throw outOfTurn(`expected trial ${event.from} to be queued before trial ${trial} exploits it`);
}

const outOfTurn = (problem: string): AttuneError => new AttuneError('TRIAL_TRANSITION', `${problem}.`);

/** A trial that a scheduler paused is from now on paused by hand. What else a hand asks for shows once it has happened. */
function applyControl(rows: readonly TrialRow[], { decision: { kind, trial, by = 'user', reason } }: ExperimentEvent & { kind: 'controlled' }): void {
  const row = rows[Number(trial)];
  if (kind === 'pause' && row?.status === 'PAUSED') row.reason = { by, reason: String(reason) };
}

function trialRow(rows: readonly TrialRow[], trial: TrialId): TrialRow {
  const row = rows[trial];
  if (row === undefined) throw new RangeError(`attune: trial ${trial} was never queued.`);
  return row;
}

function queuedRow(seed: number, event: TrialEvent & { kind: 'queued' }): TrialRow {
  const { trial, by, tag, dir } = event;
  const config = deepFreeze(event.config);
  const fresh = { failures: 0, checkpoints: NO_CHECKPOINTS, named: 0, totals: NO_TOTALS, startedAt: 0, where: NOWHERE };
  return { id: trial, name: trialName(seed, trial), config, by: deepFreeze(by), tag, dir, status: 'PENDING', step: 0, ...fresh };
}

function apply(row: TrialRow, event: Exclude<TrialEvent, { kind: 'queued' | 'exploited' }>, at: number): void {
  switch (event.kind) {
    case 'started':
      row.startedAt = event.step;
      row.startedAtMs = at;
      row.totals = Object.freeze(totalsSince(row, event));
      if (row.lineage) row.lineage = lineageSince(row, event);
      return settle(row);
    case 'reported':
      return applyReport(row, event, at);
    case 'checkpointed':
      return applyCheckpoint(row, event);
    case 'paused':
      row.reason = Object.freeze({ by: event.by, reason: event.reason });
      return;
    case 'completed':
      settle(row);
      announceDone(row);
      row.reason = Object.freeze({ by: 'completed', reason: 'completed' });
      return;
    case 'stopped':
      settle(row);
      announceDone(row);
      row.reason = Object.freeze({ by: event.by, reason: event.reason });
      return;
    case 'retried':
    case 'failed':
      settle(row);
      if (event.kind === 'failed' || !(event.resumed || event.alone || event.damaged !== undefined)) row.failures += 1;
      if (event.kind === 'retried' && event.damaged !== undefined) loseCheckpoint(row, event.damaged);
      row.error = deepFreeze(event.error);
      return;
  }
}

/**
 * What counts since the restore starts at zero at the checkpoint. The steps from there to where the trial had come are
 * repeated without a report in the journal: they count as long as they took the first time, so that totals never go back.
 */
function totalsSince({ totals, checkpoints, step }: TrialRow, started: TrialEvent & { kind: 'started' }): RowTotals {
  const source = checkpoints.find(({ name }) => name === started.checkpoint);
  const then = source ? totalsFrom(source) : NO_TOTALS;
  return {
    ...totals,
    iterationsSinceRestore: step - started.step,
    timeSinceRestore: Math.max(0, totals.timeTotal - then.timeTotal),
    timestepsSinceRestore: Math.max(0, (totals.timesteps ?? 0) - (then.timesteps ?? 0)),
  };
}

/** A new run, or an end: what an earlier run left open is over. */
function settle(row: TrialRow): void {
  delete row.saving;
  delete row.reason;
  delete row.error;
}

function applyReport(row: TrialRow, event: TrialEvent & { kind: 'reported' }, at: number): void {
  const { step, metrics, seconds, violation, where, save, done } = event;
  if (where) row.where = deepFreeze(where);
  const { name, tag, config, startedAt } = row;
  const { timeTotal, timeSinceRestore, timestepsSinceRestore, timesteps, episodes } = row.totals;
  const { pid, host, thread } = row.where;
  // Steps that a restored trial repeated were not journaled; they count all the same. (Key by key: every report pays for a spread.)
  const iteration = step - 1;
  const totals = { iteration, timeTotal, iterationsSinceRestore: iteration - startedAt, timeSinceRestore, timestepsSinceRestore, timesteps, episodes };
  const next = nextRow(totals, { metrics: deepFreeze(metrics), at, seconds, violation }, { name, tag, config, pid, host, thread });
  row.step = step;
  row.totals = Object.freeze(next.totals);
  row.last = Object.freeze(next.row); // whole: what is in it is frozen
  if (save !== undefined) announceSave(row, save);
  if (done) announceDone(row);
}

/** A run has begun there: journaled with its first report, and known to whoever watches before that. */
export function announcePlace(row: TrialRow, where: Where): void {
  row.where = where;
}

/** The latest report is saving `name`: known at the end of its batch. */
export function announceSave(row: TrialRow, name: string): void {
  row.saving = name;
}

/** The latest report is the trial's last: known at the end of its batch when it is stopped there. */
export function announceDone(row: TrialRow): void {
  if (row.last && row.last['done'] !== true) row.last = Object.freeze({ ...row.last, done: true });
}

function applyCheckpoint(row: TrialRow, event: TrialEvent & { kind: 'checkpointed' }): void {
  const last = Object.freeze(withCheckpoint(row.last ?? {}, event.checkpoint));
  row.last = last;
  row.named = checkpointNumber(event.checkpoint) + 1;
  delete row.saving;
  const removed = new Set(event.removed);
  const { manifest } = event;
  const more = { ...(manifest === undefined ? {} : { manifest }), ...(row.lineage ? { lineage: row.lineage } : {}) };
  const saved = Object.freeze({ name: event.checkpoint, step: event.step, row: last, ...more });
  row.checkpoints = Object.freeze([...row.checkpoints.filter(({ name }) => !removed.has(name)), saved]);
}

/** It was damaged: the trial goes on from the one before. */
function loseCheckpoint(row: TrialRow, damaged: string): void {
  row.checkpoints = Object.freeze(row.checkpoints.filter(({ name }) => name !== damaged));
}

/** `checkpoint_000000` and so on, as Ray names them. */
export const checkpointName = (number: number): string => `checkpoint_${String(number).padStart(6, '0')}`;

const checkpointNumber = (name: string): number => Number(name.slice(name.lastIndexOf('_') + 1));

function applyExploit(row: TrialRow, event: TrialEvent & { kind: 'exploited' }, from: TrialRow): void {
  const source = from.checkpoints.find(({ name }) => name === event.source);
  settle(row);
  row.config = deepFreeze(event.config);
  row.step = event.step;
  row.named = checkpointNumber(event.checkpoint) + 1;
  row.lineage = descend(source?.lineage ?? [{ trial: from.name, step: 0, config: configThen(from, source) }], {
    trial: row.name,
    step: event.step,
    config: row.config,
  });
  const saved = Object.freeze({ row: Object.freeze({}), ...source, name: event.checkpoint, step: event.step, lineage: row.lineage });
  row.totals = Object.freeze(totalsFrom(saved));
  row.checkpoints = Object.freeze([...row.checkpoints, saved]);
}

/** Of a trial that has been exploited, when it goes on from a checkpoint: after a loss of the newest it may be one from before that. */
function lineageSince({ name: trial, config, checkpoints }: TrialRow, { checkpoint, step }: TrialEvent & { kind: 'started' }): Lineage {
  const source = checkpoints.find(({ name }) => name === checkpoint);
  const before = source?.lineage;
  if (before) return before.at(-1)?.config === config ? before : descend(before, { trial, step, config });
  return descend(source ? [{ trial, step: 0, config: configThen({ config }, source) }] : [], { trial, step, config });
}

/** The configuration that a checkpoint was made with. */
const configThen = ({ config }: Pick<TrialRow, 'config'>, source: SavedCheckpoint | undefined): Config =>
  (source?.row['config'] as Config | undefined) ?? config;
