import type { Reported } from '../../src/schedule/reported-value.ts';
import type { Decision, Outcome, ScheduleContext, SchedulerEvent } from '../../src/schedule/scheduler.ts';
import type { TrialId } from '../../src/trial/ids.ts';
import type { PopulationState, Ranked, Ranking, Rules } from './population.ts';
import { drawSource, exploit, holdBack, isTaken, nothing, population, rank, score, warnOnce } from './population.ts';

type State = PopulationState;

/**
 * Nobody waits for anybody: a member is compared whenever `perturbationInterval` has passed since it last was, with what the others
 * then were. The upper ones save; a lower one goes on from one of them, at once if that has saved since it was compared, else as soon
 * as it has, if both still are what they were. Where trials wait for a slot, a member that was compared makes room.
 */
export function decideAlone(rules: Rules, state: State, event: SchedulerEvent, context: ScheduleContext): Outcome<State> {
  switch (event.kind) {
    case 'checkpointed':
      return { state, decisions: serveWaiting(rules, state, event.trial, context) };
    case 'idle':
      return { state, decisions: mayLeaveSlot(state, context) ? [] : resumeAll(state) };
    case 'stalled':
      return { state, decisions: resumeAll(state) };
    default:
      return nothing(state);
  }
}

/** A report whose time and loss are known. */
export function compareAlone(
  rules: Rules,
  state: State,
  { trial }: Reported,
  scored: { time: number; loss: number },
  context: ScheduleContext,
): Outcome<State> {
  const known = state.members[trial];
  if (known === undefined || isTaken(known)) return nothing(state);
  if (scored.time < rules.burnIn || scored.time - known.time < rules.perturbationInterval) return nothing(state);
  const unserved = known.awaits;
  const member = score(rules, state, trial, scored.time, scored.loss);
  const ranking = rank(population(state), rules.quantileFraction);
  const target = ranking.lower.find((one) => one.trial === trial);
  const source = target && drawSource(ranking.upper.filter(canSave), target, context);
  const saved = source?.member.checkpoint !== undefined;
  if (target && source && saved) return { state, decisions: [exploit(rules, state, ranking, target, source, context)] };
  const decisions: Decision[] = [];
  if (source) {
    member.awaits = source.trial;
    decisions.push(...ask(source, `trial ${trial} is to go on from here`));
  }
  const makesRoom = somebodyWaits(state, trial, context);
  if (makesRoom) {
    member.pausing = true;
    decisions.push({ kind: 'pause', trial, reason: `compared at ${scored.time}: another trial has its slot` });
  } else {
    const upper = ranking.upper.find((one) => one.trial === trial);
    if (upper) decisions.push(...ask(upper, `${placeIn(ranking, trial)}: others may go on from here`));
  }
  if (unserved === undefined || unserved !== source?.trial) return { state, decisions };
  const warning = `${rules.where}: no checkpoint of trial ${unserved} came within an interval; a trial is only copied from a checkpoint, which reports must offer.`;
  return { ...warnOnce(state, warning), decisions };
}

const placeIn = ({ ranked }: Ranking, trial: TrialId): string => `rank ${ranked.findIndex((one) => one.trial === trial) + 1} of ${ranked.length}`;

/** It has saved since it was compared, or it can, and is not itself about to go on from another. */
const canSave = ({ member: { checkpoint, status, takes } }: Ranked): boolean => takes === undefined && (checkpoint !== undefined || status === 'running');

/** A pause saves, too. */
function ask({ trial, member }: Ranked, reason: string): readonly Decision[] {
  if (member.asked || member.pausing) return [];
  member.asked = true;
  return [{ kind: 'checkpoint', trial, reason }];
}

/** Those that awaited this checkpoint go on from it, if they are still lower ones, and its trial an upper one. */
function serveWaiting(rules: Rules, state: State, from: TrialId, context: ScheduleContext): readonly Decision[] {
  const waiting = population(state).filter(([, { awaits }]) => awaits === from);
  if (waiting.length === 0) return [];
  const ranking = rank(population(state), rules.quantileFraction);
  const source = ranking.upper.find(({ trial }) => trial === from);
  return waiting.flatMap(([trial, member]) => {
    delete member.awaits;
    const target = ranking.lower.find((one) => one.trial === trial);
    return source && target ? [exploit(rules, state, ranking, target, source, context)] : [];
  });
}

/** Some trial could use the slot of this one: a paused one, one that was never started, or one that the searcher has yet to propose. */
function somebodyWaits(state: State, trial: TrialId, { samples }: ScheduleContext): boolean {
  const others = population(state).filter(([other]) => other !== trial);
  if (others.some(([, { status }]) => status !== 'running')) return true;
  const mayCome = !state.exhausted && Number.isFinite(samples) && state.searcher === 'unknown';
  return mayCome && !others.some(([, { pausing }]) => pausing); // one is enough to find out
}

/** The searcher is offered an idle slot before a paused member is, until it has none for it. */
function mayLeaveSlot(state: State, { samples }: ScheduleContext): boolean {
  if (state.exhausted || !Number.isFinite(samples) || state.searcher === 'waits') return false;
  state.searcher = 'offered';
  return true;
}

/** All that are paused, in the order in which they get slots: who is furthest behind comes first. */
function resumeAll(state: State): readonly Decision[] {
  const everybody = population(state);
  holdBack(everybody);
  const paused = everybody.filter(([, { status }]) => status === 'paused').sort(([, a], [, b]) => a.time - b.time);
  return paused.map(([trial, member], i) => {
    member.status = 'resumed';
    return { kind: 'resume', trial, reason: `at ${member.time}: ${i === 0 ? 'the slot is free' : `the next slot is free, ${i} of the paused come first`}` };
  });
}
