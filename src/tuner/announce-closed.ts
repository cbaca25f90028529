import { channel } from 'node:diagnostics_channel';
import { readLines } from '../store/read-experiment.ts';
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
 * nothing while nobody has.
 *
 * @param journal - its lines, from the first session on, or the directory that holds them
 */
export function announceClosed(lived: Experiment, journal: string | readonly JournalLine[]): void {
  if (!closed.hasSubscribers) return;
  const { space, seats } = lived;
  const [chosen, rules] = seats.map(({ scheduler }) => scheduler);
  const lines = typeof journal === 'string' ? linesIn(journal) : [...journal];
  if (chosen === undefined || lines === undefined) return;
  closed.publish({ lived, replayed: () => replay(lines, { space, scheduler: chosen, rules }) } satisfies ClosedSession);
}

function linesIn(dir: string): readonly JournalLine[] | undefined {
  const lines: JournalLine[] = [];
  try {
    readLines(dir, (line) => void lines.push(line));
    return lines;
  } catch {
    return undefined; // whoever restores it is told why
  }
}
