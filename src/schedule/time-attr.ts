import { AttuneError } from '../base/errors.ts';
import { checkNumber, describe } from '../base/options.ts';
import { type Reported, reportedValue } from './reported-value.ts';
import type { Outcome } from './scheduler.ts';

/** When a rule looks at a trial, in units of its time attribute. */
export interface Schedule {
  readonly timeAttr: string;
  /** Not before this. */
  readonly gracePeriod: number;
  /** From then on at the first report of each interval; 0: at every report. */
  readonly interval: number;
}

/** How far a trial is; `undefined` when the report does not say. */
export function timeOf(event: Reported, timeAttr: string): number | undefined {
  const time = reportedValue(event, timeAttr);
  return Number.isFinite(time) ? time : undefined;
}

/** @param previous - the time of the trial's report before this one, if there was one */
export function isDue(time: number, previous: number | undefined, { gracePeriod, interval }: Schedule): boolean {
  if (time < gracePeriod) return false;
  if (previous === undefined || previous > time || interval === 0) return true; // it may have gone back to an earlier checkpoint
  return previous < Math.floor((time - gracePeriod) / interval) * interval + gracePeriod;
}

/** What to make of a report without the time attribute: nothing, and a warning for the first. */
export function lacksTime<S extends { warned: boolean }>(where: string, state: S, timeAttr: string): Outcome<S> {
  if (state.warned) return { state, decisions: [] };
  state.warned = true;
  return { state, decisions: [], warnings: [`${where}: a report lacks the timeAttr "${timeAttr}"; such reports stop nobody.`] };
}

/** @throws {AttuneError} `OPTION_RANGE`, beginning with `where` */
export function checkSchedule(where: string, { timeAttr, gracePeriod, interval }: Schedule): void {
  if (typeof timeAttr !== 'string' || timeAttr === '') {
    throw new AttuneError('OPTION_RANGE', `${where}: expected timeAttr to be the name of a metric, got ${describe(timeAttr)}.`);
  }
  const isTime = (value: number): boolean => value >= 0 && Number.isFinite(value);
  checkNumber(where, 'gracePeriod', gracePeriod, 'a finite number >= 0', isTime);
  checkNumber(where, 'interval', interval, 'a finite number >= 0', isTime);
}
