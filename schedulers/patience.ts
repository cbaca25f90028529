import { AttuneError } from '../src/base/errors.ts';
import { checkNumber, checkOptions } from '../src/base/options.ts';
import { WORST } from '../src/base/worst.ts';
import { shortNumber } from '../src/schedule/plateau.ts';
import type { Scheduler } from '../src/schedule/scheduler.ts';

/** What `patience` takes. */
export interface PatienceOptions {
  /** How many results in a row may be worse than the best before them: the next one stops the trial. Default 10. */
  readonly patience?: number;
  /** Results count as worse when they are so by more than this, in units of the metric. Default 0. */
  readonly minDelta?: number;
}

/** What `patience` keeps of each trial that has not ended. */
export interface PatienceState {
  readonly trials: Record<string, { step: number | null; best: number; readonly latest: number[] }>;
}

/**
 * Stops a trial that gets worse and does not recover: its latest `patience + 1` results are all worse than the best before them,
 * by more than `minDelta`. Each trial counts for itself. A diverged result (NaN or infinite metric) is as bad as can be; equal
 * ones are not worse, so a trial that stands still goes on (`trialPlateau` stops those).
 *
 * A report costs O(patience). Needs exactly one metric.
 *
 * @throws {AttuneError} `OPTION_UNKNOWN`; `OPTION_RANGE` unless patience is an integer >= 0, and minDelta is finite and >= 0; `METRIC_INVALID` in
 * `new Tuner` unless there is exactly one metric
 * @see docs/schedulers/patience.md
 * @example
 * import { patience } from 'attune/schedulers';
 * import { recorded, simulate } from 'attune/testing';
 *
 * const { grid } = await simulate({ ...recorded([[0.5, 0.4, 0.6, 0.7, 0.3]]), scheduler: patience({ patience: 1 }) });
 * grid.at(0)?.metrics.training_iteration; // => 4
 */
export function patience(options: PatienceOptions = {}): Scheduler<PatienceState> {
  checkOptions('patience', options, ['patience', 'minDelta'] satisfies (keyof PatienceOptions)[]);
  const { patience: most = 10, minDelta = 0 } = options;
  checkNumber('patience', 'patience', most, 'an integer >= 0', (n) => Number.isSafeInteger(n) && n >= 0);
  checkNumber('patience', 'minDelta', minDelta, 'a finite number >= 0', (delta) => delta >= 0 && Number.isFinite(delta));

  return {
    name: 'patience',
    options: { patience: most, minDelta },
    uses: ['stop'],
    check({ objectives }) {
      if (objectives === 1) return;
      throw new AttuneError('METRIC_INVALID', `patience: expected exactly one metric to watch, got ${objectives}.`, {
        hint: 'For one of several, write onMetric(metric, patience()).',
      });
    },
    init: () => ({ trials: {} }),
    decide(state, event) {
      if (event.kind === 'completed' || event.kind === 'stopped') delete state.trials[event.trial]; // a failed trial may be resumed
      const known = 'trial' in event ? state.trials[event.trial] : undefined;
      if (event.kind === 'started' && known) known.step = null; // an exploit may lead to the same step again
      if (event.kind !== 'reported' || known?.step === event.step) return { state, decisions: [] };
      const { trial, step, losses } = event;
      const seen = (state.trials[trial] ??= { step, best: WORST, latest: [] });
      seen.step = step;
      seen.latest.push(losses[0] ?? WORST);
      if (seen.latest.length > most + 1) seen.best = Math.min(seen.best, seen.latest.shift() ?? WORST);
      if (seen.latest.length <= most || !(seen.best + minDelta < Math.min(...seen.latest))) return { state, decisions: [] };
      const count = most === 0 ? 'the last result is' : `the last ${most + 1} results are all`;
      const by = minDelta === 0 ? '' : `, by more than ${shortNumber(minDelta)}`;
      return { state, decisions: [{ kind: 'stop', trial, reason: `${count} worse than the best before${by}` }] };
    },
  };
}
