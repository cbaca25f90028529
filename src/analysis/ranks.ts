/** The rank of each value from 1, equal ones sharing the mean of theirs. O(n log n). */
export function ranksOf(values: readonly number[]): readonly number[] {
  const order = values.map((_, i) => i).sort((a, b) => (values[a] as number) - (values[b] as number));
  const ranks: number[] = new Array<number>(values.length).fill(0);
  for (let first = 0; first < order.length; ) {
    let next = first + 1;
    while (next < order.length && values[order[next] as number] === values[order[first] as number]) next++;
    for (let i = first; i < next; i++) ranks[order[i] as number] = (first + 1 + next) / 2;
    first = next;
  }
  return ranks;
}
