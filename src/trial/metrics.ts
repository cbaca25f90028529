import { editDistance } from '../base/edit-distance.ts';
import { AttuneError } from '../base/errors.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { describe } from '../base/options.ts';
import { WORST } from '../base/worst.ts';

/** Whether a metric is to be small or large. */
export type Mode = 'min' | 'max';

/** One metric to optimise. `name` may be nested: `eval/loss`. */
export interface Objective {
  readonly metric: string;
  readonly mode: Mode;
}

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

/**
 * The value at a nested key: `eval/loss` is `metrics.eval.loss`, unless there is a metric `eval/loss` itself. Where a key can be read in several ways,
 * the longer name wins at each level, and what is no object wins over an object.
 */
export function metricAt(metrics: JsonObject, key: string): Json | undefined {
  let value = Object.hasOwn(metrics, key) ? metrics[key] : undefined;
  if ((value !== undefined && !isNest(value)) || !key.includes('/')) return value;
  const outer = Object.keys(metrics).filter((name) => key[name.length] === '/' && key.startsWith(name) && isNest(metrics[name]));
  for (const name of outer.sort((a, b) => b.length - a.length)) {
    const inner = metricAt(metrics[name] as JsonObject, key.slice(name.length + 1));
    if (inner !== undefined && !isNest(inner)) return inner;
    value ??= inner;
  }
  return value;
}

/** Every leaf of a report under its `/`-joined key, as `metricAt` finds it, added to `leaves`; arrays stay values. */
export function flatten(metrics: JsonObject, leaves: Record<string, Json> = {}): Record<string, Json> {
  addLeaves(metrics, metrics, '', leaves);
  return leaves;
}

function addLeaves(all: JsonObject, nest: JsonObject, prefix: string, leaves: Record<string, Json>): void {
  for (const name of Object.keys(nest)) {
    const key = prefix + name;
    const value = nest[name] as Json;
    if (isNest(value)) addLeaves(all, value, `${key}/`, leaves);
    else leaves[key] = Object.hasOwn(leaves, key) ? (metricAt(all, key) as Json) : value;
  }
}

/**
 * The numbers of a report, flattened: what stop rules and schedulers see.
 * @param without - the name of a metric that is left out
 */
export function numbersOf(metrics: JsonObject, without?: string): Record<string, number> {
  const numbers: Record<string, number> = {};
  addNumbers(metrics, metrics, '', numbers, without);
  return numbers;
}

/** Not by way of `flatten`: every report pays for it, and most of a row is text. */
function addNumbers(all: JsonObject, nest: JsonObject, prefix: string, numbers: Record<string, number>, without?: string): void {
  for (const name in nest) {
    const value = nest[name] as Json;
    if (name === without) continue;
    if (typeof value === 'number') {
      const key = prefix + name;
      if (prefix === '' || Object.is(metricAt(all, key), value)) numbers[key] = value;
    } else if (isNest(value)) addNumbers(all, value, `${prefix}${name}/`, numbers);
  }
}

const isNest = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The most metrics that an error names. */
const SHOWN = 20;

/**
 * The error for a first report without a number there: says what is there instead, or names what was reported, nearest spelling first.
 * @param scheduler - the one that needs it; default: it is a metric of the experiment
 */
export function metricMissing(metric: string, metrics: JsonObject, scheduler?: string): AttuneError {
  const value = metricAt(metrics, metric);
  const hint = scheduler && `Report it as a finite number, or let ${scheduler} go by another.`;
  if (value !== undefined) {
    const expected = scheduler === undefined ? 'a number' : `a finite number, by which ${scheduler} decides`;
    return new AttuneError('METRIC_MISSING', `report: expected the metric ${describe(metric)} to be ${expected}, got ${describe(value)}.`, {
      hint: hint ?? 'Report a number; NaN for a value that has diverged.',
    });
  }
  const reported = Object.keys(flatten(metrics)).sort((a, b) => editDistance(a, metric) - editDistance(b, metric));
  const shown = reported.slice(0, SHOWN).map(describe).join(', ');
  const got = reported.length > SHOWN ? `${shown} and ${reported.length - SHOWN} more` : shown || 'no metric at all';
  const whose = scheduler === undefined ? 'of the experiment' : `by which ${scheduler} decides`;
  return new AttuneError('METRIC_MISSING', `report: expected the metric ${describe(metric)} ${whose}, got ${got}.`, hint ? { hint } : {});
}
