import { decode, type Searcher, sample } from 'attune';

/** After `warmUp` random configurations, steps away from the best one so far, by `radius` of each number's range; options stay. */
export const hillClimber = ({ warmUp = 10, radius = 0.1 } = {}): Searcher => ({
  name: 'hillClimber',
  options: { warmUp, radius },
  suggest({ index, samples, space, history, rng }) {
    if (index >= samples) return { kind: 'done' };
    if (index < warmUp || history.ended.length === 0) return { kind: 'config', config: sample(space, rng) };
    const lossAt = (row: number) => history.at(row).losses?.[0] ?? Infinity;
    const best = history.at(history.ended.reduce((a, b) => (lossAt(b) < lossAt(a) ? b : a)));
    const values = best.values.map((value, i) => {
      const { kind, range } = space.parameters[i] as (typeof space.parameters)[number];
      if (kind === 'categorical') return value;
      const width = range.upper - range.lower;
      return value + radius * (Number.isFinite(width) ? width : 1) * rng.normal(); // a normal domain has no ends
    });
    return { kind: 'config', config: decode(space, values) };
  },
});
