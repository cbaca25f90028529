import { hypervolumeSubset } from '../../src/base/numeric/hypervolume-subset.ts';
import { paretoRanks } from '../../src/base/numeric/pareto.ts';
import type { Outcome } from '../../src/search/outcomes.ts';
import { compareOutcomes, tiersOf } from '../../src/search/tiers.ts';
import { type Judgement, PROMISING, SILENT } from './ledger.ts';

/** The most trials that count as good, when there is one objective. */
const MOST_GOOD = 25;

/** The rows of the good trials and of the others, each ascending. */
export interface Split {
  readonly good: Int32Array;
  readonly bad: Int32Array;
}

/** How many of `count` trials are good: one in ten; at most 25 when there is one objective. */
const goodOf = (count: number, objectives: number): number => Math.min(Math.ceil(count / 10), objectives > 1 ? count : MOST_GOOD);

/**
 * The best trials and the others, among the rows that `has` says. Feasible ones come before infeasible ones, which are compared by
 * how much they violate, and those that diverged are last; then those with the lower loss; then the earlier ones. Trials that have not said
 * how good they are belong to the others; those that are merely promising to neither.
 *
 * Of several losses, Pareto front by Pareto front; of the front that does not fit as a whole those that together dominate most.
 *
 * @remarks O(rows · log 25) with one objective. With two O(rows · log rows), and what `hypervolumeSubset` costs.
 * @see Ozaki et al. 2022, "Multiobjective tree-structured Parzen estimator", JAIR 73, algorithm 2
 */
export function split(judgement: Judgement, has: readonly boolean[], objectives = 1): Split {
  const rows: number[] = [];
  const judged: Outcome[] = [];
  for (let row = 0; row < has.length; row++) {
    if (!has[row] || judgement.standing[row] === SILENT) continue;
    rows.push(row);
    if ((judgement.standing[row] as number) >= PROMISING) judged.push(judgement.outcomes[row] as Outcome);
  }
  const most = Math.max(goodOf(judged.length, objectives), judgement.leastGood);
  const good = (objectives > 1 ? bestOfSeveral : best)(judged, most)
    .map(({ row }) => row)
    .sort((a, b) => a - b);
  let next = 0;
  const bad = rows.filter((row) => {
    const isGood = row === good[next];
    if (isGood) next += 1;
    return !isGood && judgement.standing[row] !== PROMISING;
  });
  return { good: Int32Array.from(good), bad: Int32Array.from(bad) };
}

/** The `most` best, in order. */
function best(outcomes: readonly Outcome[], most: number): readonly Outcome[] {
  const found: Outcome[] = [];
  for (const outcome of outcomes) {
    if (found.length === most && compareOutcomes(outcome, found[most - 1] as Outcome) >= 0) continue;
    if (found.length === most) found.pop();
    let place = found.length;
    while (place > 0 && compareOutcomes(outcome, found[place - 1] as Outcome) < 0) place--;
    found.splice(place, 0, outcome);
  }
  return found;
}

function bestOfSeveral(outcomes: readonly Outcome[], most: number): readonly Outcome[] {
  const found: Outcome[] = [];
  for (const tier of tiersOf(outcomes)) {
    if (found.length === most) break;
    const ranks = paretoRanks(tier.map(({ losses }) => losses));
    for (let rank = 0; found.length < most; rank++) {
      const front = tier.filter((_, i) => ranks[i] === rank);
      if (front.length === 0) break;
      const room = most - found.length;
      found.push(...(front.length <= room ? front : dominatingMost(front, room)));
    }
  }
  return found;
}

/** Those of a front that together dominate most of what is better than a little beyond its worst losses. */
function dominatingMost(front: readonly Outcome[], count: number): readonly Outcome[] {
  const points = front.map(({ losses }) => losses);
  const ref = (points[0] ?? []).map((_, objective) => {
    const worst = points.reduce((most, point) => Math.max(most, point[objective] as number), -Infinity);
    return Math.max(1.1 * worst, 0.9 * worst) || 1e-12;
  });
  return hypervolumeSubset(points, count, ref).map((picked) => front[picked] as Outcome);
}
