import { isWorst } from '../../../src/base/worst.ts';
import type { Decision, Scheduler } from '../../../src/schedule/scheduler.ts';
import { trialId } from '../../../src/trial/ids.ts';

/** What may be wrong with it. */
export type PromotingFlaw =
  | 'resumes the stopped'
  | 'resumes who runs'
  | 'promotes one too many'
  | 'promotes the diverged'
  | 'promotes again and again'
  | 'does not pause at the second rung'
  | 'the lowest rung first'
  | 'new trials first'
  | 'ties by the text of the id'
  | 'a pause is never the last word';

const MILESTONES = [1, 3, 9];
const [MAX_T, ETA] = [9, 3];

interface Climber {
  readonly id: number;
  readonly rung: number;
  readonly loss: number;
  is: 'paused' | 'promoted' | 'ended';
}

interface State {
  readonly climbers: Climber[];
  readonly standing: Record<string, 'running' | 'paused' | 'ended'>;
}

/** Asynchronous successive halving that pauses and promotes, in a few lines: right without a flaw. */
export function promoting(flaw?: PromotingFlaw): Scheduler<State> {
  return {
    name: 'promoting',
    options: { maxT: MAX_T, gracePeriod: 1, reductionFactor: ETA, variant: 'promote' },
    uses: ['stop', 'pause', 'resume'],
    init: () => ({ climbers: [], standing: {} }),
    decide(state, event) {
      if (event.kind === 'started') state.standing[event.trial] = 'running';
      if (event.kind === 'paused') state.standing[event.trial] = 'paused';
      if (event.kind === 'completed' || event.kind === 'stopped' || event.kind === 'failed') state.standing[event.trial] = 'ended';
      if (event.kind === 'idle') return { state, decisions: promote(state) };
      if (event.kind === 'exhausted' && flaw === 'a pause is never the last word') return { state, decisions: all(state, 'paused').map(resumed) };
      if (event.kind !== 'reported') return { state, decisions: [] };
      const { trial, step, losses } = event;
      const rung = MILESTONES.findLastIndex((milestone) => milestone <= step);
      if (step >= MAX_T) return { state, decisions: [{ kind: 'stop', trial, reason: 'reached maxT' }] };
      if (state.climbers.some((climber) => climber.id === trial && climber.rung >= rung)) return { state, decisions: [] };
      state.climbers.push({ id: trial, rung, loss: losses[0] ?? 0, is: 'paused' });
      if (flaw === 'does not pause at the second rung' && rung === 1) return { state, decisions: [] };
      return { state, decisions: [{ kind: 'pause', trial, reason: `rung ${rung}` }] };
    },
  };

  function promote(state: State): Decision[] {
    if (flaw === 'new trials first' && state.climbers.length < 6) return [];
    if (flaw === 'resumes the stopped') return all(state, 'ended').slice(0, 1).map(resumed);
    if (flaw === 'resumes who runs' && all(state, 'running').length > 0) return all(state, 'running').slice(0, 1).map(resumed);
    const rungs = flaw === 'the lowest rung first' ? [0, 1] : [1, 0];
    for (const rung of rungs) {
      const here = state.climbers.filter((climber) => climber.rung === rung);
      const byId = (a: Climber, b: Climber): number => (flaw === 'ties by the text of the id' ? (String(a.id) < String(b.id) ? -1 : 1) : a.id - b.id);
      here.sort((a, b) => a.loss - b.loss || byId(a, b));
      const best = here.slice(0, Math.floor(here.length / ETA) + (flaw === 'promotes one too many' ? 1 : 0));
      const isFree = (climber: Climber): boolean => climber.is === 'paused' || flaw === 'promotes again and again';
      const next = best.find((climber) => isFree(climber) && state.standing[climber.id] === 'paused' && isHere(state, climber) && !isDiverged(climber));
      if (next === undefined) continue;
      next.is = 'promoted';
      return [resumed(next.id)];
    }
    return [];
  }

  function isDiverged({ loss }: Climber): boolean {
    return isWorst(loss) && flaw !== 'promotes the diverged';
  }

  /** It has not climbed on since. */
  function isHere(state: State, { id, rung }: Climber): boolean {
    return flaw === 'promotes again and again' || state.climbers.every((other) => other.id !== id || other.rung <= rung);
  }
}

const all = ({ standing }: State, is: string): number[] =>
  Object.keys(standing)
    .filter((id) => standing[id] === is)
    .map(Number);

const resumed = (id: number): Decision => ({ kind: 'resume', trial: trialId(id), reason: 'promoted' });
