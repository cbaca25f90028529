import type { Json, JsonObject } from '../../base/json.ts';
import { isAutomatic } from '../../trial/row.ts';

/** Automatic keys of a row that are a curve: the other ones say what `info.` and `config.` say, or are no numbers. */
const CURVES: readonly string[] = [
  ...['training_iteration', 'time_total_s', 'time_this_iter_s', 'timestamp', 'time_since_restore', 'iterations_since_restore', 'timesteps_since_restore'],
];
/** Of a metric that would be taken for something else. */
const TAKEN = /^(?:config|info|artifact)\./;

const isMetric = (key: string): boolean => CURVES.includes(key) || !isAutomatic(key);

/** The columns of a report, or of a row: nested metrics are joined by dots; one that begins as another kind of column gets `metrics.` in front. */
export function addMetricNames(row: JsonObject, names: Set<string>): void {
  for (const key in row) if (isMetric(key)) addNames(row[key] as Json, key, names);
}

function addNames(value: Json, name: string, names: Set<string>): void {
  if (isNest(value)) for (const key in value) addNames(value[key] as Json, `${name}.${key}`, names);
  else names.add(columnOf(name));
}

/**
 * The values of every metric, in order of the rows; rows without a metric are left out of its list. NaN is NaN again, which result.json has as null.
 * Of two metrics of one row that have the same column, `{ a: { b: 1 }, 'a.b': 2 }`, the one that is less nested counts.
 */
export function metricLists(rows: readonly JsonObject[]): ReadonlyMap<string, readonly Json[]> {
  const lists = new Map<string, Json[]>();
  const lastRow = new Map<string, number>();
  const add = (value: Json, name: string, depth: number, row: number): void => {
    if (depth > 0) {
      if (isNest(value)) for (const key of Object.keys(value)) add(value[key] as Json, `${name}.${key}`, depth - 1, row);
      return;
    }
    const column = columnOf(name);
    if (isNest(value) || lastRow.get(column) === row) return;
    lastRow.set(column, row);
    const list = lists.get(column) ?? [];
    lists.set(column, list);
    list.push(value ?? Number.NaN);
  };
  for (const [i, row] of rows.entries()) {
    const keys = Object.keys(row).filter(isMetric);
    const deepest = Math.max(0, ...keys.map((key) => depthOf(row[key] as Json)));
    for (let depth = 0; depth <= deepest; depth++) for (const key of keys) add(row[key] as Json, key, depth, i);
  }
  return lists;
}

const columnOf = (name: string): string => (TAKEN.test(name) ? `metrics.${name}` : name);

/** How many objects lie in one another. */
const depthOf = (value: Json): number => (isNest(value) ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0);

const isNest = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
