import { AttuneError } from '../base/errors.ts';
import { describe } from '../base/options.ts';
import { type Reported, reportedValue } from './reported-value.ts';
import type { Outcome } from './scheduler.ts';

/**
 * How far a trial is: the number under `timeAttr`, or the count of its reports when none is named. `undefined` when the report
 * does not say, NaN included.
 */
export function trialTime(event: Reported, timeAttr: string | undefined): number | undefined {
  const time = timeAttr === undefined ? event.step : reportedValue(event, timeAttr);
  return time === undefined || Number.isNaN(time) ? undefined : time;
}

/** What to make of a report that does not say how far its trial is: nothing, and a warning for the first. */
export function timeIsMissing<S extends { warned: boolean }>(where: string, state: S, timeAttr: string | undefined): Outcome<S> {
  if (state.warned) return { state, decisions: [] };
  state.warned = true;
  return { state, decisions: [], warnings: [`${where}: a report lacks the timeAttr "${timeAttr}"; such reports stop nobody.`] };
}

/** @throws {AttuneError} `OPTION_RANGE` unless it is the name of a metric, or `undefined` */
export function checkTimeAttr(where: string, timeAttr: unknown): void {
  if (timeAttr === undefined || (typeof timeAttr === 'string' && timeAttr !== '')) return;
  throw new AttuneError('OPTION_RANGE', `${where}: expected timeAttr to be the name of a metric, got ${describe(timeAttr)}.`);
}

/** @throws {AttuneError} `METRIC_INVALID` unless the experiment has exactly one metric */
export function checkOneObjective(where: string, objectives: number): void {
  if (objectives === 1) return;
  throw new AttuneError('METRIC_INVALID', `${where}: expected exactly one metric to rank trials by, got ${objectives}.`);
}

/** A milestone as reasons name it. */
export const rungName = (milestone: number): string => `rung ${Number(milestone.toPrecision(6))}`;
