import type { Json, JsonObject } from '../base/json.ts';

/** A copy that shares nothing with `value`; properties that are `undefined` are left out. */
export function cloneJson(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(cloneJson);
  const copy: Record<string, Json> = {};
  for (const key of Object.keys(value)) {
    const inner = (value as JsonObject)[key];
    if (inner === undefined) continue;
    if (key === '__proto__') Object.defineProperty(copy, key, { value: cloneJson(inner), enumerable: true, writable: true, configurable: true });
    else copy[key] = cloneJson(inner);
  }
  return copy;
}
