import type { Rng } from '../../src/base/rng.ts';
import { isWorst } from '../../src/base/worst.ts';
import type { Decision, Outcome, ScheduleContext, SchedulerEvent } from '../../src/schedule/scheduler.ts';
import type { Config } from '../../src/space/config.ts';
import type { Space } from '../../src/space/space.ts';
import type { TrialId } from '../../src/trial/ids.ts';
import { trialId } from '../../src/trial/ids.ts';

export interface Score {
  readonly time: number;
  readonly loss: number;
}

/** A trial that takes part. Of the optional parts those that are not there are absent: the state is JSON. */
export interface Member {
  config: Config;
  /**
   * `paused`: by this scheduler. `resumed`: free to run, although it may wait for a slot. `held`: paused by somebody else, who alone
   * lets it go on. `failed`: for good, but for a restore.
   */
  status: 'queued' | 'running' | 'paused' | 'resumed' | 'held' | 'failed';
  /** This scheduler has decided to pause it. */
  pausing?: true;
  /** When it was last ready, or what its present checkpoint was copied at; 0 before that. */
  time: number;
  /** Its loss when it was last ready; absent until it is, and again since an exploit. */
  loss?: number;
  /** What it has saved since then. */
  checkpoint?: string;
  /** It has been asked for a checkpoint, and has not saved since. */
  asked?: 'at its report' | 'later';
  /** It goes on from this trial as soon as that has saved. */
  awaits?: number;
  /** An exploit was decided; where its source was, and what it is to be configured with. */
  takes?: Score & { readonly config: Config; readonly late?: true };
  /** Where its source was, until it is ready itself. */
  origin?: Score;
  /** How often. */
  exploits: number;
}

/** What a member gained from one comparison to the next. JSON. */
export interface Gain {
  /** Where it was at the beginning of that. */
  readonly time: number;
  readonly loss: number;
  readonly trial: number;
  /** How much its loss fell for each unit of time; null: it diverged. */
  readonly rate: number | null;
  /** What it was configured with, bound by bound; null where it has no such number. */
  readonly values: readonly (number | null)[];
}

/** What a population keeps. */
export interface PopulationState {
  /** By trial. Those that have ended are gone. */
  readonly members: Record<string, Member>;
  /** When all pause to be compared, with `synch`. */
  next: number;
  /** The searcher has no more. */
  exhausted: boolean;
  /** Whether the searcher has been left an idle slot since its last trial, and had none for it. */
  searcher: 'unknown' | 'offered' | 'waits';
  /** Some trial has saved a checkpoint. */
  saved: boolean;
  /** That a checkpoint was asked for and none came has been said. */
  warned: boolean;
  /** What members have gained, where that is learned from: at most 200 of it. */
  gains?: Gain[];
}

/** What a population is ruled by; the same for every member. */
export interface Rules {
  /** The name of the scheduler. */
  readonly where: string;
  readonly perturbationInterval: number;
  readonly quantileFraction: number;
  readonly burnIn: number;
  readonly timeAttr?: string | undefined;
  /** The configuration with which `target` goes on from where `source` is. In the space. */
  explore(state: PopulationState, pair: { readonly target: TrialId; readonly source: TrialId }, context: ScheduleContext, rng: Rng): Config;
  /** What the reason of an exploit says of it. */
  describe(before: Config, after: Config, space: Space): string;
  /** `trial` was ready, and was `before` when it last was, or when it was copied. */
  scored?(state: PopulationState, trial: TrialId, before: Score | undefined, space: Space): void;
}

export interface Ranked {
  readonly trial: TrialId;
  readonly member: Member;
  readonly loss: number;
}

/** The members that have a loss, best first, and the numbers of those from which and to which is copied. */
export interface Ranking {
  readonly ranked: readonly Ranked[];
  readonly upper: readonly Ranked[];
  readonly lower: readonly Ranked[];
}

export type Entry = readonly [TrialId, Member];

/** Those that take part: not one that has failed, nor one that somebody else has paused. By trial. */
export const population = ({ members }: PopulationState): readonly Entry[] =>
  Object.entries(members)
    .map(([trial, member]): Entry => [trialId(Number(trial)), member])
    .filter(([, { status }]) => status !== 'failed' && status !== 'held');

/**
 * Best first, equals by trial. Of n members the best and the worst `k = min(ceil(n * quantileFraction), floor(n / 2))` are the upper
 * and the lower ones. One that has diverged is never an upper one, and always a lower one, as long as k > 0.
 */
export function rank(members: readonly Entry[], quantileFraction: number): Ranking {
  const ranked = members
    .flatMap(([trial, member]) => (member.loss === undefined ? [] : [{ trial, member, loss: member.loss }]))
    .sort((a, b) => a.loss - b.loss || a.trial - b.trial);
  const n = ranked.length;
  const k = Math.min(Math.ceil(n * quantileFraction - 1e-9), Math.floor(n / 2)); // 100 * 0.07 is 7.000000000000001
  if (k <= 0) return { ranked, upper: [], lower: [] };
  const upper = ranked.filter(({ loss }, i) => i < k && !isWorst(loss));
  return { ranked, upper, lower: ranked.filter(({ loss }, i) => i >= n - k || isWorst(loss)) };
}

/** Draws whom a lower member copies. */
export function drawSource(candidates: readonly Ranked[], { trial, member }: Ranked, { rng }: ScheduleContext): Ranked | undefined {
  return candidates[rng('source', trial, member.exploits).int(Math.max(1, candidates.length))];
}

/** Decides that `target` goes on from the checkpoint of `source`. */
export function exploit(rules: Rules, state: PopulationState, { ranked }: Ranking, target: Ranked, source: Ranked, context: ScheduleContext): Decision {
  const { trial, member, loss } = target;
  const stream = context.rng('explore', trial, member.exploits);
  const config = rules.explore(state, { target: trial, source: source.trial }, context, stream);
  member.exploits += 1;
  member.takes = { time: source.member.time, loss: source.loss, config };
  delete member.awaits;
  const place = ({ trial: one }: Ranked): string => `rank ${ranked.findIndex((other) => other.trial === one) + 1}`;
  const sick = isWorst(loss) ? ', its metric being NaN or infinite' : '';
  const changes = rules.describe(source.member.config, config, context.space);
  const reason = `${place(target)} of ${ranked.length}${sick}: goes on from trial ${source.trial} (${place(source)}) with ${changes}`;
  return { kind: 'exploit', trial, from: source.trial, checkpoint: source.member.checkpoint ?? '', config, reason };
}

/** What an event says of its member, whatever is then decided. */
export function follow(state: PopulationState, event: SchedulerEvent, timeAttr: string | undefined): void {
  if (event.kind === 'exhausted') state.exhausted = true;
  if (!('trial' in event)) return;
  // The slot is still idle although something has happened. A restore only starts trials again.
  if (state.searcher === 'offered' && event.kind !== 'started' && event.kind !== 'checkpointed') state.searcher = 'waits';
  const { trial } = event;
  if (event.kind === 'queued') {
    state.members[trial] = { config: event.config, status: 'queued', time: 0, exploits: 0 };
    state.exhausted = false; // told again
    state.searcher = 'unknown';
  }
  const member = state.members[trial];
  if (member === undefined) return;
  switch (event.kind) {
    case 'started':
      member.status = 'running';
      delete member.takes; // of an exploit that did not come about
      return;
    case 'reported':
      delete member.pausing; // of a pause that did not come about
      return;
    case 'checkpointed':
      state.saved = true;
      member.checkpoint = event.checkpoint;
      delete member.asked;
      return;
    case 'paused':
      member.status = member.pausing ? 'paused' : 'held';
      delete member.pausing;
      delete member.takes;
      return;
    case 'exploited':
      Object.assign(member, { config: event.config, status: 'resumed', time: timeAttr === undefined ? event.step : (member.takes?.time ?? member.time) });
      if (member.takes) member.origin = { time: member.takes.time, loss: member.takes.loss };
      for (const key of ['loss', 'checkpoint', 'asked', 'awaits', 'takes', 'pausing'] as const) delete member[key];
      return;
    case 'failed':
      member.status = 'failed'; // a restore may go on with it
      return;
    case 'completed':
    case 'stopped':
      delete state.members[trial];
      return;
    default:
  }
}

/** At an idle slot. Whoever is free to run has one before that: a member that has not, although it was resumed, is held by somebody. */
export function holdBack(members: readonly Entry[]): void {
  for (const [, member] of members) if (member.status === 'resumed') member.status = 'held';
}

/**
 * Whether an exploit of the member is on its way: it ends the run at the report that is open then, or else at the next. One that was
 * decided before the last report, too, has lapsed.
 */
export function isTaken(member: Member): boolean {
  if (member.takes === undefined) return false;
  if (member.takes.late) delete member.takes;
  else member.takes = { ...member.takes, late: true };
  return member.takes !== undefined;
}

/** The report counts as ready: its time and loss are those by which the member is ranked from now on. */
export function score(rules: Rules, state: PopulationState, trial: TrialId, { time, loss }: Score, { space }: ScheduleContext): Member {
  const member = state.members[trial] as Member;
  const before = member.loss === undefined ? member.origin : { time: member.time, loss: member.loss };
  Object.assign(member, { time, loss });
  for (const key of ['checkpoint', 'asked', 'awaits', 'origin'] as const) delete member[key];
  rules.scored?.(state, trial, before, space);
  return member;
}

export const nothing = (state: PopulationState): Outcome<PopulationState> => ({ state, decisions: [] });

/** The warning, the first time. */
export function warnOnce(state: PopulationState, warning: string): Outcome<PopulationState> {
  if (state.warned) return nothing(state);
  state.warned = true;
  return { state, decisions: [], warnings: [warning] };
}
