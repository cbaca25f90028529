import type { History } from './history.ts';

/** The rows that have not ended, and where the search for more goes on. */
interface Open {
  read: number;
  readonly rows: Set<number>;
}

const known = new WeakMap<History, Open>();

/**
 * The rows that the searcher proposed and that have not ended, in order: they wait, run or are paused. Enqueued ones are not among them.
 * Costs O(rows that have not ended, and new ones).
 */
export function openRows(history: History): ReadonlySet<number> {
  const open = known.get(history) ?? { read: 0, rows: new Set<number>() };
  known.set(history, open);
  for (; open.read < history.length; open.read++) if (history.at(open.read).by === 'searcher') open.rows.add(open.read);
  for (const row of open.rows) if (history.at(row).state !== 'running') open.rows.delete(row);
  return open.rows;
}
