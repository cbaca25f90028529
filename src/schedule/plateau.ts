import { AttuneError } from '../base/errors.ts';
import { describe } from '../base/options.ts';
import { isWorst } from '../base/worst.ts';
import { type Reported, reportedValue } from './reported-value.ts';
import type { Outcome } from './scheduler.ts';

/** The number of a report that a plateau is made of: of the metric named, or the loss. `undefined` when there is none, or it has diverged. */
export function plateauValue(event: Reported, metric: string | undefined): number | undefined {
  const value = metric === undefined ? event.losses[0] : reportedValue(event, metric);
  if (value === undefined || !Number.isFinite(value)) return undefined;
  return metric === undefined && isWorst(value) ? undefined : value;
}

/** The population standard deviation of at least one number. Taken from the differences to the first, so that of equal ones it is 0. */
export function deviation(values: readonly number[]): number {
  const [first = 0] = values;
  const meanOf = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  const differences = values.map((value) => value - first);
  const mean = meanOf(differences);
  return Math.sqrt(meanOf(differences.map((difference) => (difference - mean) ** 2)));
}

/** @throws {AttuneError} `METRIC_INVALID` when a plateau of the experiment's own metric is wanted, and it has none, or several */
export function checkOneMetric(where: string, metric: string | undefined, objectives: number): void {
  if (metric !== undefined || objectives === 1) return;
  throw new AttuneError('METRIC_INVALID', `${where}: expected a metric in its options, or exactly one in tuneConfig, got ${objectives}.`, {
    hint: 'Name the metric that is to be watched.',
  });
}

export function checkMetricName(where: string, metric: unknown): void {
  if (metric === undefined || (typeof metric === 'string' && metric !== '')) return;
  throw new AttuneError('OPTION_RANGE', `${where}: expected metric to be the name of a metric, got ${describe(metric)}.`);
}

export function checkMode(where: string, mode: unknown): void {
  if (mode === undefined || mode === 'min' || mode === 'max') return;
  throw new AttuneError('OPTION_RANGE', `${where}: expected mode to be 'min' or 'max', got ${describe(mode)}.`);
}

/** What to make of a report without a result: nothing, and a warning for the first that lacks the metric altogether. */
export function noResult<S extends { warned: boolean }>(where: string, state: S, event: Reported, metric: string | undefined): Outcome<S> {
  if (metric === undefined || state.warned || Object.hasOwn(event.metrics, metric)) return { state, decisions: [] };
  state.warned = true;
  return { state, decisions: [], warnings: [`${where}: a report lacks the metric "${metric}"; such reports count for nothing.`] };
}

/** A number for a reason: short. */
export const shortNumber = (value: number): string => String(Number(value.toPrecision(4)));
