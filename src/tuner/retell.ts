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
  /** Told of a callback that throws. */
  warn(message: string): void;
}

/** What a pass over the journal notes for `retell`, so that this needs no more than the lines of a few trials. */
export class Heard {
  #latest = Number.NEGATIVE_INFINITY;
  /** When each trial was last heard of. */
  readonly #last = new Map<TrialId, number>();
  /** Whose checkpoint a trial took. */
  readonly #sources = new Map<TrialId, TrialId[]>();

  note(line: JournalLine): void {
    this.#latest = Math.max(this.#latest, line.at);
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

  /** `trials`, and those whose checkpoints they took: whose lines lead to the same rows again. */
  needed(trials: ReadonlySet<TrialId>): ReadonlySet<TrialId> {
    const needed = new Set(trials);
    for (const trial of needed) for (const source of this.#sources.get(trial) ?? []) needed.add(source); // a set grows while it is walked
    return needed;
  }
}

/**
 * Lets every callback that can `forget` do so, and tells it again of the `open` trials: on a restore, since a process that was killed
 * may have journaled a report and told nobody; and in a repair, of every trial. Cost: their lines, once for each callback that can.
 *
 * @param lines - of the journal, in order: those of `heard.needed(open)` at least
 * @param record - what the whole journal led to
 */
export async function retell(lines: readonly JournalLine[], open: ReadonlySet<TrialId>, record: ExperimentRecord, listeners: Listeners): Promise<void> {
  const { trials } = record;
  for (const callback of listeners.callbacks) {
    if (callback.forget === undefined) continue;
    const now = exhibit(viewOf(record, trials))();
    for (const trial of now.trials) if (open.has(trial.id)) await attempt(() => callback.forget?.(trial, now), callback, listeners);
    const rows = [...trials] as TrialRow[]; // each is made anew with its `queued`
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
