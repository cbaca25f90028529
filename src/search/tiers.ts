import type { Outcome } from './outcomes.ts';

/**
 * Outcomes in tiers, the best tier first: within one, losses decide. Feasible ones come before infeasible ones, which are compared by how
 * much they violate; then those that are lost. A tier keeps the order in which they came.
 *
 * @remarks O(outcomes · log outcomes)
 */
export function tiersOf(outcomes: readonly Outcome[]): readonly (readonly Outcome[])[] {
  const tiers: Outcome[][] = [];
  for (const outcome of outcomes.toSorted(compareTiers)) {
    const tier = tiers.at(-1);
    if (tier !== undefined && compareTiers(tier[0] as Outcome, outcome) === 0) tier.push(outcome);
    else tiers.push([outcome]);
  }
  return tiers;
}

/** Negative when `a` is in a better tier than `b`, 0 when in the same. */
function compareTiers(a: Outcome, b: Outcome): number {
  if (a.isLost || b.isLost) return Number(a.isLost) - Number(b.isLost);
  if (a.violation !== b.violation) return a.violation < b.violation ? -1 : 1;
  return 0;
}

/** Of one objective: negative when `a` is better than `b`, 0 when they are equally good. A strict weak order. */
export function compareOutcomes(a: Outcome, b: Outcome): number {
  return compareTiers(a, b) || (a.losses[0] as number) - (b.losses[0] as number);
}
