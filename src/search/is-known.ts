import type { History } from './history.ts';

/** The encodings of the rows of a history that have been read. */
const read = new WeakMap<History, { readonly keys: Set<string>; rows: number }>();

/** Whether a trial has this encoding already. Each row is read once. */
export function isKnown(history: History, values: Float64Array): boolean {
  const known = read.get(history) ?? { keys: new Set<string>(), rows: 0 };
  read.set(history, known);
  for (; known.rows < history.length; known.rows++) known.keys.add(history.at(known.rows).values.join());
  return known.keys.has(values.join());
}
