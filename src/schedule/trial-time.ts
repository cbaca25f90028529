import { AttuneError } from '../base/errors.ts';
import { checkNumber, describe } from '../base/options.ts';
import { type Reported, reportedValue } from './reported-value.ts';

/** When a rule looks at a trial, in units of its time attribute. */
export interface Schedule {
  readonly timeAttr: string;
  /** Not before this. */
  readonly gracePeriod: number;
  /** From then on at the first report of each interval; 0: at every report. */
  readonly interval: number;
}

/**
 * How far a trial is: the number under `timeAttr`, or the count of its reports when none is named. `undefined` when the report
 * does not say, NaN and infinities included.
 */
export function trialTime(event: Reported, timeAttr: string | undefined): number | undefined {
  const time = timeAttr === undefined ? event.step : reportedValue(event, timeAttr);
  return Number.isFinite(time) ? time : undefined;
}

/** As a part of a scheduler: a trial whose first report does not say how far it is fails. */
export const needsTime = (timeAttr: string | undefined): { readonly needs?: readonly string[] } => (timeAttr === undefined ? {} : { needs: [timeAttr] });

/** @param previous - the time of the trial's report before this one, if there was one */
export function isDue(time: number, previous: number | undefined, { gracePeriod, interval }: Schedule): boolean {
  if (time < gracePeriod) return false;
  if (previous === undefined || previous > time || interval === 0) return true; // it may have gone back to an earlier checkpoint
  return previous < Math.floor((time - gracePeriod) / interval) * interval + gracePeriod;
}

/** @throws {AttuneError} `OPTION_RANGE` unless it is the name of a metric, or `undefined` */
export function checkTimeAttr(where: string, timeAttr: unknown): void {
  if (timeAttr === undefined || (typeof timeAttr === 'string' && timeAttr !== '')) return;
  throw new AttuneError('OPTION_RANGE', `${where}: expected timeAttr to be the name of a metric, got ${describe(timeAttr)}.`);
}

/** @throws {AttuneError} `OPTION_RANGE`, beginning with `where` */
export function checkSchedule(where: string, { timeAttr, gracePeriod, interval }: Schedule): void {
  checkTimeAttr(where, timeAttr);
  const isTime = (value: number): boolean => value >= 0 && Number.isFinite(value);
  checkNumber(where, 'gracePeriod', gracePeriod, 'a finite number >= 0', isTime);
  checkNumber(where, 'interval', interval, 'a finite number >= 0', isTime);
}

/** @throws {AttuneError} `METRIC_INVALID` unless the experiment has exactly one metric */
export function checkOneObjective(where: string, objectives: number): void {
  if (objectives === 1) return;
  const hint = objectives === 0 ? {} : { hint: `For one of several, write onMetric(metric, ${where}(…)).` };
  throw new AttuneError('METRIC_INVALID', `${where}: expected exactly one metric to rank trials by, got ${objectives}.`, hint);
}

/** A milestone as reasons name it. */
export const rungName = (milestone: number): string => `rung ${Number(milestone.toPrecision(6))}`;
