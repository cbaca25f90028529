// A scheduler of your own: it gets its state and one event, and returns its next state and what it would like done.
import { type Scheduler, type TrialContext, Tuner, uniform } from 'attune';

/** Stops a trial that, at its step `at`, is not among the better half of those that came there before it. */
const betterHalf = ({ at }: { at: number }): Scheduler<number[]> => ({
  name: 'betterHalf',
  options: { at },
  uses: ['stop'],
  init: () => [],
  decide(losses, event) {
    const [loss] = event.kind === 'reported' && event.step === at ? event.losses : [];
    if (event.kind !== 'reported' || loss === undefined) return { state: losses, decisions: [] };
    const state = [...losses, loss];
    const rank = 1 + losses.filter((other) => other < loss).length;
    if (rank <= Math.ceil(state.length / 2)) return { state, decisions: [] };
    const reason = `step ${at}: rank ${rank} of ${state.length}, only the better half goes on`;
    return { state, decisions: [{ kind: 'stop', trial: event.trial, reason }] };
  },
});

/** A learning curve: it falls towards `floor`. */
async function curve({ floor }: { floor: number }, trial: TrialContext) {
  for (let step = 1; step <= 20; step++) await trial.report({ loss: floor + 1 / step });
}

const tuner = new Tuner(curve, {
  paramSpace: { floor: uniform(0, 1) },
  tuneConfig: { metric: 'loss', mode: 'min', numSamples: 30, scheduler: betterHalf({ at: 4 }), seed: 7 },
  runConfig: { verbose: 0 },
});

const grid = await tuner.fit();
const stopped = [...grid].filter((result) => result.reason?.by === 'betterHalf');
console.log(`${stopped.length} of ${grid.length} trials were stopped early; the first: "${stopped[0]?.reason?.reason}"`);
console.log(`best floor: ${grid.getBestResult().config.floor.toFixed(3)}`);
