import { AttuneError } from '../src/base/errors.ts';
import { dominates } from '../src/base/numeric/pareto.ts';
import { checkOptions } from '../src/base/options.ts';
import { isWorst } from '../src/base/worst.ts';
import type { Reported } from '../src/schedule/reported-value.ts';
import { checkRungs, rungs } from '../src/schedule/rungs.ts';
import type { Scheduler } from '../src/schedule/scheduler.ts';
import { checkSchedule, needsTime, rungName, trialTime } from '../src/schedule/trial-time.ts';

/** What `moAsha` takes. */
export interface MoAshaOptions {
  /** Where a trial is stopped, in steps (or in units of `timeAttr`). Default 100. */
  readonly maxT?: number;
  /** The first rung: no trial is stopped before it. Default 1. */
  readonly gracePeriod?: number;
  /** About the best `1 / reductionFactor` of each rung go on, and all that nobody dominates. Default 4. */
  readonly reductionFactor?: number;
  /** The metric that says how far a trial is; it must not decrease. Default: the count of its reports. */
  readonly timeAttr?: string;
}

/** The trials that got to a rung. */
export interface ParetoRung {
  /** The losses of those that have not diverged: front by front, those of the first dominated by nobody. */
  readonly fronts: (readonly number[])[][];
  /** How many have diverged. */
  diverged: number;
}

/** What `moAsha` keeps. */
export interface MoAshaState {
  readonly rungs: readonly ParetoRung[];
  /** By trial: the index of the highest rung where it was recorded. */
  readonly reached: Record<string, number>;
}

const OPTIONS = ['maxT', 'gracePeriod', 'reductionFactor', 'timeAttr'] as const satisfies (keyof MoAshaOptions)[];

/**
 * `asha` for several metrics: trials of a rung are ranked by their Pareto front. The first front are those that no other trial
 * of the rung dominates, the second those that only the first does, and so on. A trial goes on if fewer than
 * max(1, floor(n / reductionFactor)) of the n recorded so far are in better fronts than it; so all of one front go on together,
 * and nobody is stopped that nobody dominates. With one metric it decides as `asha` does.
 *
 * A trial of which any metric has diverged (NaN or infinite) comes after all others, and is stopped at any rung where another has
 * not. A report that skips rungs counts at the highest that it passed, and its trial never at a lower one. At `maxT` a trial is
 * stopped. A report costs O(n m) for n trials of the rung and m metrics, more where it moves many to another front.
 *
 * @throws {AttuneError} `OPTION_UNKNOWN`; `OPTION_RANGE` unless 0 < gracePeriod <= maxT and reductionFactor > 1, all finite; `METRIC_INVALID` in
 * `new Tuner` when the experiment has no metric
 * @see Schmucker et al. 2021, "Multi-objective Asynchronous Successive Halving"
 * @see docs/schedulers/mo-asha.md
 * @example
 * import type { TuneConfig } from 'attune';
 * import { moAsha } from 'attune/schedulers';
 *
 * const objectives = { metric: ['loss', 'latency'], mode: ['min', 'min'] } as const;
 * const tuneConfig: TuneConfig = { scheduler: moAsha({ maxT: 64 }), ...objectives, numSamples: 100 };
 */
export function moAsha(options: MoAshaOptions = {}): Scheduler<MoAshaState> {
  checkOptions('moAsha', options, OPTIONS);
  const { maxT = 100, gracePeriod = 1, reductionFactor = 4, timeAttr = 'training_iteration' } = options;
  checkRungs('moAsha', { gracePeriod, maxT, reductionFactor });
  checkSchedule('moAsha', { timeAttr, gracePeriod, interval: 0 });
  const milestones = rungs(gracePeriod, maxT, reductionFactor);

  return {
    name: 'moAsha',
    options: { maxT, gracePeriod, reductionFactor, timeAttr },
    uses: ['stop'],
    ...needsTime(timeAttr),
    check({ objectives }) {
      if (objectives === 0) throw new AttuneError('METRIC_INVALID', 'moAsha: expected at least one metric to rank trials by, got none.');
    },
    init: () => ({ rungs: milestones.map(() => ({ fronts: [], diverged: 0 })), reached: {} }),
    decide(state, event) {
      if (event.kind === 'completed' || event.kind === 'stopped') delete state.reached[event.trial]; // a failed trial may be resumed
      if (event.kind !== 'reported') return { state, decisions: [] };
      const time = trialTime(event, timeAttr);
      if (time === undefined) return { state, decisions: [] };
      const rank = recorded(state, event, time);
      const reason = time >= maxT ? `reached maxT ${maxT}` : rank;
      return { state, decisions: reason === undefined ? [] : [{ kind: 'stop', trial: event.trial, reason }] };
    },
  };

  /** Records the losses at the highest rung passed, unless the trial has been there; says why the trial must stop, if it must. */
  function recorded(state: MoAshaState, { trial, losses }: Reported, time: number): string | undefined {
    const index = milestones.findLastIndex((milestone) => milestone <= time);
    const rung = state.rungs[index];
    if (rung === undefined || index <= (state.reached[trial] ?? -1)) return undefined;
    state.reached[trial] = index;
    const healthy = rung.fronts.reduce((sum, front) => sum + front.length, 0);
    const at = rungName(milestones[index] ?? 0);
    const sick = losses.some(isWorst);
    const front = sick ? undefined : insert(rung.fronts, losses);
    if (sick) rung.diverged += 1;
    const all = healthy + rung.diverged + (sick ? 0 : 1);
    if (front === undefined) return healthy > 0 ? `${at}: a metric is NaN or infinite, those of ${healthy} of ${all} are not` : undefined;
    const better = rung.fronts.slice(0, front).reduce((sum, { length }) => sum + length, 0);
    const kept = Math.max(1, Math.floor(all / reductionFactor));
    return better < kept
      ? undefined
      : `${at}: Pareto front ${front + 1}, behind ${better} of ${all}, only about the best ${kept === 1 ? 'one goes' : `${kept} go`} on`;
  }
}

/** Adds losses to the first front where nobody dominates them, and moves those that they dominate to the next; the index of the front. */
function insert(fronts: (readonly number[])[][], losses: readonly number[]): number {
  const found = fronts.findIndex((front) => !front.some((other) => dominates(other, losses)));
  const index = found === -1 ? fronts.length : found;
  let moving: (readonly number[])[] = [losses];
  for (let at = index; moving.length > 0; at++) {
    const front = fronts[at] ?? [];
    const isBehind = (other: readonly number[]): boolean => moving.some((one) => dominates(one, other));
    const behind = front.filter(isBehind);
    fronts[at] = [...front.filter((other) => !isBehind(other)), ...moving];
    moving = behind;
  }
  return index;
}
