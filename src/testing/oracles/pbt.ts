import type { Decision, SchedulerEvent } from '../../schedule/scheduler.ts';

/** Slow and obvious: what population based training must think after each event. It shares no code with the scheduler. */
export interface PbtOracleOptions {
  readonly perturbationInterval: number;
  readonly quantileFraction: number;
  readonly burnIn?: number;
  readonly synch?: boolean;
}

/** What a scheduler was told, and what it answered. */
export interface Told {
  readonly event: SchedulerEvent;
  readonly decisions: readonly Decision[];
}

/** Who may be copied, and who may copy, as things stand. */
export interface PbtOpinion {
  /** Who may be copied from, best first. */
  readonly upper: readonly number[];
  /** Who may be copied to. */
  readonly lower: readonly number[];
  /** The checkpoint of each trial that may be copied: the newest that it saved since it was compared. */
  readonly checkpoints: ReadonlyMap<number, string>;
  /** The configuration that each trial has. */
  readonly configs: ReadonlyMap<number, unknown>;
}

/**
 * What is known once all of `history` has happened: everything is read anew from its beginning.
 *
 * @example
 * import { pbtOracle } from 'attune/testing';
 *
 * pbtOracle([], { perturbationInterval: 5, quantileFraction: 0.25 }).upper; // => []
 */
export function pbtOracle(history: readonly Told[], options: PbtOracleOptions): PbtOpinion {
  const trials = [...new Set(history.flatMap(({ event }) => ('trial' in event ? [Number(event.trial)] : [])))].sort((a, b) => a - b);
  const rounds = options.synch ? roundsOf(history, options) : [];
  const scores = new Map<number, number>();
  const checkpoints = new Map<number, string>();
  const configs = new Map<number, unknown>();
  for (const trial of trials) {
    const own = history.flatMap((told, at) => ('trial' in told.event && Number(told.event.trial) === trial ? [{ ...told, at }] : []));
    let ready = 0;
    for (const [i, { event, at }] of own.entries()) {
      if (event.kind === 'queued' || event.kind === 'exploited') configs.set(trial, event.config);
      if (event.kind === 'exploited') {
        ready = event.step;
        forget(trial);
      }
      if (event.kind === 'checkpointed') checkpoints.set(trial, event.checkpoint);
      if (event.kind === 'completed' || event.kind === 'stopped' || event.kind === 'failed') forget(trial);
      if (event.kind !== 'reported' || event.losses[0] === undefined || isLeaving(history, own, i)) continue;
      const isReady = options.synch
        ? event.step >= (rounds.filter(({ from }) => from <= at).at(-1)?.milestone ?? Infinity)
        : event.step >= (options.burnIn ?? 0) && event.step - ready >= options.perturbationInterval;
      if (!isReady) continue;
      ready = event.step;
      scores.set(trial, event.losses[0]);
      checkpoints.delete(trial);
    }
  }
  return { ...halves(scores, options.quantileFraction), checkpoints, configs };

  function forget(trial: number): void {
    scores.delete(trial);
    checkpoints.delete(trial);
  }
}

/** The best and the worst, counted one by one: how many are better, equals of a lower number counting as better. */
export function halves(
  scores: ReadonlyMap<number, number>,
  quantileFraction: number,
): { readonly upper: readonly number[]; readonly lower: readonly number[] } {
  const place = ([trial, loss]: readonly [number, number]): number =>
    [...scores].filter(([other, theirs]) => theirs < loss || (theirs === loss && other < trial)).length;
  const n = scores.size;
  let k = 0;
  while (k < n * quantileFraction - 1e-9 && 2 * (k + 1) <= n) k += 1;
  if (k === 0) return { upper: [], lower: [] };
  const inOrder = [...scores].sort((a, b) => place(a) - place(b));
  const isSick = ([, loss]: readonly [number, number]): boolean => loss === Number.MAX_VALUE;
  const upper = inOrder.filter((one) => place(one) < k && !isSick(one));
  const lower = inOrder.filter((one) => place(one) >= n - k || isSick(one));
  return { upper: upper.map(([trial]) => trial), lower: lower.map(([trial]) => trial) };
}

/** The trial is to go on from another at this report: an exploit of it was decided since the report before, and not on this one. */
function isLeaving(history: readonly Told[], own: readonly (Told & { readonly at: number })[], i: number): boolean {
  const before = own
    .slice(0, i)
    .findLast(({ event }) => event.kind === 'reported' || event.kind === 'started' || event.kind === 'paused' || event.kind === 'exploited');
  const { at, event } = own[i] as Told & { readonly at: number };
  const trial = 'trial' in event ? event.trial : undefined;
  return history.slice(before?.at ?? 0, at).some(({ decisions }) => decisions.some((decision) => decision.kind === 'exploit' && decision.trial === trial));
}

/** With `synch`: the milestones, and from which event on each of them holds. A round is over when everybody is told how to go on. */
function roundsOf(
  history: readonly Told[],
  { perturbationInterval, burnIn = 0 }: PbtOracleOptions,
): readonly { readonly from: number; readonly milestone: number }[] {
  const rounds = [{ from: 0, milestone: Math.max(perturbationInterval, burnIn) }];
  for (const [at, { decisions }] of history.entries()) {
    if (!decisions.some(({ kind }) => kind === 'resume' || kind === 'exploit')) continue;
    const milestone = rounds.at(-1)?.milestone ?? 0;
    const reached = decisions.flatMap((decision) => {
      if (decision.kind !== 'resume' && decision.kind !== 'exploit') return [];
      const reports = history.slice(0, at).flatMap(({ event }) => (event.kind === 'reported' && event.trial === decision.trial ? [event.step] : []));
      return reports.slice(-1);
    });
    rounds.push({ from: at + 1, milestone: Math.max(milestone + perturbationInterval, ...reached) });
  }
  return rounds;
}
