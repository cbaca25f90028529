import type { Json, JsonObject } from '../base/json.ts';
import { type Mode, metricAt } from '../trial/metrics.ts';

/** Which of the values that a trial reported stands for it. */
export const SCOPES = ['last', 'all', 'avg', 'last-5-avg', 'last-10-avg'] as const;

/**
 * - `last`: the last value reported
 * - `all`: the best value ever reported
 * - `avg`: the mean of all values
 * - `last-5-avg`, `last-10-avg`: the mean of the last 5 or 10 values, or of as many as there are
 */
export type Scope = (typeof SCOPES)[number];

/**
 * The value of a trial in a scope: NaN when there is none.
 * Counted are the reports that have the metric. A NaN (null in result.json) takes its place in the last 5 or 10 and is then left out
 * of the mean, so one bad report erases nothing, and five of them leave nothing. Infinities are numbers.
 *
 * @param values - one per report, in order, as `valuesOf` gives them
 */
export function scopeValue(values: readonly number[], scope: Scope, mode: Mode): number {
  switch (scope) {
    case 'last':
      return values.at(-1) ?? Number.NaN;
    case 'all':
      return bestOf(values, mode);
    case 'avg':
      return mean(values);
    case 'last-5-avg':
      return mean(values.slice(-5));
    case 'last-10-avg':
      return mean(values.slice(-10));
  }
}

/** The values of a metric over a history, reports without it left out; null counts as NaN. */
export function valuesOf(history: readonly JsonObject[], metric: string): readonly number[] {
  const values: number[] = [];
  for (const row of history) {
    const value = numberOf(metricAt(row, metric));
    if (value !== undefined) values.push(value);
  }
  return values;
}

/** A reported value as a number: null is a NaN that went through result.json; anything else that is no number is no value. */
export function numberOf(value: Json | undefined): number | undefined {
  if (value === null) return Number.NaN;
  return typeof value === 'number' ? value : undefined;
}

/** The index of the best value, the first of equal ones; -1 when all are NaN or there is none. */
export function indexOfBest(values: readonly number[], mode: Mode): number {
  let best = -1;
  for (const [i, value] of values.entries()) {
    if (Number.isNaN(value)) continue;
    const held = values[best];
    if (held === undefined || (mode === 'min' ? value < held : value > held)) best = i;
  }
  return best;
}

const bestOf = (values: readonly number[], mode: Mode): number => values[indexOfBest(values, mode)] ?? Number.NaN;

function mean(values: readonly number[]): number {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    count += 1;
  }
  return sum / count;
}
