import { isWorst } from '../../base/worst.ts';

/** The options of `asha`, with one bracket. */
export interface AshaRule {
  readonly maxT: number;
  readonly gracePeriod: number;
  readonly reductionFactor: number;
  readonly variant: 'stop' | 'promote' | 'delayed';
}

/** What happens to trials, as ASHA sees it; `loss` is `WORST` where the metric was NaN or infinite. `'idle'`: a slot is free. */
export type AshaHappening =
  | { readonly kind: 'reported'; readonly trial: number; readonly time: number; readonly loss: number }
  | { readonly kind: 'paused' | 'ended'; readonly trial: number }
  | { readonly kind: 'idle' };

/** A trial at a rung. */
interface Entry {
  readonly trial: number;
  readonly milestone: number;
  readonly loss: number;
}

/**
 * Asynchronous successive halving, slow and obvious: lists that are only added to, and ranked anew each time. The answer to each
 * happening: `'go on'`, `'stop'` or `'pause'` to a report, `'resume 7'` or `'nothing'` to a free slot, `'nothing'` to the others.
 * A trial that was resumed goes on with its next report; give it only what can happen.
 *
 * @example
 * import { ashaOracle } from 'attune/testing';
 *
 * const rule = { maxT: 9, gracePeriod: 1, reductionFactor: 3, variant: 'stop' } as const;
 * const reports = [0.3, 0.2, 0.4].map((loss, trial) => ({ kind: 'reported', trial, time: 1, loss }) as const);
 * ashaOracle(rule, reports); // => ['go on', 'go on', 'stop']
 */
export function ashaOracle(rule: AshaRule, happenings: readonly AshaHappening[]): readonly string[] {
  const { maxT, gracePeriod, reductionFactor, variant } = rule;
  const milestones: number[] = [];
  for (let milestone = gracePeriod; milestone <= maxT; milestone *= reductionFactor) milestones.push(milestone);
  const recorded: Entry[] = [];
  const promoted: Entry[] = [];
  const paused = new Set<number>();

  const peersOf = (milestone: number): readonly Entry[] => recorded.filter((entry) => entry.milestone === milestone);
  const placesAt = (milestone: number): number => Math.floor(peersOf(milestone).length / reductionFactor);

  function onReport(trial: number, time: number, loss: number): string {
    const passed = milestones.filter((milestone) => milestone <= time);
    const highest = passed.at(-1);
    const known = recorded.some((entry) => entry.trial === trial && entry.milestone >= (highest ?? 0));
    if (highest !== undefined && !known) recorded.push({ trial, milestone: highest, loss });
    if (time >= maxT) return 'stop';
    if (highest === undefined || known) return 'go on';
    if (variant !== 'stop') return isWorst(loss) ? 'stop' : 'pause';
    const losses = peersOf(highest).map((entry) => entry.loss);
    if (isWorst(loss)) return losses.every(isWorst) ? 'go on' : 'stop';
    const rank = 1 + losses.filter((other) => other < loss).length;
    return rank <= Math.max(1, placesAt(highest)) ? 'go on' : 'stop';
  }

  function onIdle(): string {
    for (const milestone of milestones.toReversed().filter((one) => one < maxT)) {
      const places = placesAt(milestone);
      const ranked = [...peersOf(milestone)].sort((a, b) => a.loss - b.loss || a.trial - b.trial);
      const isHere = (entry: Entry): boolean => !recorded.some((other) => other.trial === entry.trial && other.milestone > milestone);
      const best = ranked.slice(0, places).find((entry) => paused.has(entry.trial) && isHere(entry));
      const isFull = variant === 'delayed' && promoted.filter((entry) => entry.milestone === milestone).length >= places;
      if (best === undefined || isFull) continue;
      promoted.push(best);
      paused.delete(best.trial);
      return `resume ${best.trial}`;
    }
    return 'nothing';
  }

  return happenings.map((event) => {
    if (event.kind === 'reported') return onReport(event.trial, event.time, event.loss);
    if (event.kind === 'idle') return onIdle();
    if (event.kind === 'paused') paused.add(event.trial);
    else paused.delete(event.trial);
    return 'nothing';
  });
}
