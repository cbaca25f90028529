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

/** What a searcher reached on one problem, by seed. */
export interface Reached {
  /** The best loss. */
  readonly best: readonly number[];
  /** The mean over the trials of the best loss so far: who is there earlier has less. */
  readonly area: readonly number[];
}

/** How many others it beats, and on how many problems nobody beats it. */
export interface Rank {
  readonly borda: number;
  readonly firsts: number;
}

/**
 * Ranks by problem: by the best loss, and where the test tells no difference by the area, at 0.05.
 * @see Dewancker et al. 2016, "A strategy for ranking optimizers using multiple criteria", ICML AutoML workshop
 */
export function ranks(tables: readonly ReadonlyMap<string, Reached>[]): ReadonlyMap<string, Rank> {
  const all = new Map<string, Rank>();
  for (const table of tables)
    for (const [name, own] of table) {
      const others = [...table].filter(([other]) => other !== name).map(([, reached]) => reached);
      const { borda, firsts } = all.get(name) ?? { borda: 0, firsts: 0 };
      const beaten = others.filter((other) => beats(own, other)).length;
      all.set(name, { borda: borda + beaten, firsts: firsts + (others.some((other) => beats(other, own)) ? 0 : 1) });
    }
  return all;
}

function beats(a: Reached, b: Reached): boolean {
  if (mannWhitneyLess(a.best, b.best) < 0.05) return true;
  return mannWhitneyLess(b.best, a.best) >= 0.05 && mannWhitneyLess(a.area, b.area) < 0.05;
}
