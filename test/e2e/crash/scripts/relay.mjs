/**
 * A scheduler of the user's that decides everything there is to decide: trials pause at step 2 until all are there, the worst
 * of them is stopped, the others go on; at step 4 each asks for a checkpoint of the best, and copies it unless it is the best.
 */
export function relay() {
  const settle = (state) => {
    if (state.settled || !state.exhausted || state.open.length > 0) return [];
    state.settled = true;
    const ranked = [...state.paused].sort((a, b) => state.losses[a] - state.losses[b]);
    state.best = ranked[0];
    return ranked.map((trial, rank) =>
      rank > 0 && rank === ranked.length - 1
        ? { kind: 'stop', trial, reason: `rank ${rank + 1} of ${ranked.length}` }
        : { kind: 'resume', trial, reason: `rank ${rank + 1} of ${ranked.length}` },
    );
  };
  const leave = (state, trial) => {
    const at = state.open.indexOf(trial);
    if (at >= 0) state.open.splice(at, 1);
  };
  const onReport = (state, { trial, step, losses }, rng) => {
    state.losses[trial] = losses[0];
    if (!state.settled && step === 2) return [{ kind: 'pause', trial, reason: 'step 2' }];
    if (step === 3) return [{ kind: 'checkpoint', trial, reason: 'step 3' }];
    const checkpoint = state.saved[state.best];
    if (step !== 4 || trial === state.best || state.copied.includes(trial) || !checkpoint) return [];
    state.copied.push(trial);
    return [{ kind: 'exploit', trial, from: state.best, checkpoint, config: { x: rng('explore', trial).next() }, reason: `copies trial ${state.best}` }];
  };
  return {
    name: 'relay',
    uses: ['stop', 'pause', 'resume', 'checkpoint', 'exploit'],
    init: () => ({ open: [], paused: [], losses: {}, saved: {}, copied: [], exhausted: false, settled: false, best: -1 }),
    decide(state, event, { rng }) {
      const { kind, trial } = event;
      if (kind === 'queued') state.open.push(trial);
      if (kind === 'exhausted') state.exhausted = true;
      if (kind === 'checkpointed') state.saved[trial] = event.checkpoint;
      if (kind === 'reported') return { state, decisions: onReport(state, event, rng) };
      if (kind === 'paused') state.paused.push(trial);
      if (kind === 'paused' || kind === 'completed' || kind === 'stopped' || kind === 'failed') leave(state, trial);
      return { state, decisions: settle(state) };
    },
  };
}
