import { isWorst } from '../../src/base/worst.ts';
import type { Scheduler } from '../../src/schedule/scheduler.ts';
import { rungName, trialTime } from '../../src/schedule/trial-time.ts';
import { countBefore, type Ladder, type Place, placeOf, placesOf, rungPassed } from './ladder.ts';

/** What `asha` keeps with `variant: 'stop'`. */
export interface StoppingState {
  /** By bracket and rung: every loss recorded there, ascending. */
  readonly losses: number[][][];
  /** By trial that has not ended. */
  readonly places: Record<string, Place>;
}

/** Whoever comes to a rung goes on or ends there at once. */
export function stopping(ladder: Ladder): Pick<Scheduler<StoppingState>, 'uses' | 'init' | 'decide'> {
  return {
    uses: ['stop'],
    init: () => ({ losses: ladder.brackets.map((milestones) => milestones.map(() => [])), places: {} }),
    decide(state, event, context) {
      if (event.kind === 'completed' || event.kind === 'stopped') delete state.places[event.trial]; // a failed trial may be resumed
      if (event.kind !== 'reported') return { state, decisions: [] };
      const [loss, time] = [event.losses[0], trialTime(event, ladder.timeAttr)];
      if (loss === undefined || time === undefined) return { state, decisions: [] };
      const { trial } = event;
      const place = placeOf(state.places, trial, ladder, context, (bracket) => ({ bracket, rung: -1 }));
      const reason = recorded(ladder, state, place, loss, time);
      if (time >= ladder.maxT) return { state, decisions: [{ kind: 'stop', trial, reason: `reached maxT ${ladder.maxT}` }] };
      return { state, decisions: reason === undefined ? [] : [{ kind: 'stop', trial, reason }] };
    },
  };
}

/** Records the loss at the highest rung passed, unless the trial has been there; says why the trial must stop, if it must. */
function recorded(ladder: Ladder, state: StoppingState, place: Place, loss: number, time: number): string | undefined {
  const rung = rungPassed(ladder, place, time);
  const losses = rung === undefined ? undefined : state.losses[place.bracket]?.[rung];
  if (rung === undefined || losses === undefined) return undefined;
  place.rung = rung;
  const better = countBefore(losses, (other) => other < loss);
  losses.splice(better, 0, loss);
  const n = losses.length;
  const kept = Math.max(1, placesOf(n, ladder));
  const at = rungName(ladder.brackets[place.bracket]?.[rung] ?? 0);
  if (isWorst(loss) && better > 0) return `${at}: its metric is NaN or infinite, that of ${better} of ${n} is not`;
  return better < kept ? undefined : `${at}: rank ${better + 1} of ${n}, only the best ${kept === 1 ? 'goes' : `${kept} go`} on`;
}
