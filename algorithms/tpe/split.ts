import { type Judgement, PROMISING, SILENT } from './ledger.ts';

/** The most trials that count as good, when there is one objective. */
const MOST_GOOD = 25;

/** The rows of the good trials and of the others, each ascending. */
export interface Split {
  readonly good: Int32Array;
  readonly bad: Int32Array;
}

/** How many of `count` trials are good: one in ten, at most 25. */
const goodOf = (count: number): number => Math.min(Math.ceil(count / 10), MOST_GOOD);

/**
 * The best trials and the others, among the rows that `has` says. Feasible ones come before infeasible ones, which are compared by
 * how much they violate; then those that came farther; then those with the lower loss; then the earlier ones. Trials that have not
 * said how good they are belong to the others; those that are merely promising to neither.
 *
 * @remarks O(rows · log 25)
 */
export function split(judgement: Judgement, has: readonly boolean[]): Split {
  const rows: number[] = [];
  let judged = 0;
  for (let row = 0; row < has.length; row++) {
    if (!has[row] || judgement.standing[row] === SILENT) continue;
    rows.push(row);
    if (saysHowGood(judgement, row)) judged += 1;
  }
  const good = best(judgement, rows, Math.max(goodOf(judged), judgement.leastGood)).toSorted((a, b) => a - b);
  let next = 0;
  const bad = rows.filter((row) => {
    const isGood = row === good[next];
    if (isGood) next += 1;
    return !isGood && judgement.standing[row] !== PROMISING;
  });
  return { good: Int32Array.from(good), bad: Int32Array.from(bad) };
}

const saysHowGood = ({ standing }: Judgement, row: number): boolean => (standing[row] as number) >= PROMISING;

/** The `most` best rows, in order. */
function best(judgement: Judgement, rows: readonly number[], most: number): readonly number[] {
  const found: number[] = [];
  for (const row of rows) {
    if (!saysHowGood(judgement, row)) continue;
    if (found.length === most && !isBetter(judgement, row, found[most - 1] as number)) continue;
    if (found.length === most) found.pop();
    let place = found.length;
    while (place > 0 && isBetter(judgement, row, found[place - 1] as number)) place--;
    found.splice(place, 0, row);
  }
  return found;
}

function isBetter({ violations, stages, losses, farthest }: Judgement, a: number, b: number): boolean {
  const [v, w] = [violations[a] as number, violations[b] as number];
  if (v !== w) return v < w;
  const [stage, other] = [Math.min(stages[a] as number, farthest), Math.min(stages[b] as number, farthest)];
  if (v === 0 && stage !== other) return stage > other;
  return (losses[a]?.[0] as number) < (losses[b]?.[0] as number);
}
