import { AttuneError } from '../src/base/errors.ts';
import { checkNumber, checkOptions } from '../src/base/options.ts';
import { checkMetricName, checkMode, checkOneMetric, deviation, noResult, plateauValue, shortNumber } from '../src/schedule/plateau.ts';
import type { Scheduler } from '../src/schedule/scheduler.ts';
import type { Mode } from '../src/trial/metrics.ts';

/** What `trialPlateau` takes. */
export interface TrialPlateauOptions {
  /** The metric that is watched, nested with `/`. Default: that of the experiment. */
  readonly metric?: string;
  /** The results lie together when their standard deviation is below this. Default 0.01. */
  readonly std?: number;
  /** How many of the latest results are looked at. Default 4. */
  readonly numResults?: number;
  /** Results that a trial makes before it may be stopped. Default 4. */
  readonly gracePeriod?: number;
  /** A trial that has not got there goes on, plateau or not. Needs `metric` and `mode`. Default: none. */
  readonly metricThreshold?: number;
  /** Whether a trial gets to the threshold from above (`'min'`) or from below (`'max'`). */
  readonly mode?: Mode;
}

/** What `trialPlateau` keeps. */
export interface TrialPlateauState {
  /** By trial: how many results there were, and the latest. */
  readonly trials: Record<string, { count: number; latest: number[] }>;
  warned: boolean;
}

const OPTIONS = ['metric', 'std', 'numResults', 'gracePeriod', 'metricThreshold', 'mode'] as const satisfies (keyof TrialPlateauOptions)[];

/**
 * Stops a trial that gets nowhere: the population standard deviation of its latest `numResults` results is below `std`, it has
 * made at least `gracePeriod` of them, and the latest is past `metricThreshold`, if there is one. Each trial counts for itself.
 * Reports that lack the metric, and those where it is NaN or infinite, are no results.
 *
 * For `runConfig.stop`, or as the scheduler; as that it watches the metric of the experiment only. A report costs O(numResults).
 *
 * @throws {AttuneError} `OPTION_UNKNOWN`; `OPTION_RANGE` unless std > 0, numResults is an integer >= 2, gracePeriod an integer >= 0, metricThreshold
 * finite and given with metric and mode; `METRIC_INVALID` in `new Tuner` without `metric` when the experiment has none, or several
 * @see docs/schedulers/trial-plateau.md
 * @example
 * import { trialPlateau } from 'attune/schedulers';
 * import { recorded, simulate } from 'attune/testing';
 *
 * const { grid } = await simulate({ ...recorded([[0.9, 0.5, 0.5, 0.5, 0.5, 0.4]]), scheduler: trialPlateau() });
 * grid.at(0)?.metrics.training_iteration; // => 5
 */
export function trialPlateau(options: TrialPlateauOptions = {}): Scheduler<TrialPlateauState> {
  const { metric, std, numResults, gracePeriod, metricThreshold, mode } = checked(options);

  return {
    name: 'trialPlateau',
    options: {
      std,
      numResults,
      gracePeriod,
      ...(metric === undefined ? {} : { metric }),
      ...(metricThreshold === undefined ? {} : { metricThreshold }),
      ...(mode === undefined ? {} : { mode }),
    },
    uses: ['stop'],
    check: ({ objectives }) => checkOneMetric('trialPlateau', metric, objectives),
    init: () => ({ trials: {}, warned: false }),
    decide(state, event) {
      if (event.kind === 'completed' || event.kind === 'stopped') delete state.trials[event.trial]; // a failed trial may be resumed
      if (event.kind !== 'reported') return { state, decisions: [] };
      const { trial } = event;
      const value = plateauValue(event, metric);
      if (value === undefined) return noResult('trialPlateau', state, event, metric);
      const seen = (state.trials[trial] ??= { count: 0, latest: [] });
      seen.count += 1;
      seen.latest.push(value);
      if (seen.latest.length > numResults) seen.latest.shift();
      if (seen.count < gracePeriod || seen.latest.length < numResults || !isPast(value)) return { state, decisions: [] };
      const spread = deviation(seen.latest);
      if (!(spread < std)) return { state, decisions: [] };
      const reason = `the last ${numResults} results are alike: their standard deviation ${shortNumber(spread)} < ${std}`;
      return { state, decisions: [{ kind: 'stop', trial, reason }] };
    },
  };

  function isPast(value: number): boolean {
    if (metricThreshold === undefined) return true;
    return mode === 'min' ? value <= metricThreshold : value >= metricThreshold;
  }
}

function checked(options: TrialPlateauOptions): TrialPlateauOptions & Required<Pick<TrialPlateauOptions, 'std' | 'numResults' | 'gracePeriod'>> {
  checkOptions('trialPlateau', options, OPTIONS);
  const { metric, std = 0.01, numResults = 4, gracePeriod = 4, metricThreshold, mode } = options;
  checkMetricName('trialPlateau', metric);
  checkMode('trialPlateau', mode);
  checkNumber('trialPlateau', 'std', std, 'a finite number > 0', (value) => value > 0 && Number.isFinite(value));
  checkNumber('trialPlateau', 'numResults', numResults, 'an integer >= 2', (n) => Number.isSafeInteger(n) && n >= 2);
  checkNumber('trialPlateau', 'gracePeriod', gracePeriod, 'an integer >= 0', (n) => Number.isSafeInteger(n) && n >= 0);
  if (metricThreshold === undefined) return { ...options, std, numResults, gracePeriod };
  checkNumber('trialPlateau', 'metricThreshold', metricThreshold, 'a finite number', Number.isFinite);
  if (metric === undefined || mode === undefined) {
    const missing = metric === undefined ? 'metric' : 'mode';
    throw new AttuneError('OPTION_RANGE', `trialPlateau: expected metric and mode with metricThreshold, got no ${missing}.`, {
      hint: 'A threshold is a value of one metric, reached from above (mode min) or from below (max).',
    });
  }
  return { ...options, std, numResults, gracePeriod };
}
