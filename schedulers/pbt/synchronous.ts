import type { Reported } from '../../src/schedule/reported-value.ts';
import type { Decision, Outcome, ScheduleContext, SchedulerEvent } from '../../src/schedule/scheduler.ts';
import type { PopulationState, Rules, Score } from './population.ts';
import { drawSource, exploit, holdBack, nothing, population, rank, score } from './population.ts';

type State = PopulationState;

/**
 * All wait for all: every member pauses at its first report at or past `state.next`, where it is saved. Once there is nobody left who
 * could get there, the lower members go on from upper ones, and the others from where they are. Who has ended, or is paused by
 * somebody else, is not waited for.
 */
export function decideTogether(rules: Rules, state: State, event: SchedulerEvent, context: ScheduleContext): Outcome<State> {
  switch (event.kind) {
    case 'idle':
      holdBack(population(state));
      return settle(rules, state, context);
    case 'paused':
    case 'completed':
    case 'stopped':
    case 'failed':
    case 'exhausted':
      return settle(rules, state, context);
    case 'stalled':
      return settle(rules, state, context, true);
    default:
      return nothing(state);
  }
}

/** A report whose time and loss are known. */
export function compareTogether(rules: Rules, state: State, { trial }: Reported, { time, loss }: Score, context: ScheduleContext): Outcome<State> {
  const known = state.members[trial];
  if (known === undefined || time < state.next) return nothing(state);
  const member = score(rules, state, trial, { time, loss }, context);
  member.pausing = true;
  return { state, decisions: [{ kind: 'pause', trial, reason: `at ${time}: waits until all are at ${state.next}` }] };
}

/** @param isStalled - nothing runs, and the searcher has no more for now: who is there is all */
function settle(rules: Rules, state: State, context: ScheduleContext, isStalled = false): Outcome<State> {
  const everybody = population(state);
  const waiting = everybody.filter(([, { status }]) => status === 'paused');
  const isComplete = state.exhausted && waiting.length === everybody.length;
  if (waiting.length === 0 || !(isComplete || isStalled)) return nothing(state);
  const ranking = rank(waiting, rules.quantileFraction);
  const saved = ranking.upper.filter(({ member }) => member.checkpoint !== undefined);
  const at = state.next;
  const decisions = waiting.map(([trial]): Decision => {
    const target = ranking.lower.find((one) => one.trial === trial);
    const source = target && drawSource(saved, target, context);
    if (target && source) return exploit(rules, state, ranking, target, source, context);
    const place = ranking.ranked.findIndex((one) => one.trial === trial) + 1;
    return { kind: 'resume', trial, reason: place > 0 ? `all are at ${at}: goes on, rank ${place} of ${ranking.ranked.length}` : `all are at ${at}` };
  });
  for (const [, member] of waiting) member.status = 'resumed';
  state.next = Math.max(state.next + rules.perturbationInterval, ...waiting.map(([, { time }]) => time));
  return { state, decisions };
}
