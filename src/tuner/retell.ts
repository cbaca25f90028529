import type { JournalLine } from '../trial/events.ts';
import type { TrialId } from '../trial/ids.ts';
import { hasEnded } from '../trial/lifecycle.ts';
import type { TrialRow } from '../trial/rows.ts';
import { advanceTrials } from '../trial/rows.ts';
import type { ExperimentRecord, TrialRecord } from '../trial/trial-record.ts';
import type { Callback, ExperimentView } from '../watch/callback.ts';
import { exhibit } from './exhibit.ts';

/** Whatever was journaled longer ago than this has reached the callbacks, and the disk: they are told right after the journal. */
const TOLD_AFTER_MS = 60_000;

/** This many lines, and whoever collects what it is told has a moment to write it: the rows of a long journal must not all wait in memory. */
const LINES_AT_ONCE = 1000;

interface Listeners {
  readonly callbacks: readonly Callback[];
  /** Which trials it is about: those that had not ended, or only just; with those that failed, since they go on; or every one. */
  readonly about: 'open' | 'openOrFailed' | 'all';
  /** Told of a callback that throws. */
  warn(message: string): void;
}

/**
 * Lets every callback that can `forget` do so, and tells it again. On a restore this is about the trials that had not ended, or only
 * just, or go on although they had failed: a process that was killed may have journaled a report and told nobody. A repair is
 * the same, about all trials.
 * Cost: two passes over the lines, and one more for each callback that can.
 *
 * @param record - what `lines`, the whole journal, led to
 */
export async function retell(lines: readonly JournalLine[], record: ExperimentRecord, listeners: Listeners): Promise<void> {
  const { trials } = record;
  const open = openTrials(lines, trials, listeners.about);
  for (const callback of listeners.callbacks) {
    if (callback.forget === undefined) continue;
    const now = exhibit(viewOf(record, trials))();
    for (const trial of now.trials) if (open.has(trial.id)) await attempt(() => callback.forget?.(trial, now), callback, listeners);
    const rows: TrialRow[] = [];
    const then = exhibit(viewOf(record, rows));
    let count = 0;
    for (const line of lines) {
      advanceTrials(rows, record.created.seed, line, line.at);
      const view = then(line);
      if (++count % LINES_AT_ONCE === 0) await undefined;
      if (!('trial' in line) || !open.has(line.trial)) continue;
      const told = attempt(() => callback.onEvent(line, view), callback, listeners);
      if (told) await told; // waits only when it must: files are then written in one go
    }
  }
}

const viewOf = ({ path, created }: ExperimentRecord, trials: readonly TrialRecord[]): ExperimentView => ({
  path,
  created,
  trials,
  trial: (id) => trials[id],
});

function attempt(tell: () => void | Promise<void>, { name }: Callback, { warn }: Listeners): Promise<void> | undefined {
  const failed = (error: unknown): void => warn(`callback "${name}" threw: ${error instanceof Error ? error.message : String(error)}`);
  try {
    const told = tell();
    return told === undefined ? undefined : Promise.resolve(told).catch(failed);
  } catch (error) {
    failed(error);
    return undefined;
  }
}

function openTrials(lines: readonly JournalLine[], trials: readonly TrialRecord[], about: Listeners['about']): ReadonlySet<TrialId> {
  if (about === 'all') return new Set(trials.map(({ id }) => id));
  const since = (lines.at(-1)?.at ?? 0) - TOLD_AFTER_MS;
  const open = new Set<TrialId>();
  for (const { id, status } of trials) if (!hasEnded(status) || (status === 'ERROR' && about === 'openOrFailed')) open.add(id);
  for (const line of lines) if (line.at >= since && 'trial' in line) open.add(line.trial);
  return open;
}
