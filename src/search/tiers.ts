import { isWorst } from '../base/worst.ts';

/** What trials achieved, by row. */
export interface Standings {
  /** One per objective, of the last report. */
  readonly losses: readonly (readonly number[])[];
  /** 0 is feasible. */
  readonly violations: readonly number[];
  /** How far a trial came; infinite when it completed. */
  readonly stages: readonly number[];
  /** Stages beyond this one are equal. */
  readonly farthest: number;
}

/**
 * Rows in tiers, the best tier first: within one, losses decide. Feasible trials come before infeasible ones, which are compared by how
 * much they violate; then those that came farther; then those of which no loss is NaN or infinite. A tier keeps the order of `rows`.
 *
 * @remarks O(rows · log rows)
 */
export function tiersOf(rows: readonly number[], standings: Standings): readonly (readonly number[])[] {
  const sorted = [...rows].sort((a, b) => compareTiers(a, b, standings));
  const tiers: number[][] = [];
  for (const row of sorted) {
    const tier = tiers.at(-1);
    if (tier !== undefined && compareTiers(tier[0] as number, row, standings) === 0) tier.push(row);
    else tiers.push([row]);
  }
  return tiers;
}

/** Negative when `a` is in a better tier than `b`, 0 when in the same. One loss says itself that it is the worst. */
export function compareTiers(a: number, b: number, { losses, violations, stages, farthest }: Standings): number {
  const violation = violations[a] as number;
  const other = violations[b] as number;
  if (violation !== other) return violation < other ? -1 : 1;
  if (violation === 0) {
    const ahead = Math.min(stages[a] as number, farthest) - Math.min(stages[b] as number, farthest);
    if (ahead !== 0 && !Number.isNaN(ahead)) return -ahead;
  }
  const own = losses[a] ?? [];
  return own.length > 1 ? Number(own.some(isWorst)) - Number(losses[b]?.some(isWorst)) : 0;
}
