import { canonicalJson, type Json } from '../../base/json.ts';
import type { Cells } from './cells.ts';

/** The values that the rows of a group share, one per column that they were grouped by; null where the rows lack it. */
export type GroupKey = readonly Json[];

/** Groups in order of their keys, by the canonical text of a key. */
export type Groups<T> = ReadonlyMap<string, { readonly key: GroupKey; readonly of: T }>;

export const textOfKey = (key: GroupKey): string => canonicalJson(key);

/** Rows with equal values together. Metrics are read for it; of artifacts only that they are there counts. */
export function groupRows(rows: readonly Cells[], columns: readonly string[]): Groups<readonly Cells[]> {
  const groups = new Map<string, { readonly key: GroupKey; readonly of: Cells[] }>();
  for (const row of rows) {
    const key = columns.map((column) => keyPart(row, column));
    const text = textOfKey(key);
    const group = groups.get(text) ?? { key, of: [] };
    groups.set(text, group);
    group.of.push(row);
  }
  return inOrder(groups);
}

export function inOrder<T>(groups: Groups<T>): Groups<T> {
  return new Map([...groups].sort(([, a], [, b]) => compareValues(a.key, b.key)));
}

function keyPart(row: Cells, column: string): Json {
  const value = column.startsWith('artifact.') ? row.peek(column) : row.load(column);
  return value === undefined ? null : (value as Json);
}

const KINDS = ['boolean', 'number', 'string', 'object'];

/** Null first, then booleans, numbers, text, lists; NaN after all numbers. */
export function compareValues(a: unknown, b: unknown): number {
  const [kindA, kindB] = [kindOf(a), kindOf(b)];
  if (kindA !== kindB) return kindA - kindB;
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let i = 0; i < Math.min(a.length, b.length); i++) {
      const order = compareValues(a[i], b[i]);
      if (order !== 0) return order;
    }
    return a.length - b.length;
  }
  if (typeof a === 'number' && typeof b === 'number')
    return Number.isNaN(a) || Number.isNaN(b) ? Number(Number.isNaN(a)) - Number(Number.isNaN(b)) : a - b || 0;
  const [x, y] = typeof a === 'object' && a !== null ? [canonicalJson(a), canonicalJson(b)] : [a as string, b as string];
  return x < y ? -1 : x > y ? 1 : 0;
}

const kindOf = (value: unknown): number => (value === null || value === undefined ? -1 : KINDS.indexOf(typeof value));

/** The columns that begin with a prefix and are not the same in all rows; one that only some rows have is not. Nothing is read. */
export function differing(rows: readonly Cells[], columns: readonly string[], prefix: string): readonly string[] {
  return columns.filter((column) => column.startsWith(prefix) && new Set(rows.map((row) => keyText(row.peek(column)))).size > 1).sort();
}

const keyText = (value: unknown): string => (value === undefined ? '' : canonicalJson(value));
