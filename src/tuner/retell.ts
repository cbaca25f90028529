import type { JournalLine } from '../trial/events.ts';
import type { TrialId } from '../trial/ids.ts';
import { hasEnded } from '../trial/lifecycle.ts';
import type { TrialRow } from '../trial/rows.ts';
import { advanceTrials } from '../trial/rows.ts';
import type { ExperimentRecord, TrialRecord } from '../trial/trial-record.ts';
import { type Callback, type ExperimentView, hookName } from '../watch/callback.ts';
import type { Place } from './observers.ts';

/** Whatever was journaled longer ago than this has reached the callbacks, and the disk: they are told right after the journal. */
const TOLD_AFTER_MS = 60_000;

interface Listeners {
  readonly callbacks: readonly Callback[];
  /** Trials that failed go on. */
  readonly resumeErrored: boolean;
  /** Told of a callback that throws: it is told nothing more. */
  fail(callback: Callback, error: unknown, at: Place): void;
}

/**
 * On a restore: lets every callback that can `forget` do so, and tells it again, for the trials that had not ended, or only
 * just, or go on although they had failed, or went on after it was switched off. A process that was killed may have journaled a report and told nobody.
 * Cost: two passes over the lines, and one more for each callback that can.
 *
 * @param record - what `lines`, the whole journal, led to
 */
export async function retell(lines: readonly JournalLine[], record: ExperimentRecord, listeners: Listeners): Promise<void> {
  const { trials } = record;
  const open = openTrials(lines, trials, listeners.resumeErrored);
  for (const callback of listeners.callbacks) {
    if (callback.forget === undefined) continue;
    let at: Place = { hook: 'forget' };
    try {
      const wanted = new Set([...open, ...missedBy(callback, lines)]);
      const now = viewOf(record, trials);
      for (const trial of trials) if (wanted.has(trial.id)) await callback.forget(trial, now);
      const rows: TrialRow[] = [];
      const then = viewOf(record, rows);
      for (const line of lines) {
        advanceTrials(rows, record.created.seed, line, line.at);
        if (!('trial' in line) || !wanted.has(line.trial)) continue;
        at = { hook: hookName(callback, line.kind), line, trial: rows[line.trial]?.name };
        const told = callback.onEvent(line, then);
        if (told) await told; // waits only when it must: files are then written in one go
      }
    } catch (error) {
      listeners.fail(callback, error, at);
    }
  }
}

/** Trials to which something happened after a callback of this name was switched off. */
function missedBy({ name }: Callback, lines: readonly JournalLine[]): ReadonlySet<TrialId> {
  const since = lines.reduce((earliest, line) => (line.kind === 'muted' && line.callback === name ? Math.min(earliest, line.since) : earliest), Infinity);
  return since === Infinity ? new Set() : new Set(lines.flatMap((line) => ('trial' in line && line.at >= since ? [line.trial] : [])));
}

const viewOf = ({ path, created }: ExperimentRecord, trials: readonly TrialRecord[]): ExperimentView => ({
  path,
  created,
  trials,
  trial: (id) => trials[id],
});

function openTrials(lines: readonly JournalLine[], trials: readonly TrialRecord[], resumeErrored: boolean): ReadonlySet<TrialId> {
  const since = (lines.at(-1)?.at ?? 0) - TOLD_AFTER_MS;
  const open = new Set<TrialId>();
  for (const { id, status } of trials) if (!hasEnded(status) || (status === 'ERROR' && resumeErrored)) open.add(id);
  for (const line of lines) if (line.at >= since && 'trial' in line) open.add(line.trial);
  return open;
}
