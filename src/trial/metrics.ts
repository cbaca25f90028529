import { editDistance } from '../base/edit-distance.ts';
import { AttuneError } from '../base/errors.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { describe } from '../base/options.ts';

export type Mode = 'min' | 'max';

/** One metric to optimise. `name` may be nested: `eval/loss`. */
export interface Objective {
  readonly metric: string;
  readonly mode: Mode;
}

/** The loss of a report that is NaN or infinite: sorts last, never promoted, never averaged. */
export const WORST = Number.MAX_VALUE;

/** True for the loss of a diverged report. Test with this before a loss is averaged or fitted. */
export const isWorst = (loss: number): boolean => loss >= WORST;

/**
 * The one place where `mode` and non-finite values are dealt with: past it every loss is finite and lower is better.
 * NaN and either infinity become `WORST`: diverging is a result, not an error.
 *
 * @param metrics - one report, nested objects allowed
 * @returns one loss per objective; `undefined` when an objective's metric is missing or not a number
 */
export function toLosses(objectives: readonly Objective[], metrics: JsonObject): readonly number[] | undefined {
  const losses: number[] = [];
  for (const { metric, mode } of objectives) {
    const value = metricAt(metrics, metric);
    if (typeof value !== 'number') return undefined;
    losses.push(toLoss(value, mode));
  }
  return losses;
}

export function toLoss(value: number, mode: Mode): number {
  return Number.isFinite(value) ? (mode === 'min' ? value : -value) : WORST;
}

/** The value at a nested key: `eval/loss` is `metrics.eval.loss`, unless there is a key `eval/loss` itself. */
export function metricAt(metrics: JsonObject, key: string): Json | undefined {
  if (Object.hasOwn(metrics, key)) return metrics[key];
  let value: Json | undefined = metrics;
  for (const part of key.split('/')) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, part)) return undefined;
    value = (value as JsonObject)[part];
  }
  return value;
}

/** Every leaf of a report under its `/`-joined key; arrays stay values. */
export function flatten(metrics: JsonObject, prefix = '', into: Record<string, Json> = {}): Record<string, Json> {
  for (const key of Object.keys(metrics)) {
    const value = metrics[key] as Json;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) flatten(value as JsonObject, `${prefix}${key}/`, into);
    else into[prefix + key] = value;
  }
  return into;
}

/** The numbers of a report, flattened: what stop rules and schedulers see. */
export function numbersOf(metrics: JsonObject, prefix = '', into: Record<string, number> = {}): Record<string, number> {
  for (const key of Object.keys(metrics)) {
    const value = metrics[key] as Json;
    if (typeof value === 'number') into[prefix + key] = value;
    else if (typeof value === 'object' && value !== null && !Array.isArray(value)) numbersOf(value as JsonObject, `${prefix}${key}/`, into);
  }
  return into;
}

/** The error for a first report without a number there: says what is there instead, or names what was reported, nearest spelling first. */
export function metricMissing(metric: string, metrics: JsonObject): AttuneError {
  const value = metricAt(metrics, metric);
  if (value !== undefined) {
    return new AttuneError('METRIC_MISSING', `report: expected the metric "${metric}" to be a number, got ${describe(value)}.`, {
      hint: 'Report a number; NaN for a value that has diverged.',
    });
  }
  const reported = Object.keys(flatten(metrics)).sort((a, b) => editDistance(a, metric) - editDistance(b, metric));
  const got = reported.length > 0 ? reported.map((name) => `"${name}"`).join(', ') : 'no metric at all';
  return new AttuneError('METRIC_MISSING', `report: expected the metric "${metric}" of the experiment, got ${got}.`);
}
