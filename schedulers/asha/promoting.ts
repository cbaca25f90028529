import { isWorst } from '../../src/base/worst.ts';
import type { Decision, Outcome, Scheduler } from '../../src/schedule/scheduler.ts';
import { rungName, trialTime } from '../../src/schedule/trial-time.ts';
import { type TrialId, trialId } from '../../src/trial/ids.ts';
import { countBefore, type Ladder, type Place, placeOf, placesOf, rungPassed } from './ladder.ts';

/** What `asha` keeps with `variant: 'promote'` and `'delayed'`. */
export interface PromotingState {
  /** By bracket and rung. */
  readonly rungs: Rung[][];
  /** By trial that has not ended. */
  readonly places: Record<string, Climber>;
}

/** Losses and trials are one list, best first, ties by trial; `waiting` are those of them that are paused here, in the same order. */
interface Rung {
  readonly losses: number[];
  readonly trials: number[];
  readonly waiting: number[];
  promoted: number;
}

interface Climber extends Place {
  /** The one recorded at its rung. */
  loss: number;
  is: 'climbing' | 'pausing' | 'waiting';
}

/** A rung by its place, with its milestone. */
interface Step {
  readonly bracket: number;
  readonly rung: number;
  readonly milestone: number;
}

/**
 * Whoever comes to a rung pauses there, and goes on when a slot is free and it is among the best.
 * @param delayed - also hold back a promotion while as many have been promoted as there are places
 */
export function promoting(ladder: Ladder, delayed: boolean): Pick<Scheduler<PromotingState>, 'uses' | 'init' | 'decide'> {
  const steps = ladder.brackets.flatMap((milestones, bracket) => milestones.map((milestone, rung): Step => ({ bracket, rung, milestone })));
  const topDown = steps.filter(({ milestone }) => milestone < ladder.maxT).sort((a, b) => b.milestone - a.milestone || a.bracket - b.bracket);
  return {
    uses: ['pause', 'resume', 'stop'],
    init: () => ({ rungs: ladder.brackets.map((milestones) => milestones.map(emptyRung)), places: {} }),
    decide(state, event, context) {
      const none = { state, decisions: [] };
      switch (event.kind) {
        case 'reported': {
          const [loss, time] = [event.losses[0], trialTime(event, ladder.timeAttr)];
          if (loss === undefined || time === undefined) return none;
          const climber = placeOf<Climber>(state.places, event.trial, ladder, context, (bracket) => ({ bracket, rung: -1, loss: 0, is: 'climbing' }));
          return { state, decisions: onReport(ladder, state, climber, event.trial, loss, time) };
        }
        case 'paused':
          wait(state, event.trial);
          return none;
        case 'started':
        case 'failed':
          leave(state, event.trial); // by our promotion, or by hand
          return none;
        case 'completed':
        case 'stopped':
          leave(state, event.trial);
          delete state.places[event.trial];
          return none;
        case 'idle':
          return promote(ladder, state, topDown, delayed);
        case 'stalled':
          return giveUp(ladder, state, topDown, delayed);
        default:
          return none;
      }
    },
  };
}

const emptyRung = (): Rung => ({ losses: [], trials: [], waiting: [], promoted: 0 });

function onReport(ladder: Ladder, state: PromotingState, climber: Climber, trial: TrialId, loss: number, time: number): readonly Decision[] {
  const rung = rungPassed(ladder, climber, time);
  if (rung !== undefined) record(state, climber, trial, rung, loss);
  if (time >= ladder.maxT) return [{ kind: 'stop', trial, reason: `reached maxT ${ladder.maxT}` }];
  if (rung === undefined && climber.is !== 'pausing') return [];
  const { losses, trials } = rungAt(state, climber);
  const at = rungName(ladder.brackets[climber.bracket]?.[climber.rung] ?? 0);
  if (isWorst(climber.loss)) return [{ kind: 'stop', trial, reason: `${at}: its metric is NaN or infinite` }];
  climber.is = 'pausing'; // again, if a failure came between
  const rank = 1 + countBefore(losses, (other) => other < climber.loss);
  const share = Number((100 / ladder.reductionFactor).toPrecision(3));
  return [{ kind: 'pause', trial, reason: `${at}: rank ${rank} of ${trials.length}, waits to be among the best ${share} %` }];
}

const rungAt = (state: PromotingState, { bracket, rung }: Pick<Place, 'bracket' | 'rung'>): Rung => state.rungs[bracket]?.[rung] ?? emptyRung();

function record(state: PromotingState, climber: Climber, trial: TrialId, rung: number, loss: number): void {
  leave(state, trial);
  Object.assign(climber, { rung, loss });
  const { losses, trials } = rungAt(state, climber);
  let index = countBefore(losses, (other) => other < loss);
  while (losses[index] === loss && (trials[index] ?? 0) < trial) index += 1;
  losses.splice(index, 0, loss);
  trials.splice(index, 0, trial);
}

/** It has come to its pause: one that was paused by hand, on its way, does not stand at a rung. */
function wait(state: PromotingState, trial: TrialId): void {
  const climber = state.places[trial];
  if (climber?.is !== 'pausing') return;
  climber.is = 'waiting';
  const { waiting } = rungAt(state, climber);
  const lossOf = (other: number): number => state.places[other]?.loss ?? 0;
  waiting.splice(
    countBefore(waiting, (other) => lossOf(other) < climber.loss || (lossOf(other) === climber.loss && other < trial)),
    0,
    trial,
  );
}

/** It waits no more. */
function leave(state: PromotingState, trial: number): void {
  const climber = state.places[trial];
  if (climber?.is !== 'waiting') return;
  climber.is = 'climbing';
  const { waiting } = rungAt(state, climber);
  waiting.splice(waiting.indexOf(trial), 1);
}

/** Resumes the best trial of the highest rung at which one may go on. */
function promote(ladder: Ladder, state: PromotingState, topDown: readonly Step[], delayed: boolean): Outcome<PromotingState> {
  for (const step of topDown) {
    const rung = rungAt(state, step);
    const [best] = rung.waiting;
    if (best === undefined) continue;
    const n = rung.losses.length;
    const places = placesOf(n, ladder);
    const rank = rankOf(state, rung, best);
    if (rank > places || (delayed && rung.promoted >= places)) continue;
    leave(state, best);
    rung.promoted += 1;
    const reason = `${rungName(step.milestone)}: rank ${rank} of ${n}, the best ${places === 1 ? 'goes' : `${places} go`} on`;
    return { state, decisions: [{ kind: 'resume', trial: trialId(best), reason }] };
  }
  return { state, decisions: [] };
}

function rankOf({ places }: PromotingState, { losses, trials }: Rung, trial: number): number {
  const loss = places[trial]?.loss ?? 0;
  let index = countBefore(losses, (other) => other < loss);
  while (trials[index] !== trial && index < trials.length) index += 1;
  return index + 1;
}

/** Nothing runs, and the searcher waits for results: it gets one, of the trial that has least to hope for. */
function giveUp(ladder: Ladder, state: PromotingState, topDown: readonly Step[], delayed: boolean): Outcome<PromotingState> {
  const promoted = promote(ladder, state, topDown, delayed);
  if (promoted.decisions.length > 0) return promoted;
  const lowest = topDown.findLast((step) => rungAt(state, step).waiting.length > 0);
  if (lowest === undefined) return promoted;
  const rung = rungAt(state, lowest);
  const worst = rung.waiting.at(-1) ?? 0;
  const reason = `${rungName(lowest.milestone)}: rank ${rankOf(state, rung, worst)} of ${rung.losses.length}, and the searcher waits for a trial to end`;
  return { state, decisions: [{ kind: 'stop', trial: trialId(worst), reason }] };
}
