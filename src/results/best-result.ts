import { editDistance } from '../base/edit-distance.ts';
import { AttuneError } from '../base/errors.ts';
import { describe } from '../base/options.ts';
import { compareStandings, type Standing } from '../trial/best-trial.ts';
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
type Disqualified = 'failed' | 'never reported it' | 'NaN or infinite there';

/**
 * The index of the best trial, the first of equal ones. Trials that ended in ERROR do not compete; a trial whose last report breaks a
 * constraint comes after all that break none.
 *
 * @throws {AttuneError} `RESULT_NOT_FOUND` when none qualifies, saying why
 */
export function bestIndex(where: string, histories: readonly TrialHistory[], contest: Contest): number {
  let best = -1;
  let held: Standing | undefined;
  const out = new Map<Disqualified, number>();
  for (const [i, history] of histories.entries()) {
    const standing = standingOf(history, contest);
    if (typeof standing === 'string') out.set(standing, (out.get(standing) ?? 0) + 1);
    else if (held === undefined || compareStandings(standing, held) < 0) [best, held] = [i, standing];
  }
  if (best < 0) throw noneQualifies(where, histories, contest, out);
  return best;
}

function standingOf(history: TrialHistory, { objective, scope, filterNanAndInf }: Contest): Standing | Disqualified {
  if (history.trial.status === 'ERROR') return 'failed';
  const value = valueIn(history, objective, scope);
  if (value === undefined) return 'never reported it';
  if (filterNanAndInf && !Number.isFinite(value)) return 'NaN or infinite there';
  return { violation: violationOf(history.trial.last), loss: objective.mode === 'min' ? value : -value };
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
  const reasons = [...out].map(([reason, n]) => `${n} ${reason}`).join(', ');
  const got = histories.length === 0 ? 'an experiment without trials' : `${histories.length} ${histories.length === 1 ? 'trial' : 'trials'}: ${reasons}`;
  const names = reportedNames(histories).sort((a, b) => editDistance(a, objective.metric) - editDistance(b, objective.metric));
  const hint = names.length > 0 && !names.includes(objective.metric) ? { hint: `Numbers reported: ${names.slice(0, 10).map(describe).join(', ')}.` } : {};
  return new AttuneError('RESULT_NOT_FOUND', `${where}: expected a trial with a ${describe(objective.metric)} (scope "${scope}"), got ${got}.`, hint);
}

function reportedNames(histories: readonly TrialHistory[]): string[] {
  const names = new Set<string>();
  for (const { trial } of histories) {
    const { config: _, ...row } = trial.last ?? {};
    for (const [name, value] of Object.entries(flatten(row))) if (typeof value === 'number') names.add(name);
  }
  return [...names];
}
