import { AttuneError } from '../src/base/errors.ts';
import { wilcoxonGreater } from '../src/base/numeric/wilcoxon.ts';
import { checkNumber, checkOptions } from '../src/base/options.ts';
import { isWorst, WORST } from '../src/base/worst.ts';
import { shortNumber } from '../src/schedule/plateau.ts';
import type { Outcome, Scheduler } from '../src/schedule/scheduler.ts';

/** What `wilcoxon` takes. */
export interface WilcoxonOptions {
  /** A trial is stopped when it is so improbable that it is as good as the best. Default 0.1. */
  readonly pThreshold?: number;
  /** How many steps it must have in common with the best before it may be stopped. Default 2. */
  readonly startupSteps?: number;
}

/** What `wilcoxon` keeps. */
export interface WilcoxonState {
  /** By trial that has not ended: its losses by step, and whether this rule has stopped it. */
  readonly trials: Record<string, { readonly losses: Record<string, number>; stopped: boolean }>;
  /** The losses by step of the best trial that has ended. */
  best: Record<string, number> | null;
  warned: boolean;
}

/**
 * For metrics that are reported one instance at a time (a fold, a problem, a seed), with the instance as the step and in any order:
 * stops a trial that is worse than the best one so far on the instances that both have, by Wilcoxon's signed-rank test, unless
 * its mean is no worse. The best is, of the trials that have ended and were not stopped by this rule, the one with the
 * most instances, of these the one with the lowest mean; what a trial reported counts however it ended.
 *
 * The test counts instances, not epochs: values of one learning curve depend on each other, so for those take `medianStopping`.
 * A trial with a diverged result (NaN or infinite metric) is not judged, with one warning; `threshold` stops it.
 *
 * A report costs O(n log n) for n steps, and O(n³) up to 50. Needs exactly one metric.
 *
 * @throws {AttuneError} `OPTION_UNKNOWN`; `OPTION_RANGE` unless 0 <= pThreshold <= 1 and startupSteps is an integer >= 0; `METRIC_INVALID` in `new Tuner`
 * unless there is exactly one metric
 * @see docs/schedulers/wilcoxon.md
 * @example
 * import { recorded, simulate } from 'attune/testing';
 * import { wilcoxon } from 'attune/schedulers';
 *
 * const [good, bad] = [[0.1, 0.2, 0.1, 0.2, 0.1, 0.2], [0.5, 0.6, 0.7, 0.5, 0.6, 0.7]];
 * const { grid } = await simulate({ ...recorded([good, bad]), scheduler: wilcoxon() });
 * grid.at(1)?.metrics.training_iteration; // => 4
 */
export function wilcoxon(options: WilcoxonOptions = {}): Scheduler<WilcoxonState> {
  checkOptions('wilcoxon', options, ['pThreshold', 'startupSteps'] satisfies (keyof WilcoxonOptions)[]);
  const { pThreshold = 0.1, startupSteps = 2 } = options;
  checkNumber('wilcoxon', 'pThreshold', pThreshold, 'a number from 0 to 1', (p) => p >= 0 && p <= 1);
  checkNumber('wilcoxon', 'startupSteps', startupSteps, 'an integer >= 0', (n) => Number.isSafeInteger(n) && n >= 0);

  return {
    name: 'wilcoxon',
    options: { pThreshold, startupSteps },
    uses: ['stop'],
    check({ objectives }) {
      if (objectives === 1) return;
      throw new AttuneError('METRIC_INVALID', `wilcoxon: expected exactly one metric to compare trials by, got ${objectives}.`, {
        hint: 'For one of several, write onMetric(metric, wilcoxon()).',
      });
    },
    init: () => ({ trials: {}, best: null, warned: false }),
    decide(state, event) {
      if (event.kind === 'completed' || event.kind === 'stopped' || event.kind === 'failed') end(state, event.trial);
      if (event.kind !== 'reported') return { state, decisions: [] };
      const { trial, step, losses } = event;
      const own = (state.trials[trial] ??= { losses: {}, stopped: false });
      own.losses[step] = losses[0] ?? WORST;
      own.stopped = false; // it goes on, if it was ever stopped: another rule was asked too
      if (Object.values(own.losses).some(isWorst)) return unjudged(state);
      const reason = state.best === null ? undefined : judged(own.losses, state.best);
      if (reason === undefined) return { state, decisions: [] };
      own.stopped = true;
      return { state, decisions: [{ kind: 'stop', trial, reason }] };
    },
  };

  /** Why the trial must stop, if it must. */
  function judged(own: Readonly<Record<string, number>>, best: Readonly<Record<string, number>>): string | undefined {
    const differences = Object.entries(own).flatMap(([step, loss]) => (best[step] === undefined ? [] : [loss - best[step]]));
    if (differences.length < Math.max(2, startupSteps) || !(meanOf(own) > meanOf(best))) return undefined;
    const p = wilcoxonGreater(differences);
    if (!(p < pThreshold)) return undefined;
    return `worse than the best on ${differences.length} steps that both have: p ${shortNumber(p)} < ${pThreshold}`;
  }
}

/** A trial has ended: it may be the best. */
function end(state: WilcoxonState, trial: number): void {
  const ended = state.trials[trial];
  delete state.trials[trial];
  if (ended === undefined || ended.stopped || Object.values(ended.losses).some(isWorst)) return;
  const [count, most] = [ended.losses, state.best ?? {}].map((losses) => Object.keys(losses).length) as [number, number];
  if (count > most || (count === most && meanOf(ended.losses) < meanOf(state.best ?? {}))) state.best = ended.losses;
}

function meanOf(losses: Readonly<Record<string, number>>): number {
  const values = Object.values(losses);
  return values.reduce((sum, loss) => sum + loss, 0) / values.length;
}

function unjudged(state: WilcoxonState): Outcome<WilcoxonState> {
  if (state.warned) return { state, decisions: [] };
  state.warned = true;
  const warning = 'wilcoxon: a metric is NaN or infinite; a trial with such a result is neither judged nor compared with. To stop it, add threshold().';
  return { state, decisions: [], warnings: [warning] };
}
