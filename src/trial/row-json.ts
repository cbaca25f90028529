import type { Json, JsonObject } from '../base/json.ts';

/**
 * One row as a line of result.json, without the line end: NaN is `null`, infinities are `1e999` and `-1e999`, which every
 * JSON reader turns back into infinities. (The journal has another code, which is exact.)
 */
export function rowToJson(row: JsonObject): string {
  return holdsInfinity(row) ? write(row) : JSON.stringify(row);
}

/** The inverse, but for NaN, which is null. @throws {SyntaxError} on text that is not JSON */
export const rowFromJson = (line: string): JsonObject => JSON.parse(line) as JsonObject;

function holdsInfinity(value: Json | undefined): boolean {
  if (typeof value === 'number') return value === Infinity || value === -Infinity;
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(holdsInfinity);
  for (const key in value) if (holdsInfinity((value as JsonObject)[key])) return true;
  return false;
}

function write(value: Json | undefined): string {
  if (value === Infinity) return '1e999';
  if (value === -Infinity) return '-1e999';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${write(inner)}`).join(',')}}`;
}
