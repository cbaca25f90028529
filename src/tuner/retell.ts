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

/** What becomes of what a callback has of a trial: it forgets that, and is told again; or keeps it. */
type Wanted = 'told' | 'told unless it has it' | 'kept';

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

  /** Those that had not ended are told again on a restore, with those that failed when they go on; those that only just ended, unless all of it is there. */
  wants({ id, status }: TrialRecord, { name }: Callback, goesOn: 'open' | 'openOrFailed'): Wanted {
    const last = this.#last.get(id) ?? Number.NEGATIVE_INFINITY;
    if (!hasEnded(status) || (status === 'ERROR' && goesOn === 'openOrFailed')) return 'told';
    if (last >= (this.#muted.get(name) ?? Number.POSITIVE_INFINITY)) return 'told'; // it happened after the callback was switched off
    return last >= this.#latest - TOLD_AFTER_MS ? 'told unless it has it' : 'kept';
  }

  /** `trials`, and those whose checkpoints they took: whose lines lead to the same rows again. */
  needed(trials: ReadonlySet<TrialId>): ReadonlySet<TrialId> {
    const needed = new Set(trials);
    for (const trial of needed) for (const source of this.#sources.get(trial) ?? []) needed.add(source); // a set grows while it is walked
    return needed;
  }
}

/** Lines of the journal, in order, and of which trials callbacks are told again. */
export interface Retelling {
  wants(trial: TrialRecord, callback: Callback): Wanted;
  /** Those that lead to the same rows of `trials` again, at least. */
  lines(trials: ReadonlySet<TrialId>): Iterable<JournalLine>;
}

/**
 * Lets every callback that can `forget` do so, and tells it again of the trials that it wants: on a restore, since a process that was killed
 * may have journaled a report and told nobody; and in a repair, of every trial. Cost: one pass over their lines, of which none is kept.
 *
 * @param record - what the whole journal led to
 */
export async function retell(retelling: Retelling, record: ExperimentRecord, listeners: Listeners): Promise<void> {
  const now = exhibit(viewOf(record, record.trials))();
  const told = new Map<Callback, ReadonlySet<TrialId>>();
  for (const callback of listeners.callbacks) {
    if (callback.forget === undefined) continue;
    let hook = 'has';
    try {
      const trials = await missing(callback, now, retelling);
      hook = 'forget';
      for (const trial of trials) await callback.forget(trial, now);
      if (trials.length > 0) told.set(callback, new Set(trials.map(({ id }) => id)));
    } catch (error) {
      listeners.fail(callback, error, { hook });
    }
  }
  if (told.size === 0) return;
  const rows = [...record.trials] as TrialRow[]; // each is made anew with its `queued`
  const then = exhibit(viewOf(record, rows));
  let count = 0;
  for (const line of retelling.lines(new Set([...told.values()].flatMap((trials) => [...trials])))) {
    advanceTrials(rows, record.created.seed, line, line.at);
    const view = then(line);
    if (++count % LINES_AT_ONCE === 0) await undefined;
    if (!('trial' in line)) continue;
    for (const [callback, trials] of told) {
      if (!trials.has(line.trial)) continue;
      try {
        const pending = callback.onEvent(line, view);
        if (pending) await pending; // waits only when it must: files are then written in one go
      } catch (error) {
        told.delete(callback);
        listeners.fail(callback, error, { hook: hookName(callback, line.kind), line, trial: rows[line.trial]?.name });
      }
    }
  }
}

/** The trials that `callback` is to be told of again. */
async function missing(callback: Callback, now: ExperimentView, { wants }: Retelling): Promise<readonly TrialRecord[]> {
  const trials: TrialRecord[] = [];
  for (const trial of now.trials) {
    const wanted = wants(trial, callback);
    if (wanted === 'told' || (wanted === 'told unless it has it' && !(await callback.has?.(trial, now)))) trials.push(trial);
  }
  return trials;
}

const viewOf = ({ path, created }: ExperimentRecord, trials: readonly TrialRecord[]): ExperimentView => ({
  path,
  created,
  trials,
  trial: (id) => trials[id],
});
