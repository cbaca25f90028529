import { AttuneError } from '../src/base/errors.ts';
import { checkNumber, checkOptions } from '../src/base/options.ts';
import { checkMetricName, checkMode, checkOneMetric, deviation, noResult, plateauValue, shortNumber } from '../src/schedule/plateau.ts';
import type { Scheduler } from '../src/schedule/scheduler.ts';
import type { Mode } from '../src/trial/metrics.ts';

/** What `experimentPlateau` takes. */
export interface ExperimentPlateauOptions {
  /** The metric that is watched, nested with `/`; `mode` is given with it. Default: that of the experiment, in its own mode. */
  readonly metric?: string;
  readonly mode?: Mode;
  /** The best results lie together when their standard deviation is at most this. Default 0.001. */
  readonly std?: number;
  /** How many of the best results are looked at. Default 10. */
  readonly top?: number;
  /** The run ends at the result number `patience` in a row that finds the best ones together; 0 and 1: at the first. Default 0. */
  readonly patience?: number;
}

/** What `experimentPlateau` keeps. */
export interface ExperimentPlateauState {
  /** The best results of all, at most `top`: as losses, ascending. */
  readonly best: number[];
  /** Results in a row that found them together. */
  together: number;
  warned: boolean;
}

const OPTIONS = ['metric', 'mode', 'std', 'top', 'patience'] as const satisfies (keyof ExperimentPlateauOptions)[];

/**
 * Ends the run when its best results no longer get better: the population standard deviation of the best `top` of all values
 * reported, whichever trials they are of, is at most `std`, for `patience` results in a row. What runs is stopped at its next
 * report. Reports that lack the metric, and those where it is NaN or infinite, are no results.
 *
 * Values, not trials, are counted: a single trial that stands still fills the list. To end trials that stand still, add `trialPlateau`.
 * For `runConfig.stop`, or as the scheduler; as that it watches the metric of the experiment only. A report costs O(top).
 *
 * @throws {AttuneError} `OPTION_UNKNOWN`; `OPTION_RANGE` unless std > 0, top is an integer >= 2, patience an integer >= 0, and metric and mode come
 * together; `METRIC_INVALID` in `new Tuner` without `metric` when the experiment has none, or several
 * @see docs/schedulers/experiment-plateau.md
 * @example
 * import type { RunConfig } from 'attune';
 * import { experimentPlateau } from 'attune/schedulers';
 *
 * const runConfig: RunConfig = { stop: experimentPlateau({ std: 0.001, top: 10, patience: 20 }) };
 */
export function experimentPlateau(options: ExperimentPlateauOptions = {}): Scheduler<ExperimentPlateauState> {
  const { metric, mode, std, top, patience } = checked(options);

  return {
    name: 'experimentPlateau',
    options: { std, top, patience, ...(metric === undefined ? {} : { metric }), ...(mode === undefined ? {} : { mode }) },
    uses: ['end'],
    check: ({ objectives }) => checkOneMetric('experimentPlateau', metric, objectives),
    init: () => ({ best: [], together: 0, warned: false }),
    decide(state, event) {
      if (event.kind !== 'reported') return { state, decisions: [] };
      const value = plateauValue(event, metric);
      if (value === undefined) return noResult('experimentPlateau', state, event, metric);
      insert(state.best, mode === 'max' ? -value : value, top);
      const spread = state.best.length < top ? Number.POSITIVE_INFINITY : deviation(state.best);
      state.together = spread <= std ? state.together + 1 : 0;
      if (state.together === 0 || state.together < patience) return { state, decisions: [] };
      const since = state.together > 1 ? `, for ${state.together} results in a row` : '';
      return {
        state,
        decisions: [{ kind: 'end', reason: `the best ${top} results are alike: their standard deviation ${shortNumber(spread)} <= ${std}${since}` }],
      };
    },
  };
}

/** Inserts into an ascending array that keeps the smallest `most`. */
function insert(ascending: number[], value: number, most: number): void {
  const at = ascending.findLastIndex((other) => other <= value) + 1;
  if (at === most) return;
  ascending.splice(at, 0, value);
  if (ascending.length > most) ascending.pop();
}

function checked(options: ExperimentPlateauOptions): ExperimentPlateauOptions & Required<Pick<ExperimentPlateauOptions, 'std' | 'top' | 'patience'>> {
  checkOptions('experimentPlateau', options, OPTIONS);
  const { metric, mode, std = 0.001, top = 10, patience = 0 } = options;
  checkMetricName('experimentPlateau', metric);
  checkMode('experimentPlateau', mode);
  if ((metric === undefined) !== (mode === undefined)) {
    const got = metric === undefined ? 'mode' : 'metric';
    throw new AttuneError('OPTION_RANGE', `experimentPlateau: expected metric and mode together, got ${got} alone.`, {
      hint: 'Give both, or neither for the metric of the experiment.',
    });
  }
  checkNumber('experimentPlateau', 'std', std, 'a finite number > 0', (value) => value > 0 && Number.isFinite(value));
  checkNumber('experimentPlateau', 'top', top, 'an integer >= 2', (n) => Number.isSafeInteger(n) && n >= 2);
  checkNumber('experimentPlateau', 'patience', patience, 'an integer >= 0', (n) => Number.isSafeInteger(n) && n >= 0);
  return { ...options, std, top, patience };
}
