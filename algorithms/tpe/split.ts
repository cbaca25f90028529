import { JUDGED, type Judgement, SILENT } from './ledger.ts';

/** The most trials that count as good, when there is one objective. */
const MOST_GOOD = 25;

/** The rows of the good trials and of the others, each ascending. */
export interface Split {
  readonly good: Int32Array;
  readonly bad: Int32Array;
}

/** How many of `count` trials are good: one in ten, at most 25. */
export const goodOf = (count: number): number => Math.min(Math.ceil(count / 10), MOST_GOOD);

/**
 * The best trials and the others, among those for which `has` holds. Feasible ones come before infeasible ones, which are compared by
 * how much they violate; then those that came farther; then those with the lower loss; then the earlier ones. Trials that have not
 * said how good they are belong to the others.
 *
 * @remarks O(rows · log 25)
 */
export function split(judgement: Judgement, has: (row: number) => boolean): Split {
  const rows: number[] = [];
  let judged = 0;
  judgement.standing.forEach((standing, row) => {
    if (standing === SILENT || !has(row)) return;
    rows.push(row);
    if (standing === JUDGED) judged += 1;
  });
  const good = new Set(best(judgement, rows, goodOf(judged)));
  const isGood = (row: number): boolean => good.has(row);
  return { good: Int32Array.from(rows.filter(isGood)), bad: Int32Array.from(rows.filter((row) => !isGood(row))) };
}

/** The `most` best rows, in order. */
function best(judgement: Judgement, rows: readonly number[], most: number): readonly number[] {
  const found: number[] = [];
  for (const row of rows) {
    if (judgement.standing[row] !== JUDGED) continue;
    if (found.length === most && !isBetter(judgement, row, found[most - 1] as number)) continue;
    if (found.length === most) found.pop();
    let place = found.length;
    while (place > 0 && isBetter(judgement, row, found[place - 1] as number)) place--;
    found.splice(place, 0, row);
  }
  return found;
}

function isBetter({ violations, stages, losses }: Judgement, a: number, b: number): boolean {
  const [v, w] = [violations[a] as number, violations[b] as number];
  if (v !== w) return v < w;
  const [far, farther] = [stages[b] as number, stages[a] as number];
  if (v === 0 && far !== farther) return farther > far;
  return (losses[a]?.[0] as number) < (losses[b]?.[0] as number);
}
