import { AttuneError } from '../src/base/errors.ts';
import { checkNumber, checkOptions } from '../src/base/options.ts';
import { isWorst } from '../src/base/worst.ts';
import { checkMetricName } from '../src/schedule/plateau.ts';
import type { Reported } from '../src/schedule/reported-value.ts';
import { reportedValue } from '../src/schedule/reported-value.ts';
import type { Outcome, Scheduler } from '../src/schedule/scheduler.ts';
import { checkSchedule, isDue, needsTime, trialTime } from '../src/schedule/trial-time.ts';

/** What `threshold` takes. */
export interface ThresholdOptions {
  /** The metric that is watched, nested with `/`. Default: those of the experiment, for NaN and infinities only. */
  readonly metric?: string;
  /** Below this a trial is stopped, in units of `metric`. Default: none. */
  readonly lower?: number;
  /** Above this a trial is stopped, in units of `metric`. Default: none. */
  readonly upper?: number;
  /** The metric that says how far a trial is; it must not decrease. Default `training_iteration`, the count of its reports. */
  readonly timeAttr?: string;
  /** No trial is stopped before this, in units of `timeAttr`. Default 0. */
  readonly gracePeriod?: number;
  /** A trial is looked at once in each interval of this length, in units of `timeAttr`; 0: at every report. Default 0. */
  readonly interval?: number;
}

/** What `threshold` keeps. */
export interface ThresholdState {
  /** By trial that has not ended: how far it was at its latest report. */
  readonly times: Record<string, number>;
  /** A report without the metric has been warned about. */
  lacked: boolean;
}

const OPTIONS = ['metric', 'lower', 'upper', 'timeAttr', 'gracePeriod', 'interval'] as const satisfies (keyof ThresholdOptions)[];

/**
 * Stops a trial whose metric is below `lower` or above `upper` (on a bound it goes on), or NaN or infinite. Without options it
 * stops what has diverged. Each report counts for itself; one that lacks the metric decides nothing.
 *
 * For `runConfig.stop`, or as the scheduler; as that it watches the metric of the experiment only. A report costs O(1).
 *
 * @throws {AttuneError} `OPTION_UNKNOWN`; `OPTION_RANGE` unless the bounds are finite, lower <= upper, given with a metric, and gracePeriod and
 * interval are finite and >= 0; `METRIC_INVALID` in `new Tuner` without `metric` when the experiment has none
 * @see docs/schedulers/threshold.md
 * @example
 * import { threshold } from 'attune/schedulers';
 * import { recorded, simulate } from 'attune/testing';
 *
 * const { grid } = await simulate({ ...recorded([[1, 3, 9, 27]]), scheduler: threshold({ metric: 'loss', upper: 5 }) });
 * grid.at(0)?.metrics.loss; // => 9
 */
export function threshold(options: ThresholdOptions = {}): Scheduler<ThresholdState> {
  const { metric, lower, upper, ...schedule } = checked(options);

  return {
    name: 'threshold',
    options: {
      ...schedule,
      ...(metric === undefined ? {} : { metric }),
      ...(lower === undefined ? {} : { lower }),
      ...(upper === undefined ? {} : { upper }),
    },
    uses: ['stop'],
    ...needsTime(schedule.timeAttr),
    check({ objectives }) {
      if (metric === undefined && objectives === 0)
        throw new AttuneError('METRIC_INVALID', 'threshold: expected a metric in its options, or in tuneConfig, got none.', {
          hint: 'Name the metric that is to be watched.',
        });
    },
    init: () => ({ times: {}, lacked: false }),
    decide(state, event) {
      if (event.kind === 'completed' || event.kind === 'stopped') delete state.times[event.trial]; // a failed trial may be resumed
      if (event.kind !== 'reported') return { state, decisions: [] };
      const time = trialTime(event, schedule.timeAttr);
      if (time === undefined) return { state, decisions: [] };
      const looks = isDue(time, state.times[event.trial], schedule);
      state.times[event.trial] = time;
      const value = metric === undefined ? undefined : reportedValue(event, metric);
      if (metric !== undefined && value === undefined) return withoutMetric(state, metric);
      const reason = looks ? wrong(event, value) : undefined;
      return { state, decisions: reason === undefined ? [] : [{ kind: 'stop', trial: event.trial, reason }] };
    },
  };

  /** Why the trial must stop, if it must. */
  function wrong({ losses }: Reported, value: number | undefined): string | undefined {
    if (value === undefined) return losses.some(isWorst) ? 'its metric is NaN or infinite' : undefined;
    if (!Number.isFinite(value)) return `${metric} is ${value}`;
    if (lower !== undefined && value < lower) return `${metric} ${value} < ${lower}`;
    return upper !== undefined && value > upper ? `${metric} ${value} > ${upper}` : undefined;
  }
}

function withoutMetric(state: ThresholdState, metric: string): Outcome<ThresholdState> {
  if (state.lacked) return { state, decisions: [] };
  state.lacked = true;
  return { state, decisions: [], warnings: [`threshold: a report lacks the metric "${metric}"; such reports stop nobody.`] };
}

function checked(options: ThresholdOptions): ThresholdOptions & Required<Pick<ThresholdOptions, 'timeAttr' | 'gracePeriod' | 'interval'>> {
  checkOptions('threshold', options, OPTIONS);
  const { metric, lower, upper, timeAttr = 'training_iteration', gracePeriod = 0, interval = 0 } = options;
  checkMetricName('threshold', metric);
  checkSchedule('threshold', { timeAttr, gracePeriod, interval });
  for (const [bound, value] of Object.entries({ lower, upper })) {
    if (value === undefined) continue;
    checkNumber('threshold', bound, value, 'a finite number', Number.isFinite);
    if (metric !== undefined) continue;
    throw new AttuneError('OPTION_RANGE', `threshold: expected a metric with ${bound}, got none.`, {
      hint: "Name the metric, such as that of tuneConfig: a bound is in its units, and a scheduler's losses have none.",
    });
  }
  if (lower !== undefined && upper !== undefined && lower > upper) {
    throw new AttuneError('OPTION_RANGE', `threshold: expected lower <= upper = ${upper}, got ${lower}.`, { hint: 'A trial goes on between them.' });
  }
  return { ...options, timeAttr, gracePeriod, interval };
}
