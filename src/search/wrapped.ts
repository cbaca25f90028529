import { AttuneError } from '../base/errors.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { describe } from '../base/options.ts';
import type { Searcher } from './searcher.ts';

/** What a wrapper has of its own, and of the searcher within: its name, its options with those of the other, and what that refuses. */
export function wrapped(name: string, inner: Searcher, options: Readonly<Record<string, Json>>): Omit<Searcher, 'suggest'> {
  const record: JsonObject = { name: inner.name, options: inner.options ?? null };
  return { name, options: { ...options, searcher: record }, ...(inner.check ? { check: (setup) => inner.check?.(setup) } : {}) };
}

/** @throws {AttuneError} `OPTION_RANGE` unless it is a searcher */
export function checkInner(where: string, inner: unknown): asserts inner is Searcher {
  const { name, suggest } = (typeof inner === 'object' && inner !== null ? inner : {}) as Partial<Searcher>;
  if (typeof name === 'string' && typeof suggest === 'function') return;
  const hint = typeof inner === 'function' && inner.name !== '' ? `Call it: ${inner.name}(…).` : 'A searcher has a name and suggest().';
  throw new AttuneError('OPTION_RANGE', `${where}: expected a searcher, got ${describe(inner)}.`, { hint });
}

/** The names of a searcher and of those that it goes around, the outermost first. */
export function namesOf({ name, options }: Pick<Searcher, 'name' | 'options'>): readonly string[] {
  const within = (options as { readonly searcher?: Pick<Searcher, 'name' | 'options'> } | null | undefined)?.searcher;
  return typeof within?.name === 'string' ? [name, ...namesOf(within)] : [name];
}
