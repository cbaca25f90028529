import { exclusiveVolume } from './hypervolume.ts';

/**
 * Points that dominate much together: one after the other, each time the one that adds most. Their hypervolume is at least 1 - 1/e of the
 * greatest that so many points can have.
 *
 * @param points - shape [n, m], of one front, without NaN; lower is better
 * @param count - how many, 0 to n
 * @param ref - shape [m], worse than each point in every column; where it is not finite, the first points are taken
 * @returns indices into `points`, in the order in which they were picked; of points that add alike the first
 * @remarks Each pick measures only points that, by what they added to fewer, might add most: O(count · n) and some measurements of O(count log count) for m = 2.
 * @see Guerreiro, Fonseca & Paquete 2016, "Greedy hypervolume subset selection in low dimensions", Evolutionary Computation 24 (3)
 * @example
 * hypervolumeSubset([[1, 5], [2, 3], [3, 2], [5, 1]], 2, [6, 6]) // => [1, 2]
 */
export function hypervolumeSubset(points: readonly (readonly number[])[], count: number, ref: readonly number[]): number[] {
  if (!ref.every(Number.isFinite)) return points.slice(0, count).map((_, index) => index);
  const picked: number[] = [];
  const bounds = new Float64Array(points.length).fill(Infinity); // nobody adds more than it did to fewer points
  while (picked.length < count) {
    const chosen = picked.map((index) => points[index] ?? []);
    let [best, most] = [-1, -Infinity];
    for (let index = 0; index < points.length; index++) {
      if (!((bounds[index] as number) > most)) continue;
      bounds[index] = exclusiveVolume(points[index] ?? [], chosen, ref);
      if ((bounds[index] as number) > most) [best, most] = [index, bounds[index] as number];
    }
    if (best < 0) best = points.findIndex((_, index) => !picked.includes(index)); // volumes that overflow
    picked.push(best);
    bounds[best] = -Infinity;
  }
  return picked;
}
