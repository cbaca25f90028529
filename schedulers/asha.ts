import { AttuneError } from '../src/base/errors.ts';
import { checkOptions, describe } from '../src/base/options.ts';
import { reportedValue } from '../src/schedule/reported-value.ts';
import { checkRungs, rungs } from '../src/schedule/rungs.ts';
import type { Outcome, Scheduler } from '../src/schedule/scheduler.ts';
import type { TrialId } from '../src/trial/ids.ts';
import { isWorst } from '../src/trial/metrics.ts';

export interface AshaOptions {
  /** Where a trial is stopped, in steps (or in units of `timeAttr`). Default 100. */
  readonly maxT?: number;
  /** The first rung: no trial is stopped before it. Default 1. */
  readonly gracePeriod?: number;
  /** The best `1 / reductionFactor` of each rung go on. Default 4. */
  readonly reductionFactor?: number;
  /** The metric that says how far a trial is; it must not decrease. Default: the count of its reports. */
  readonly timeAttr?: string;
}

/** What `asha` keeps. */
export interface AshaState {
  /** Every loss recorded at each rung, ascending. */
  readonly losses: number[][];
  /** By trial: the index of the highest rung where it was recorded. */
  readonly reached: Record<string, number>;
  warned: boolean;
}

const OPTIONS = ['maxT', 'gracePeriod', 'reductionFactor', 'timeAttr'] as const satisfies (keyof AshaOptions)[];

/**
 * Asynchronous successive halving, stopping form. Rungs stand at `gracePeriod * reductionFactor ** k`. The first report at or
 * past a rung is recorded there, whether or not the trial then goes on; it goes on if its rank among the n losses recorded so
 * far is at most max(1, floor(n / reductionFactor)), ties in its favour. Nobody waits, so the first trials of a rung pass.
 * A report that skips rungs counts at the highest that it passed, and its trial never at a lower one. A diverged trial (NaN or
 * infinite metric) is recorded, and stopped at any rung where another has not diverged. At `maxT` a trial is stopped.
 *
 * A report costs O(log n), and the insertion. Needs exactly one metric.
 *
 * @throws {AttuneError} `OPTION_UNKNOWN`; `OPTION_RANGE` unless 0 < gracePeriod <= maxT and reductionFactor > 1, all finite
 * @see Li et al. 2020, "A System for Massively Parallel Hyperparameter Tuning", MLSys
 */
export function asha(options: AshaOptions = {}): Scheduler<AshaState> {
  checkOptions('asha', options, OPTIONS);
  const { maxT = 100, gracePeriod = 1, reductionFactor = 4, timeAttr } = options;
  checkRungs('asha', { gracePeriod, maxT, reductionFactor });
  if (timeAttr !== undefined && (typeof timeAttr !== 'string' || timeAttr === '')) {
    throw new AttuneError('OPTION_RANGE', `asha: expected timeAttr to be the name of a metric, got ${describe(timeAttr)}.`);
  }
  const milestones = rungs(gracePeriod, maxT, reductionFactor);

  return {
    name: 'asha',
    options: { maxT, gracePeriod, reductionFactor, ...(timeAttr === undefined ? {} : { timeAttr }) },
    uses: ['stop'],
    check({ objectives }) {
      if (objectives !== 1) throw new AttuneError('METRIC_INVALID', `asha: expected exactly one metric to rank trials by, got ${objectives}.`);
    },
    init: () => ({ losses: milestones.map(() => []), reached: {}, warned: false }),
    decide(state, event) {
      if (event.kind === 'completed' || event.kind === 'stopped') delete state.reached[event.trial]; // a failed trial may be resumed
      const loss = event.kind === 'reported' ? event.losses[0] : undefined;
      if (event.kind !== 'reported' || loss === undefined) return { state, decisions: [] };
      const time = timeAttr === undefined ? event.step : reportedValue(event, timeAttr);
      if (time === undefined || Number.isNaN(time)) return lacks(state, timeAttr ?? '');
      const reason = recorded(state, event.trial, loss, time);
      if (time >= maxT) return stop(state, event.trial, `reached maxT ${maxT}`);
      return reason === undefined ? { state, decisions: [] } : stop(state, event.trial, reason);
    },
  };

  /** Records the loss at the highest rung passed, unless the trial has been there; says why the trial must stop, if it must. */
  function recorded(state: AshaState, trial: TrialId, loss: number, time: number): string | undefined {
    const rung = milestones.findLastIndex((milestone) => milestone <= time);
    const losses = state.losses[rung];
    if (losses === undefined || rung <= (state.reached[trial] ?? -1)) return undefined;
    state.reached[trial] = rung;
    const better = insert(losses, loss);
    const kept = Math.max(1, Math.floor(losses.length / reductionFactor));
    const at = `rung ${Number((milestones[rung] ?? 0).toPrecision(6))}`;
    if (isWorst(loss) && better > 0) return `${at}: its metric is NaN or infinite, that of ${better} of ${losses.length} is not`;
    return better < kept ? undefined : `${at}: rank ${better + 1} of ${losses.length}, only the best ${kept === 1 ? 'goes' : `${kept} go`} on`;
  }
}

function stop(state: AshaState, trial: TrialId, reason: string): Outcome<AshaState> {
  return { state, decisions: [{ kind: 'stop', trial, reason }] };
}

function lacks(state: AshaState, timeAttr: string): Outcome<AshaState> {
  if (state.warned) return { state, decisions: [] };
  state.warned = true;
  return { state, decisions: [], warnings: [`asha: a report lacks the timeAttr "${timeAttr}"; such reports stop nobody.`] };
}

/** Inserts into an ascending array, before its equals; how many are smaller. */
function insert(ascending: number[], value: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  ascending.splice(low, 0, value);
  return low;
}
