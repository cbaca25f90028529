/**
 * How far the neighbours of each point of a front are apart: the sum over the objectives of the distance of the two neighbours, in parts of
 * the range of the front; infinite for the lowest and the highest. Of equal values the earlier point is the lower one.
 *
 * @param points - shape [n, m], finite
 * @remarks O(m n log n)
 * @see Deb et al. 2002, section III-B
 */
export function crowdingDistances(points: readonly (readonly number[])[]): Float64Array {
  const distances = new Float64Array(points.length);
  for (let objective = 0; objective < (points[0]?.length ?? 0); objective++) {
    const at = (index: number | undefined): number => points[index as number]?.[objective] as number;
    const order = [...points.keys()].sort((a, b) => at(a) - at(b));
    const range = at(order.at(-1)) - at(order[0]);
    if (!(range > 0)) continue;
    for (let i = 0; i < order.length; i++) {
      const index = order[i] as number;
      const isEnd = i === 0 || i === order.length - 1;
      distances[index] = (distances[index] as number) + (isEnd ? Infinity : (at(order[i + 1]) - at(order[i - 1])) / range);
    }
  }
  return distances;
}
