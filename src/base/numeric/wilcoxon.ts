import { normalTail } from './normal.ts';

/** Up to so many differences the probability is counted out. */
const MOST_COUNTED = 50;

/**
 * Wilcoxon's signed-rank test, one-sided: how probable differences are that are positive to this extent, or more, if each could
 * as well have been negative. Sizes are ranked together, equal ones share their mean rank; zeros take part in the ranking and
 * have no sign (`zsplit`).
 *
 * Up to 50 differences the probability is exact, whatever ties and zeros there are; beyond, that of the normal distribution with the
 * same variance, without a continuity correction.
 *
 * @param differences - no NaN
 * @returns from 0 to 1; 1 when all are zero, or there are none
 * @remarks O(n log n), and O(n³) up to 50
 * @example
 * wilcoxonGreater([1, 2, 3]) // => 0.125
 * wilcoxonGreater([0, 0, 1, 2, 3]) // => 0.125
 * @see Wilcoxon 1945, "Individual comparisons by ranking methods", Biometrics Bulletin 1
 */
export function wilcoxonGreater(differences: readonly number[]): number {
  const ranks = doubledRanks(differences.map(Math.abs));
  const signed = ranks.filter((_, i) => differences[i] !== 0);
  const positive = ranks.reduce((sum, rank, i) => sum + ((differences[i] as number) > 0 ? rank : 0), 0);
  if (signed.length === 0) return 1;
  if (differences.length <= MOST_COUNTED) return shareOfSums(signed, positive);
  const mean = signed.reduce((sum, rank) => sum + rank / 2, 0);
  const variance = signed.reduce((sum, rank) => sum + rank ** 2 / 4, 0);
  return normalTail((positive - mean) / Math.sqrt(variance));
}

/** Twice the rank of each, from 1, equal ones sharing the mean of theirs: whole numbers. */
function doubledRanks(sizes: readonly number[]): readonly number[] {
  const order = sizes.map((_, i) => i).sort((a, b) => (sizes[a] as number) - (sizes[b] as number));
  const ranks: number[] = [];
  for (let first = 0; first < order.length; ) {
    let next = first + 1;
    while (next < order.length && sizes[order[next] as number] === sizes[order[first] as number]) next++;
    for (const i of order.slice(first, next)) ranks[i] = first + 1 + next;
    first = next;
  }
  return ranks;
}

/** Of all subsets of whole numbers the share of those whose sum is at least `least`. */
function shareOfSums(numbers: readonly number[], least: number): number {
  const shares = new Float64Array(numbers.reduce((sum, number) => sum + number, 1));
  shares[0] = 1;
  let most = 0; // the largest sum so far
  for (const number of numbers) {
    most += number;
    for (let sum = most; sum >= 0; sum--) shares[sum] = ((shares[sum] ?? 0) + (shares[sum - number] ?? 0)) / 2;
  }
  let share = 0;
  for (let sum = most; sum >= least; sum--) share += shares[sum] ?? 0;
  return Math.min(1, share);
}
