import { normalTail } from './normal.ts';

/**
 * Mann and Whitney's test, one-sided: how probable it is that `a` comes out this far below `b`, or farther, when both are drawn from
 * one distribution. By the normal distribution, corrected for ties and for continuity: good from about 8 values each.
 *
 * @param a, b - no NaN
 * @returns from 0 to 1; 1 when either is empty, or all values are equal
 * @remarks O(n log n)
 * @see Mann & Whitney 1947, "On a test of whether one of two random variables is stochastically larger than the other"
 */
export function mannWhitneyLess(a: readonly number[], b: readonly number[]): number {
  const n = a.length + b.length;
  const all = [...a.map((value) => ({ value, own: true })), ...b.map((value) => ({ value, own: false }))].sort((x, y) => x.value - y.value);
  let [rankSum, ties] = [0, 0];
  for (let first = 0; first < n; ) {
    let next = first + 1;
    while (next < n && all[next]?.value === all[first]?.value) next++;
    const tied = next - first;
    rankSum += all.slice(first, next).filter(({ own }) => own).length * ((first + 1 + next) / 2);
    ties += tied ** 3 - tied;
    first = next;
  }
  const pairs = a.length * b.length;
  const variance = (pairs / 12) * (n + 1 - ties / (n * (n - 1)));
  if (!(variance > 0)) return 1;
  const wins = pairs - (rankSum - (a.length * (a.length + 1)) / 2); // pairs of which `a` has the lower value, ties half
  return Math.min(1, normalTail((wins - pairs / 2 - 0.5) / Math.sqrt(variance)));
}
