import type { Reported } from '../../src/schedule/reported-value.ts';
import type { Decision, Outcome, ScheduleContext, SchedulerEvent } from '../../src/schedule/scheduler.ts';
import type { TrialId } from '../../src/trial/ids.ts';
import type { PopulationState, Ranked, Ranking, Rules, Score } from './population.ts';
import { drawSource, exploit, holdBack, isTaken, nothing, population, rank, score, warnOnce } from './population.ts';

type State = PopulationState;

/**
 * Nobody waits for anybody: a member is compared whenever `perturbationInterval` has passed since it last was, with what the others
 * then were. The upper ones save; a lower one goes on from one of them, at once if that has saved since it was compared, else as soon
 * as it has, if both still are what they were. Where trials wait for a slot, a member makes room when it would be compared, and is
 * compared when it has a slot again: so that those who copy do not keep those from running whom they copy.
 */
export function decideAlone(rules: Rules, state: State, event: SchedulerEvent, context: ScheduleContext): Outcome<State> {
  switch (event.kind) {
    case 'checkpointed':
      return { state, decisions: serveWaiting(rules, state, event.trial, context) };
    case 'idle':
      return { state, decisions: mayLeaveSlot(state, context) ? [] : resumeAll(rules, state, context) };
    case 'stalled':
      return { state, decisions: resumeAll(rules, state, context) };
    default:
      return nothing(state);
  }
}

/** A report whose time and loss are known. */
export function compareAlone(rules: Rules, state: State, { trial }: Reported, { time, loss }: Score, context: ScheduleContext): Outcome<State> {
  const known = state.members[trial];
  if (known === undefined || isTaken(known)) return nothing(state);
  if (time < rules.burnIn || time - known.time < rules.perturbationInterval) return nothing(state);
  const lacksSaver = known.asked === 'at its report' && !state.saved;
  const member = score(rules, state, trial, { time, loss }, context);
  const outcome = lacksSaver ? warnOnce(state, `${rules.where}: ${NO_SAVER}`) : nothing(state);
  if (somebodyWaits(state, trial, context)) {
    member.pausing = true;
    return { ...outcome, decisions: [{ kind: 'pause', trial, reason: `at ${time}: makes room for another trial` }] };
  }
  const ranking = rank(population(state), rules.quantileFraction);
  const upper = ranking.upper.find((one) => one.trial === trial);
  const place = ranking.ranked.findIndex((one) => one.trial === trial) + 1;
  if (upper) return { ...outcome, decisions: ask(upper, 'at its report', `rank ${place} of ${ranking.ranked.length}: others may go on from here`) };
  return { ...outcome, decisions: perturb(rules, state, ranking, trial, context) };
}

const NO_SAVER = 'a checkpoint was asked for, and none came: trials are only copied from checkpoints, which report() must offer.';

/** What is decided of a member that is compared: an exploit, or that another saves for it, or nothing. */
function perturb(rules: Rules, state: State, ranking: Ranking, trial: TrialId, context: ScheduleContext): readonly Decision[] {
  const target = ranking.lower.find((one) => one.trial === trial);
  const source = target && drawSource(ranking.upper.filter(canSave), target, context);
  if (target === undefined || source === undefined) return [];
  if (source.member.checkpoint !== undefined) return [exploit(rules, state, ranking, target, source, context)];
  target.member.awaits = source.trial;
  return ask(source, 'later', `trial ${trial} is to go on from here`);
}

/** It has saved since it was compared, or it can, and is not itself about to go on from another. */
const canSave = ({ member: { checkpoint, status, takes } }: Ranked): boolean => takes === undefined && (checkpoint !== undefined || status === 'running');

/** A pause saves, too. */
function ask({ trial, member }: Ranked, asked: 'at its report' | 'later', reason: string): readonly Decision[] {
  if (member.asked || member.pausing) return [];
  member.asked = asked;
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

/** All that are paused, in the order in which they get slots: who is furthest behind comes first, and who goes on from another last. */
function resumeAll(rules: Rules, state: State, context: ScheduleContext): readonly Decision[] {
  const everybody = population(state);
  holdBack(everybody);
  const paused = everybody.filter(([, { status }]) => status === 'paused').sort(([, a], [, b]) => a.time - b.time);
  const ranking = rank(population(state), rules.quantileFraction);
  return paused.flatMap(([trial, member], i) => {
    const decisions = perturb(rules, state, ranking, trial, context);
    member.status = 'resumed';
    if (member.takes) return decisions;
    const reason =
      i === 0 ? `a slot is free, and nobody is further behind than at ${member.time}` : `at ${member.time}: the next slot, once ${i} others have one`;
    return [...decisions, { kind: 'resume', trial, reason }];
  });
}
