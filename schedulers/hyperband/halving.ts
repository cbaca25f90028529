import { isWorst } from '../../src/base/worst.ts';
import type { Reported } from '../../src/schedule/reported-value.ts';
import type { Decision, Scheduler, SchedulerEvent } from '../../src/schedule/scheduler.ts';
import { checkOneObjective, needsTime, rungName, trialTime } from '../../src/schedule/trial-time.ts';
import { trialId } from '../../src/trial/ids.ts';
import { type Bracket, type Brackets, become, bracketOf, join, leave, mayJoin } from './brackets.ts';
import type { Rung } from './table.ts';

/** What synchronous halving keeps. */
export interface HyperbandState extends Brackets {
  /** The searcher has no more trials. */
  exhausted: boolean;
}

/** Where brackets stand, in the order in which they are filled, again and again. */
export interface Halving {
  readonly table: readonly (readonly Rung[])[];
  readonly maxT: number;
  readonly timeAttr: string | undefined;
}

/** Synchronous halving: the trials of a bracket pause at each rung until all are there, and the best of them go on. */
export function synchronously(name: string, halving: Halving): Omit<Scheduler<HyperbandState>, 'options'> {
  return {
    name,
    uses: ['pause', 'resume', 'stop'],
    ...needsTime(halving.timeAttr),
    check: ({ objectives }) => checkOneObjective(name, objectives),
    init: () => ({ opened: 0, open: [], bracketOf: {}, exhausted: false }),
    decide(state, event) {
      if (event.kind === 'reported') {
        const [loss, time] = [event.losses[0], trialTime(event, halving.timeAttr)];
        return { state, decisions: loss === undefined || time === undefined ? [] : onReport(halving, state, event, loss, time) };
      }
      if ('trial' in event) onTrial(halving, state, event);
      if (event.kind === 'exhausted') state.exhausted = true;
      if (event.kind === 'idle' || event.kind === 'stalled') forgetHeld(state);
      if (event.kind === 'stalled') for (const bracket of state.open) bracket.closed = true;
      return { state, decisions: settleAll(halving, state) };
    },
  };
}

const rungsOf = ({ table }: Halving, { number }: Pick<Bracket, 'number'>): readonly Rung[] => table[number % table.length] ?? [];

function onReport(halving: Halving, state: HyperbandState, event: Reported, loss: number, time: number): readonly Decision[] {
  const { trial } = event;
  if (time >= halving.maxT) return [{ kind: 'stop', trial, reason: `reached maxT ${halving.maxT}` }];
  const bracket = bracketOf(state, trial);
  const member = bracket?.members[trial];
  if (bracket === undefined || member === undefined) return [];
  const milestone = rungsOf(halving, bracket)[bracket.rung]?.milestone ?? halving.maxT;
  if (time < milestone) return [];
  const at = placeName(bracket, milestone);
  if (member.is === 'training') {
    if (isWorst(loss)) return [{ kind: 'stop', trial, reason: `${at}: its metric is NaN or infinite` }];
    Object.assign(member, { loss, time });
    become(bracket, member, 'pausing');
  }
  return [{ kind: 'pause', trial, reason: `${at}: waits for the others` }];
}

/** A trial has paused, started or ended, or a slot has become free: whom that concerns may have nobody to wait for any more. */
function settleAll(halving: Halving, state: HyperbandState): readonly Decision[] {
  return [...state.open].flatMap((bracket) => settle(halving, state, bracket));
}

/** Halves a bracket as long as nobody holds it up; one without trials is over. */
function settle(halving: Halving, state: HyperbandState, bracket: Bracket): readonly Decision[] {
  const rungs = rungsOf(halving, bracket);
  const decisions: Decision[] = [];
  while (bracket.holding === 0 && (state.exhausted || !mayJoin(bracket, rungs))) {
    for (const [trial, { is }] of Object.entries(bracket.members)) if (is === 'away') leave(state, Number(trial));
    const ranked = rankedOf(bracket);
    if (ranked.length === 0) {
      state.open.splice(state.open.indexOf(bracket), 1);
      break;
    }
    decisions.push(...halve(state, bracket, rungs, ranked));
  }
  return decisions;
}

function halve(state: HyperbandState, bracket: Bracket, rungs: readonly Rung[], ranked: readonly number[]): readonly Decision[] {
  const at = placeName(bracket, rungs[bracket.rung]?.milestone ?? 0);
  bracket.rung += 1;
  const { trials, milestone } = rungs[bracket.rung] ?? { trials: 1, milestone: Number.POSITIVE_INFINITY };
  const kept = Math.min(trials, ranked.length);
  const go = kept === ranked.length ? 'all go on' : `the best ${kept === 1 ? 'goes' : `${kept} go`} on`;
  return ranked.flatMap((id, i): Decision[] => {
    const [trial, reason] = [trialId(id), `${at}: rank ${i + 1} of ${ranked.length}, ${go}`];
    const member = bracket.members[id];
    if (i >= kept || member === undefined) {
      leave(state, id);
      return [{ kind: 'stop', trial, reason }];
    }
    if (member.time >= milestone) return []; // has been there already, and goes on waiting
    become(bracket, member, 'resumed');
    return [{ kind: 'resume', trial, reason }];
  });
}

/** Nobody is waited for that a hand keeps paused. */
function forgetHeld(state: HyperbandState): void {
  for (const bracket of state.open) {
    if (bracket.resumed === 0) continue;
    for (const member of Object.values(bracket.members)) if (member.is === 'resumed') become(bracket, member, 'away');
  }
}

function onTrial(halving: Halving, state: HyperbandState, event: Exclude<SchedulerEvent, Reported> & { trial: number }): void {
  const { kind, trial } = event;
  if (kind === 'queued') {
    state.exhausted = false;
    return join(state, (bracket) => rungsOf(halving, bracket), trial);
  }
  if (kind === 'completed' || kind === 'stopped' || kind === 'failed') return void leave(state, trial);
  const bracket = bracketOf(state, trial);
  const member = bracket?.members[trial];
  if (kind === 'started') {
    if (bracket === undefined || member === undefined)
      join(state, (bracket) => rungsOf(halving, bracket), trial); // it has failed before, or was away
    else if (member.is !== 'pausing') become(bracket, member, 'training');
  }
  if (kind === 'paused' && bracket && member) become(bracket, member, member.is === 'pausing' ? 'waiting' : 'away');
}

const placeName = ({ number }: Bracket, milestone: number): string => `bracket ${number + 1}, ${rungName(milestone)}`;

/** Who waits, best first, ties by trial. */
function rankedOf({ members }: Bracket): readonly number[] {
  const waiting = Object.entries(members).filter(([, { is }]) => is === 'waiting');
  return waiting.sort(([a, one], [b, other]) => one.loss - other.loss || Number(a) - Number(b)).map(([trial]) => Number(trial));
}
