import type { TrialId } from '../trial/ids.ts';
import type { Experiment } from './experiment.ts';

/** What the loop is to do now. */
export type Next =
  /** Carry out an intent that needs no worker. */
  | { readonly do: 'finish'; readonly trial: TrialId }
  | { readonly do: 'start'; readonly trial: TrialId }
  /** Queue the next part of an enqueued configuration. */
  | { readonly do: 'queue'; readonly entry: number }
  | { readonly do: 'tell'; readonly kind: 'idle' | 'exhausted' | 'stalled' }
  | { readonly do: 'ask' }
  | { readonly do: 'wait' }
  | { readonly do: 'end'; readonly why: string };

/** What only the loop knows: what it has in hand. */
export interface Hands {
  /** How many trials may run at once, now. */
  readonly slots: number;
  /** Runs that the executor has not ended yet. */
  readonly runs: number;
  /** The searcher has an ask in hand. */
  readonly asking: boolean;
  /** The count of happenings at which it said `wait`; it is asked again once that has moved. */
  readonly waitedAt: number;
  /** Runnable trials that have failed and wait before they start again: each has its slot. */
  readonly resting: ReadonlySet<TrialId>;
}

/**
 * What to do next: a pure function of the fold. Intents that need no worker come first, and trials for what was enqueued.
 * A free slot goes to runnable trials in the order in which they became so, presets and the rest of an enqueued sweep, the
 * scheduler's `idle`, and last the searcher.
 */
export function next(experiment: Experiment, hands: Hands): Next {
  const { halted, due, running, runnable } = experiment;
  const [finish] = due;
  if (halted) return finish !== undefined && !halted.interrupt ? { do: 'finish', trial: finish } : afterHalt(experiment, hands);
  if (finish !== undefined) return { do: 'finish', trial: finish };
  const [entry] = experiment.unnamed;
  if (entry !== undefined) return { do: 'queue', entry };
  const waits = experiment.entryAt < experiment.entries.length;
  if (experiment.searcherDone && !experiment.toldExhausted && !waits) return { do: 'tell', kind: 'exhausted' };
  if (running.size + countIn(runnable, hands.resting) < hands.slots) {
    const filled = fillSlot(experiment, hands);
    if (filled) return filled;
  }
  if (running.size > 0 || hands.asking || runnable.length > 0) return { do: 'wait' };
  return whenNothingRuns(experiment, hands);
}

/** What the searcher is still thinking about is asked for again by a restore. */
function afterHalt({ halted }: Experiment, { runs }: Hands): Next {
  return runs > 0 ? { do: 'wait' } : { do: 'end', why: halted?.reason ?? 'halted' };
}

function fillSlot(experiment: Experiment, hands: Hands): Next | undefined {
  const trial = experiment.runnable.find((one) => !hands.resting.has(one));
  if (trial !== undefined) return { do: 'start', trial };
  const { entryAt: entry } = experiment;
  if (entry < experiment.entries.length) return { do: 'queue', entry };
  if (mayResume(experiment) && experiment.idleAt !== experiment.happened) return { do: 'tell', kind: 'idle' };
  const waits = hands.waitedAt === experiment.happened;
  return experiment.searcherDone || hands.asking || waits ? undefined : { do: 'ask' };
}

const countIn = (list: readonly TrialId[], set: ReadonlySet<TrialId>): number => (set.size === 0 ? 0 : list.filter((one) => set.has(one)).length);

/** Only a paused trial, or one that is being paused, can answer an idle slot, and none that a hand holds. */
function mayResume({ paused, running, actors }: Experiment): boolean {
  if (paused.some((trial) => actors[trial]?.held === undefined)) return true;
  for (const trial of running) if (actors[trial]?.intent?.kind === 'pause' && !actors[trial].held) return true;
  return false;
}

function whenNothingRuns(experiment: Experiment, { slots }: Hands): Next {
  const paused = experiment.paused.length;
  if (experiment.searcherDone) return { do: 'end', why: paused > 0 ? `all other trials have ended, and ${paused} are paused` : 'all trials have ended' };
  if (slots === 0) return { do: 'wait' }; // a manual executor that nobody has asked
  if (experiment.stalledAt !== experiment.happened) return { do: 'tell', kind: 'stalled' };
  return { do: 'end', why: paused > 0 ? `the searcher waits, and ${paused} trials are paused by hand` : 'the searcher waits although nothing runs' };
}
