import { AttuneError } from '../../base/errors.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import type { TableRow } from '../../results/table.ts';
import { placed, shown } from './axis.ts';

/** The rows of one trial, in order. */
export interface TrialRows {
  /** Its place among the trials: from 0, in order of first appearance. */
  readonly trial: number;
  readonly name: string;
  readonly rows: readonly TableRow[];
}

/** Where rows say whose they are: those of a grid, of a `Frame`. */
const IDS = ['trial_id', 'info.log_id'];

/** Rows by the trial that they belong to. Rows that do not say it are trials of their own each, or, when `one`, all of one trial. */
export function trialsOf(rows: readonly TableRow[], nameless: 'one' | 'each'): readonly TrialRows[] {
  const id = IDS.find((column) => rows.some((row) => (row[column] ?? null) !== null));
  const groups = new Map<Json, TableRow[]>();
  for (const [i, row] of rows.entries()) {
    const key = id === undefined ? (nameless === 'one' ? 0 : i) : (row[id] ?? null);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups].map(([key, group], trial) => ({ trial, name: id === undefined ? `trial ${trial}` : shown(String(key)), rows: group }));
}

/** The configuration of a row, nested again: what its columns `config/…`, or in a `Frame` `config.…`, hold. */
export function configOf(row: TableRow): JsonObject {
  const config: Record<string, Json> = Object.create(null) as Record<string, Json>;
  for (const [column, value] of Object.entries(row)) {
    const path = column.startsWith('config/') ? column.slice(7).split('/') : column.startsWith('config.') ? column.slice(7).split('.') : [];
    let nest = config;
    for (const [i, key] of path.entries()) {
      if (i === path.length - 1) nest[key] = value;
      else nest = (nest[key] = typeof nest[key] === 'object' && nest[key] !== null ? nest[key] : Object.create(null)) as Record<string, Json>;
    }
  }
  return config;
}

/** The columns of the configuration that do not hold the same everywhere, by the name that the parameter has in the space. */
export function varyingParameters(rows: readonly TableRow[]): ReadonlyMap<string, string> {
  const varying = new Map<string, string>();
  const first = new Map<string, string>();
  for (const row of rows) {
    for (const [column, value] of Object.entries(row)) {
      if (!/^config[/.]/.test(column) || varying.has(column)) continue;
      const text = JSON.stringify(value);
      if (first.has(column) ? first.get(column) !== text : rows[0] !== undefined && !Object.hasOwn(rows[0], column)) varying.set(column, parameterOf(column));
      else first.set(column, text);
    }
  }
  for (const column of first.keys()) if (!varying.has(column) && rows.some((row) => !Object.hasOwn(row, column))) varying.set(column, parameterOf(column));
  return varying;
}

/** `config/model/units` is the parameter `model.units`. */
export const parameterOf = (column: string): string => (/^config[/.]/.test(column) ? column.slice(7).replaceAll('/', '.') : column);

/** The numbers of a column that have a place on an axis. @throws {AttuneError} `DATA_INSUFFICIENT` when there is none */
export function someNumber(where: string, name: string, values: readonly (Json | undefined)[], scale: 'linear' | 'log' = 'linear'): void {
  if (values.some((value) => placed(value, scale) !== null)) return;
  const kinds = new Map<string, number>();
  for (const value of values) kinds.set(kindOf(value), (kinds.get(kindOf(value)) ?? 0) + 1);
  const got = [...kinds].map(([kind, count]) => `${count} × ${kind}`).join(', ') || 'no rows';
  const expected = scale === 'log' ? 'a finite number above 0' : 'a finite number';
  throw new AttuneError('DATA_INSUFFICIENT', `${where}: expected at least one row where ${JSON.stringify(name)} is ${expected}, got ${got}.`);
}

function kindOf(value: Json | undefined): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'number') return Number.isFinite(value) ? (value > 0 ? 'a number' : 'a number that is not above 0') : String(value);
  return typeof value;
}
