import type { JournalLine } from '../trial/events.ts';
import type { TrialId } from '../trial/ids.ts';
import { hasEnded } from '../trial/lifecycle.ts';
import type { TrialRow } from '../trial/rows.ts';
import { advanceTrials } from '../trial/rows.ts';
import type { ExperimentRecord, TrialRecord } from '../trial/trial-record.ts';
import { type Callback, type ExperimentView, hookName } from '../watch/callback.ts';
import { exhibit } from './exhibit.ts';
import type { Place } from './observers.ts';

/** Whatever was journaled longer ago than this has reached the callbacks, and the disk: they are told right after the journal. */
const TOLD_AFTER_MS = 60_000;

/** This many lines, and whoever collects what it is told has a moment to write it: the rows of a long journal must not all wait in memory. */
const LINES_AT_ONCE = 1000;

export interface Listeners {
  readonly callbacks: readonly Callback[];
  /** Told of a callback that throws: it is told nothing more. */
  fail(callback: Callback, error: unknown, at: Place): void;
}

/** What a pass over the journal notes for `retell`, so that this needs no more than the lines of a few trials. */
export class Heard {
  #latest = Number.NEGATIVE_INFINITY;
  /** When each trial was last heard of. */
  readonly #last = new Map<TrialId, number>();
  /** Whose checkpoint a trial took. */
  readonly #sources = new Map<TrialId, TrialId[]>();
  /** Since when a callback may lack something, by its name. */
  readonly #muted = new Map<string, number>();

  note(line: JournalLine): void {
    this.#latest = Math.max(this.#latest, line.at);
    if (line.kind === 'muted') this.#muted.set(line.callback, Math.min(line.since, this.#muted.get(line.callback) ?? line.since));
    if (!('trial' in line)) return;
    this.#last.set(line.trial, line.at);
    if (line.kind === 'exploited') this.#sources.set(line.trial, [...(this.#sources.get(line.trial) ?? []), line.from]);
  }

  /** Which trials are told again on a restore: those that had not ended, or only just; with those that failed, since they go on. */
  about(trials: readonly TrialRecord[], about: 'open' | 'openOrFailed'): ReadonlySet<TrialId> {
    const since = this.#latest - TOLD_AFTER_MS;
    const isIn = ({ id, status }: TrialRecord): boolean =>
      !hasEnded(status) || (status === 'ERROR' && about === 'openOrFailed') || (this.#last.get(id) ?? Number.NEGATIVE_INFINITY) >= since;
    return new Set(trials.filter(isIn).map(({ id }) => id));
  }

  /** Trials to which something happened after a callback of this name was switched off. */
  missedBy(callback: string): ReadonlySet<TrialId> {
    const since = this.#muted.get(callback) ?? Number.POSITIVE_INFINITY;
    return new Set([...this.#last].filter(([, at]) => at >= since).map(([trial]) => trial));
  }

  /** `trials`, and those whose checkpoints they took: whose lines lead to the same rows again. */
  needed(trials: ReadonlySet<TrialId>): ReadonlySet<TrialId> {
    const needed = new Set(trials);
    for (const trial of needed) for (const source of this.#sources.get(trial) ?? []) needed.add(source); // a set grows while it is walked
    return needed;
  }
}

/**
 * Lets every callback that can `forget` do so, and tells it again of the trials that are `wanted`: on a restore, since a process that was killed
 * may have journaled a report and told nobody; and in a repair, of every trial. Cost: their lines, once for each callback that can.
 *
 * @param lines - of the journal, in order: those that are `needed` for all that is wanted at least
 * @param wanted - what a callback is told again of
 * @param record - what the whole journal led to
 */
export async function retell(
  lines: readonly JournalLine[],
  wanted: (callback: Callback) => ReadonlySet<TrialId>,
  record: ExperimentRecord,
  listeners: Listeners,
): Promise<void> {
  const { trials } = record;
  for (const callback of listeners.callbacks) {
    if (callback.forget === undefined) continue;
    let at: Place = { hook: 'forget' };
    try {
      const open = wanted(callback);
      const now = exhibit(viewOf(record, trials))();
      for (const trial of now.trials) if (open.has(trial.id)) await callback.forget(trial, now);
      const rows = [...trials] as TrialRow[]; // each is made anew with its `queued`
      const then = exhibit(viewOf(record, rows));
      let count = 0;
      for (const line of lines) {
        advanceTrials(rows, record.created.seed, line, line.at);
        const view = then(line);
        if (++count % LINES_AT_ONCE === 0) await undefined;
        if (!('trial' in line) || !open.has(line.trial)) continue;
        at = { hook: hookName(callback, line.kind), line, trial: rows[line.trial]?.name };
        const told = callback.onEvent(line, view);
        if (told) await told; // waits only when it must: files are then written in one go
      }
    } catch (error) {
      listeners.fail(callback, error, at);
    }
  }
}

const viewOf = ({ path, created }: ExperimentRecord, trials: readonly TrialRecord[]): ExperimentView => ({
  path,
  created,
  trials,
  trial: (id) => trials[id],
});
