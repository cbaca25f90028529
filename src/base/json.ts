import { AttuneError } from './errors.ts';

/** What JSON can say. NaN and infinities are none of it; journals write them as strings. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
/** An object of JSON: a configuration, a report. */
export type JsonObject = { readonly [key: string]: Json };

/** The numbers that JSON lacks, as the journal writes them. Objects of the user's that look like a tag are escaped. */
const TAG = '$number';

/**
 * `value` as JSON text that keeps NaN, both infinities and -0: they become `{"$number":"NaN"}`.
 * A user's own object with a key that begins with `$number` gets one more `$` before it.
 * Cost: one `JSON.stringify`; the replacer runs only when a scan has found such a number or key.
 */
export function encodeJson(value: unknown): string {
  return JSON.stringify(isPlain(value) ? value : tag(value));
}

/** The inverse of `encodeJson`. @throws {SyntaxError} on text that is not JSON */
export function decodeJson(text: string): Json {
  const value = JSON.parse(text) as Json;
  return text.includes(TAG) ? untag(value) : value;
}

function isPlain(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isPlain);
  for (const key in value) {
    if (key.endsWith(TAG) || !isPlain((value as Record<string, unknown>)[key])) return false;
  }
  return true;
}

function tag(value: unknown): unknown {
  if (typeof value === 'number') {
    return Number.isFinite(value) && !Object.is(value, -0) ? value : { [TAG]: Object.is(value, -0) ? '-0' : String(value) };
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(tag);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [isTagLike(key) ? `$${key}` : key, tag(inner)]));
}

function untag(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(untag);
  const entries = Object.entries(value);
  const only = entries.length === 1 ? entries[0] : undefined;
  if (only?.[0] === TAG) return Number(only[1]);
  return Object.fromEntries(entries.map(([key, inner]) => [key.startsWith('$') && isTagLike(key.slice(1)) ? key.slice(1) : key, untag(inner)]));
}

const isTagLike = (key: string): boolean => /^\$*\$number$/.test(key);

/** A text that is equal exactly for equal values: keys in order, so that it can name a configuration. */
export function canonicalJson(value: unknown): string {
  return encodeJson(sortKeys(value));
}

/** A copy with the keys of every object in order. */
export function sortKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sortKeys);
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sortKeys(inner)]),
  );
}

/**
 * Where `value` stops being JSON, or `undefined` when it is: the path of the first offending part, and what stands there.
 * Numbers that JSON lacks (NaN, infinities) count as numbers; `undefined` as a property value counts as absent.
 */
export function findNonJson(value: unknown, path: readonly string[] = []): { readonly path: readonly string[]; readonly got: string } | undefined {
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string') return undefined;
  if (Array.isArray(value))
    return first(
      value.map((inner, i) => [String(i), inner] as const),
      path,
    );
  if (typeof value === 'object') {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return { path, got: `a ${value.constructor?.name ?? 'class instance'}` };
    return first(
      Object.entries(value).filter(([, inner]) => inner !== undefined),
      path,
    );
  }
  return { path, got: typeof value === 'undefined' ? 'undefined' : `a ${typeof value}` };
}

function first(entries: readonly (readonly [string, unknown])[], path: readonly string[]): ReturnType<typeof findNonJson> {
  for (const [key, inner] of entries) {
    const found = findNonJson(inner, [...path, key]);
    if (found) return found;
  }
  return undefined;
}

/** @throws {AttuneError} with `code` when `value` is not JSON; `what` begins the message */
export function assertJson(value: unknown, what: string, code: 'CONFIG_INVALID' | 'METRIC_NOT_JSON'): asserts value is Json {
  const found = findNonJson(value);
  if (found) throw new AttuneError(code, `${what}: expected JSON, got ${found.got}${found.path.length > 0 ? ` at "${found.path.join('/')}"` : ''}.`);
}
