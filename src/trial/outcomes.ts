import type { TrialRecord } from './trial-record.ts';

/** `12 trials: 2 completed, 10 stopped`: how many ended how, or stand how, in order of the first of each. */
export function outcomes(trials: readonly TrialRecord[]): string {
  const counts = new Map<string, number>();
  for (const trial of trials) counts.set(outcomeOf(trial), (counts.get(outcomeOf(trial)) ?? 0) + 1);
  const total = `${trials.length} trial${trials.length === 1 ? '' : 's'}`;
  return trials.length === 0 ? total : `${total}: ${[...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ')}`;
}

function outcomeOf({ status, reason }: TrialRecord): string {
  if (status === 'TERMINATED') return reason?.by === 'completed' ? 'completed' : 'stopped';
  return status === 'ERROR' ? 'failed' : status.toLowerCase();
}

/** `asha: rung 3: rank 4 of 5`: who decided, unless the reason begins with it. */
export const reasonText = ({ by, reason }: { readonly by: string; readonly reason: string }): string =>
  by === '' || reason.startsWith(by) ? reason : `${by}: ${reason}`;
