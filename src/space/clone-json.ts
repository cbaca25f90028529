import type { Json } from '../base/json.ts';

/** A copy that shares nothing with `value`; properties that are `undefined` are left out. */
export function cloneJson(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(cloneJson);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [key, cloneJson(inner)]),
  );
}
