import type { History } from './history.ts';

/** What a searcher has proposed, and where the search for more goes on. */
interface Proposed {
  read: number;
  count: number;
  readonly open: Set<number>;
}

const known = new WeakMap<History, Proposed>();

/**
 * How many rows the searcher proposed, and those of them that have not ended, in order: they wait, run or are paused. Enqueued ones are not
 * among them. Costs O(rows that have not ended, and new ones).
 */
export function openRows(history: History): { readonly proposed: number; readonly open: ReadonlySet<number> } {
  const rows = known.get(history) ?? { read: 0, count: 0, open: new Set<number>() };
  known.set(history, rows);
  for (; rows.read < history.length; rows.read++) {
    if (history.at(rows.read).by !== 'searcher') continue;
    rows.count += 1;
    rows.open.add(rows.read);
  }
  for (const row of rows.open) if (history.at(row).state !== 'running') rows.open.delete(row);
  return { proposed: rows.count, open: rows.open };
}
