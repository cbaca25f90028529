import type { Json } from '../base/json.ts';

/** A copy that shares nothing with `value`; properties that are `undefined` are left out. */
export function cloneJson(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(cloneJson);
  const entries: [string, Json][] = [];
  for (const [key, inner] of Object.entries(value)) if (inner !== undefined) entries.push([key, cloneJson(inner)]);
  return Object.fromEntries(entries);
}
