import { AttuneError } from '../src/base/errors.ts';
import type { JsonObject } from '../src/base/json.ts';
import { checkNumber, checkOptions } from '../src/base/options.ts';
import { isWorst, WORST } from '../src/base/worst.ts';
import type { Reported } from '../src/schedule/reported-value.ts';
import type { Scheduler } from '../src/schedule/scheduler.ts';
import { checkSchedule, isDue, needsTime, trialTime } from '../src/schedule/trial-time.ts';

/** What `medianStopping` takes. */
export interface MedianStoppingOptions {
  /** The metric that says how far a trial is; it must not decrease. Default `time_total_s`, the seconds it has trained. */
  readonly timeAttr?: string;
  /** No trial is stopped before this, and results before it are no yardstick; in units of `timeAttr`. Default 60. */
  readonly gracePeriod?: number;
  /** How many other trials must have come as far. Default 3. */
  readonly minSamplesRequired?: number;
  /** A trial is looked at once in each interval of this length, in units of `timeAttr`; 0: at every report. Default 0. */
  readonly interval?: number;
}

/** What `percentileStopping` takes. */
export interface PercentileStoppingOptions extends MedianStoppingOptions {
  /** From 0 to 100: at 25 a trial has to keep up with the best quarter of the others, at 75 with the best three. Default 50. */
  readonly percentile?: number;
}

/** What `percentileStopping` and `medianStopping` keep. */
export interface PercentileStoppingState {
  readonly trials: Record<string, Curve>;
}

/** One trial. */
interface Curve {
  /** Its latest report, and whether it has been started anew since. */
  step: number;
  anew: boolean;
  /** How far it was at its latest report. */
  time: number;
  /** Of all its results: the lowest loss. */
  best: number;
  /** Its results from the grace period on: when, ascending, and the sum of all up to then. */
  readonly times: number[];
  readonly sums: number[];
}

const MEDIAN = ['timeAttr', 'gracePeriod', 'minSamplesRequired', 'interval'] as const satisfies (keyof MedianStoppingOptions)[];

/**
 * Stops a trial whose best result so far is worse than a percentile of the others' mean results up to the same time. The others
 * are the trials that have come as far, whatever became of them, with results since the grace period; percentiles are
 * interpolated linearly. So the trial with the best result of all is never stopped, nor is anybody while all results are equal.
 * A diverged result (NaN or infinite metric) counts for nothing; a trial that has no other is stopped.
 *
 * A report costs O(n log k) for n trials of k reports; reports since the grace period are kept. Needs exactly one metric.
 *
 * @throws {AttuneError} `OPTION_UNKNOWN`; `OPTION_RANGE` unless 0 <= percentile <= 100, gracePeriod and interval are finite and >= 0, and
 * minSamplesRequired is an integer >= 1; `METRIC_INVALID` in `new Tuner` unless there is exactly one metric
 * @see docs/schedulers/percentile-stopping.md
 * @example
 * import { percentileStopping } from 'attune/schedulers';
 * import { powerLaws, simulate } from 'attune/testing';
 *
 * const scheduler = percentileStopping({ percentile: 25, timeAttr: 'training_iteration', gracePeriod: 5 });
 * const { summary } = await simulate({ ...powerLaws(), scheduler, trials: 20, workers: 4 });
 * summary.stopped > 0; // => true
 */
export function percentileStopping(options: PercentileStoppingOptions = {}): Scheduler<PercentileStoppingState> {
  checkOptions('percentileStopping', options, ['percentile', ...MEDIAN]);
  const { percentile = 50, ...rest } = options;
  checkNumber('percentileStopping', 'percentile', percentile, 'a number from 0 to 100', (p) => p >= 0 && p <= 100);
  const scheduler = percentileRule('percentileStopping', percentile, rest);
  return { ...scheduler, options: { percentile, ...(scheduler.options as JsonObject) } };
}

/** @internal The rule of `percentileStopping` under a name. */
export function percentileRule(name: string, percentile: number, options: MedianStoppingOptions): Scheduler<PercentileStoppingState> {
  checkOptions(name, options, MEDIAN);
  const { timeAttr = 'time_total_s', gracePeriod = 60, minSamplesRequired = 3, interval = 0 } = options;
  const schedule = { timeAttr, gracePeriod, interval };
  checkSchedule(name, schedule);
  checkNumber(name, 'minSamplesRequired', minSamplesRequired, 'an integer >= 1', (n) => Number.isSafeInteger(n) && n >= 1);

  return {
    name,
    options: { timeAttr, gracePeriod, minSamplesRequired, interval },
    uses: ['stop'],
    ...needsTime(timeAttr),
    check({ objectives }) {
      if (objectives === 1) return;
      throw new AttuneError('METRIC_INVALID', `${name}: expected exactly one metric to compare trials by, got ${objectives}.`, {
        hint: `For one of several, write onMetric(metric, ${name}()).`,
      });
    },
    init: () => ({ trials: {} }),
    decide(state, event) {
      const curve = 'trial' in event ? state.trials[event.trial] : undefined;
      if (event.kind === 'started' && curve) curve.anew = true;
      if (event.kind !== 'reported' || (curve?.step === event.step && !curve.anew)) return { state, decisions: [] };
      const time = trialTime(event, timeAttr);
      if (time === undefined) return { state, decisions: [] };
      const looks = isDue(time, curve?.time, schedule);
      const { best } = record(state, event, time);
      const reason = looks ? judged(state, event.trial, time, best) : undefined;
      return { state, decisions: reason === undefined ? [] : [{ kind: 'stop', trial: event.trial, reason }] };
    },
  };

  function record(state: PercentileStoppingState, { trial, step, losses: [loss = WORST] }: Reported, time: number): Curve {
    const curve = (state.trials[trial] ??= { step, anew: true, time, best: WORST, times: [], sums: [] });
    const isBack = curve.anew && step <= curve.step; // to an earlier checkpoint, or to another trial's
    const { times, sums } = curve;
    const kept = times.findLastIndex((then) => then < time || (then === time && !isBack)) + 1;
    times.length = sums.length = kept;
    Object.assign(curve, { step, anew: false, time, best: Math.min(curve.best, loss) });
    if (time < gracePeriod || isWorst(loss)) return curve;
    times.push(time);
    sums.push(Math.min(Math.max((sums.at(-1) ?? 0) + loss, -WORST), WORST)); // JSON has no infinities
    return curve;
  }

  /** Why the trial must stop, if it must. */
  function judged({ trials }: PercentileStoppingState, trial: number, time: number, best: number): string | undefined {
    const means: number[] = [];
    for (const id in trials) {
      const other = trials[id] as Curve;
      const mean = Number(id) === trial || other.time < time ? undefined : meanAt(other, time);
      if (mean !== undefined) means.push(mean);
    }
    if (means.length < minSamplesRequired) return undefined;
    const better = means.filter((mean) => mean < best).length;
    const place = ((means.length - 1) * percentile) / 100;
    if (better <= Math.floor(place) || !(best > quantile(means, place))) return undefined;
    const [at, others] = [`${timeAttr} ${Number(time.toPrecision(4))}`, means.length === 1 ? 'another trial' : `${means.length} other trials`];
    if (isWorst(best)) return `${at}: its metric has always been NaN or infinite, that of ${others} has not`;
    const line = percentile === 50 ? 'the median' : `percentile ${percentile}`;
    return `${at}: its best result is worse than ${line} of ${others}, of which ${better} ${better === 1 ? 'is' : 'are'} better on average`;
  }
}

/** The mean of a trial's results up to a time, by no rounding below the best of them; `undefined` when it has none. */
function meanAt({ times, sums, best }: Curve, time: number): number | undefined {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  const sum = sums[low - 1];
  return sum === undefined ? undefined : Math.max(best, sum / low);
}

/** The value at a place from 0 to n - 1 among n values in order, between two of them by a straight line. */
function quantile(values: readonly number[], place: number): number {
  const ascending = Float64Array.from(values).sort();
  const low = ascending[Math.floor(place)] ?? WORST;
  const high = ascending[Math.ceil(place)] ?? WORST;
  const part = place - Math.floor(place);
  return Math.min(high, low + (high - low) * part);
}
