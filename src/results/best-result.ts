import { editDistance } from '../base/edit-distance.ts';
import { AttuneError } from '../base/errors.ts';
import { describe } from '../base/options.ts';
import { compareLosses } from '../trial/best-trial.ts';
import { flatten, metricAt, type Objective } from '../trial/metrics.ts';
import { violationOf } from '../trial/row.ts';
import { type Scope, scopeValue, valuesOf } from './scope.ts';
import type { TrialHistory } from './trial-history.ts';

/** How to compare trials. */
export interface Contest {
  readonly objective: Objective;
  readonly scope: Scope;
  /** Leave out trials whose value is NaN or infinite. Else NaN is below every number. */
  readonly filterNanAndInf: boolean;
}

/** Why a trial cannot win, for the error that says so. */
type Disqualified = 'failed' | 'never reported it' | 'NaN or infinite there' | 'infeasible';

/**
 * The index of the best trial, the first of equal ones. Trials that ended in ERROR do not compete, nor do those whose last report
 * breaks a constraint.
 *
 * @throws {AttuneError} `RESULT_NOT_FOUND` when none qualifies, saying why, and how far the nearest is from being feasible
 */
export function bestIndex(where: string, histories: readonly TrialHistory[], contest: Contest): number {
  const out = new Map<Disqualified, number>();
  const best = bestOf(histories, contest, out);
  if (best < 0) throw noneQualifies(where, histories, contest, out);
  return best;
}

/** As `bestIndex`, but -1 when none qualifies. @param out - gets how many are out for which reason */
export function bestOf(histories: readonly TrialHistory[], contest: Contest, out = new Map<Disqualified, number>()): number {
  let best = -1;
  let held = Number.NaN;
  for (const [i, history] of histories.entries()) {
    const loss = lossIn(history, contest);
    if (typeof loss === 'string') out.set(loss, (out.get(loss) ?? 0) + 1);
    else if (best < 0 || compareLosses(loss, held) < 0) [best, held] = [i, loss];
  }
  return best;
}

function lossIn(history: TrialHistory, { objective, scope, filterNanAndInf }: Contest): number | Disqualified {
  if (history.trial.status === 'ERROR') return 'failed';
  const value = valueIn(history, objective, scope);
  if (value === undefined) return 'never reported it';
  if (filterNanAndInf && !Number.isFinite(value)) return 'NaN or infinite there';
  if (violationOf(history.trial.last) > 0) return 'infeasible';
  return objective.mode === 'min' ? value : -value;
}

function valueIn(history: TrialHistory, { metric, mode }: Objective, scope: Scope): number | undefined {
  if (scope === 'last') return lastValue(history, metric);
  const values = history.trial.last === undefined ? [] : valuesOf(history.rows, metric);
  return values.length === 0 ? undefined : scopeValue(values, scope, mode);
}

/**
 * The last value reported; null is none. The history is read only when the last report lacks the metric. There a null may have been a NaN, and counts
 * as one, unless the last report itself has null: then the last number counts.
 */
export function lastValue(history: TrialHistory, metric: string): number | undefined {
  const { last } = history.trial;
  if (last === undefined) return undefined;
  const value = metricAt(last, metric);
  if (typeof value === 'number') return value;
  if (!history.isThere) return undefined;
  const values = valuesOf(history.rows, metric);
  return value === null ? values.findLast((known) => !Number.isNaN(known)) : values.at(-1);
}

function noneQualifies(where: string, histories: readonly TrialHistory[], { objective, scope }: Contest, out: ReadonlyMap<Disqualified, number>): AttuneError {
  const nearest = Math.min(
    ...histories.map(({ trial }) => (trial.status === 'ERROR' ? Infinity : violationOf(trial.last))).filter((violation) => violation > 0),
  );
  const reasons = [...out].map(([reason, n]) => `${n} ${reason}${reason === 'infeasible' ? ` (constraints broken by ${nearest} at least)` : ''}`).join(', ');
  const got = histories.length === 0 ? 'an experiment without trials' : `${histories.length} ${histories.length === 1 ? 'trial' : 'trials'}: ${reasons}`;
  const names = reportedNames(histories).sort((a, b) => editDistance(a, objective.metric) - editDistance(b, objective.metric));
  const hint = names.length > 0 && !names.includes(objective.metric) ? { hint: `Numbers reported: ${names.slice(0, 10).map(describe).join(', ')}.` } : {};
  return new AttuneError(
    'RESULT_NOT_FOUND',
    `${where}: expected a ${out.has('infeasible') ? 'feasible ' : ''}trial with a ${describe(objective.metric)} (scope "${scope}"), got ${got}.`,
    hint,
  );
}

function reportedNames(histories: readonly TrialHistory[]): string[] {
  const names = new Set<string>();
  for (const { trial } of histories) {
    const { config: _, ...row } = trial.last ?? {};
    for (const [name, value] of Object.entries(flatten(row))) if (typeof value === 'number') names.add(name);
  }
  return [...names];
}
