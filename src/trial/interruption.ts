import type { JournalLine } from './events.ts';

/**
 * What interrupted the latest session, as a fold over the lines of a journal: `by` of the first `halted` that left trials as
 * they were. Gone once a session opens again.
 */
export function interruptedBy(before: string | undefined, line: JournalLine): string | undefined {
  if (line.kind === 'opened') return undefined;
  return line.kind === 'halted' && line.interrupt ? (before ?? line.by) : before;
}
