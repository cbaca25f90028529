import { mannWhitneyLess } from '../../src/base/numeric/mann-whitney.ts';

/** The losses that two searchers reached, by seed. */
export interface Pair {
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
}

/** For each pair how probable it is that ours comes out this far below theirs by chance, corrected for how many pairs there are. */
export const isBelow = (pairs: readonly Pair[]): readonly number[] => holm(pairs.map(({ ours, theirs }) => mannWhitneyLess(ours, theirs)));

/** The same the other way round. */
export const isAbove = (pairs: readonly Pair[]): readonly number[] => isBelow(pairs.map(({ ours, theirs }) => ({ ours: theirs, theirs: ours })));

/** @see Holm 1979, "A simple sequentially rejective multiple test procedure" */
export function holm(probabilities: readonly number[]): readonly number[] {
  const order = probabilities.map((_, i) => i).sort((a, b) => (probabilities[a] as number) - (probabilities[b] as number));
  const corrected: number[] = [];
  let least = 0;
  order.forEach((index, rank) => {
    least = Math.max(least, Math.min(1, (probabilities[index] as number) * (order.length - rank)));
    corrected[index] = least;
  });
  return corrected;
}

/** How many of the others each one is below, by the test at 0.05: Borda's count, summed over the tables given. */
export function borda(tables: readonly ReadonlyMap<string, readonly number[]>[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const table of tables)
    for (const [name, own] of table) {
      const beaten = [...table].filter(([other, losses]) => other !== name && mannWhitneyLess(own, losses) < 0.05);
      counts.set(name, (counts.get(name) ?? 0) + beaten.length);
    }
  return counts;
}
