import { channel } from 'node:diagnostics_channel';
import type { JournalLine } from '../trial/events.ts';
import type { Experiment } from './experiment.ts';
import { replay } from './restore.ts';

/** An experiment as a session left it, and as its journal, as it is now, gives it: by the law of restore, the same. */
export interface ClosedSession {
  readonly lived: Experiment;
  /** @throws {AttuneError} what a restore of this experiment would throw */
  replayed(): Experiment;
}

const closed = channel('attune:session-closed');

/**
 * Tells whoever subscribed to the diagnostics channel `attune:session-closed` of a session that was closed in order. Costs
 * nothing while nobody has. @param journal - its lines, from the first session on
 */
export function announceClosed(lived: Experiment, journal: () => Iterable<JournalLine>): void {
  if (!closed.hasSubscribers) return;
  const { space, seats } = lived;
  const [chosen, rules] = seats.map(({ scheduler }) => scheduler);
  if (chosen === undefined) return;
  const lines = [...journal()];
  closed.publish({ lived, replayed: () => replay(lines, { space, scheduler: chosen, rules }) } satisfies ClosedSession);
}
