import { AttuneError } from '../base/errors.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { describe } from '../base/options.ts';

/** What the scores of several repetitions become: a list for each metric, with its mean and its standard deviation. */

const isObject = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
const RESERVED = /^(mean|std)_/;

/** How often an experiment is repeated. @throws {AttuneError} with `code` unless it is an integer >= 1 */
export function checkRepetitions(where: string, repetitions: unknown, code: 'CONFIG_INVALID' | 'OPTION_RANGE'): asserts repetitions is number {
  if (Number.isSafeInteger(repetitions) && (repetitions as number) >= 1) return;
  throw new AttuneError(code, `${where}: expected repetitions to be an integer >= 1, got ${describe(repetitions)}.`, { hint: 'Write repetitions: 3.' });
}

/** @throws {AttuneError} `METRIC_INVALID` for a metric whose name is that of a mean or a standard deviation, at any depth */
export function checkScoreNames(where: string, scores: JsonObject, path = ''): void {
  for (const [name, value] of Object.entries(scores)) {
    if (RESERVED.test(name)) {
      throw new AttuneError('METRIC_INVALID', `${where}: expected metrics without the reserved key "${path}${name}", got one.`, {
        hint: `mean_ and std_ of each metric are added when there are repetitions: return "${name.replace(RESERVED, '')}".`,
      });
    }
    if (isObject(value)) checkScoreNames(where, value, `${path}${name}/`);
  }
}

/**
 * For each metric of any repetition the list of its values, null where a repetition lacks it, and, when all that are there are numbers,
 * `mean_<metric>` and `std_<metric>` of those: the population's deviation, divided by n. Nested metrics are aggregated where they stand.
 *
 * @param finished - the scores of each repetition, in order; at least one
 */
export function aggregate(finished: readonly JsonObject[]): JsonObject {
  const names = new Set(finished.flatMap((scores) => Object.keys(scores)));
  return Object.fromEntries([...names].flatMap((name) => column(name, finished)));
}

function column(name: string, finished: readonly JsonObject[]): readonly (readonly [string, Json])[] {
  const values = finished.map((scores) => (Object.hasOwn(scores, name) ? scores[name] : undefined));
  const present = values.filter((value) => value !== undefined);
  if (present.every(isObject)) return [[name, aggregate(values.map((value) => (isObject(value) ? value : {})))]];
  const list: readonly [string, Json] = [name, values.map((value) => value ?? null)];
  if (!present.every((value) => typeof value === 'number')) return [list];
  const { mean, std } = moments(present as readonly number[]);
  return [list, [`mean_${name}`, mean], [`std_${name}`, std]];
}

/** The inverse of `aggregate`, but for metrics that were null or `{}`: the scores of each repetition, of which every one has some. */
export function separate(aggregated: JsonObject): readonly JsonObject[] {
  const rows: Record<string, Json>[] = [];
  for (const [name, value] of Object.entries(aggregated)) {
    if (RESERVED.test(name)) continue;
    const values: readonly (Json | undefined)[] = isObject(value) ? separate(value) : (value as readonly Json[]);
    for (const [i, one] of values.entries()) if (one !== null && one !== undefined) (rows[i] ??= {})[name] = one;
  }
  return rows;
}

/** Mean and population standard deviation; NaN when a value is. */
function moments(values: readonly number[]): { readonly mean: number; readonly std: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const std = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return { mean, std };
}
