import type { Scheduler, TrialId } from 'attune';

interface State {
  /** Trials that have neither come to the rung nor ended. */
  coming: TrialId[];
  /** What those had that came, by number. */
  losses: Record<string, number>;
  /** Those that wait there. */
  waiting: TrialId[];
  isExhausted: boolean;
}

/** Successive halving with one rung: all trials wait at step `rung`, then the better half goes on and the others are stopped. */
export const halving = ({ rung }: { rung: number }): Scheduler<State> => ({
  name: 'halving',
  options: { rung },
  uses: ['pause', 'resume', 'stop'],
  init: () => ({ coming: [], losses: {}, waiting: [], isExhausted: false }),
  decide(state, event) {
    if (event.kind === 'queued') state.coming.push(event.trial);
    if (event.kind === 'reported' && event.step >= rung && state.losses[event.trial] === undefined) {
      state.losses[event.trial] = event.losses[0] ?? Infinity;
      return { state, decisions: [{ kind: 'pause', trial: event.trial, reason: `waits at ${rung} for the others` }] };
    }
    if (event.kind === 'paused') {
      state.coming = without(state.coming, event.trial);
      state.waiting.push(event.trial);
    }
    if (event.kind === 'completed' || event.kind === 'stopped' || event.kind === 'failed') {
      state.coming = without(state.coming, event.trial);
      state.waiting = without(state.waiting, event.trial);
    }
    if (event.kind === 'exhausted') state.isExhausted = true;
    const allAreThere = (state.isExhausted && state.coming.length === 0) || event.kind === 'stalled';
    if (!allAreThere || state.waiting.length === 0) return { state, decisions: [] };
    const lossOf = (trial: TrialId) => state.losses[trial] ?? Infinity;
    const ranked = [...state.waiting].sort((a, b) => lossOf(a) - lossOf(b) || a - b);
    const half = Math.ceil(ranked.length / 2);
    const decisions = ranked.map((trial, i) => ({
      kind: i < half ? ('resume' as const) : ('stop' as const),
      trial,
      reason: `rank ${i + 1} of ${ranked.length}, the best ${half} go on`,
    }));
    return { state: { ...state, waiting: [] }, decisions };
  },
});

const without = (trials: readonly TrialId[], trial: TrialId) => trials.filter((other) => other !== trial);
