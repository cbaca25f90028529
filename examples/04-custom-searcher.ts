// A searcher of your own: a hill climber, a pure function of the history that it is asked with.
import { decode, type Searcher, sample, Tuner, uniform } from 'attune';

/** After `warmUp` random configurations, steps away from the best one so far, by `radius` of each parameter's range. */
const hillClimber = ({ warmUp = 10, radius = 0.1 } = {}): Searcher => ({
  name: 'hillClimber',
  options: { warmUp, radius },
  suggest({ index, samples, space, history, rng }) {
    if (index >= samples) return { kind: 'done' };
    if (index < warmUp || history.ended.length === 0) return { kind: 'config', config: sample(space, rng) };
    const lossAt = (row: number) => history.at(row).losses?.[0] ?? Infinity;
    const best = history.at(history.ended.reduce((a, b) => (lossAt(b) < lossAt(a) ? b : a)));
    const step = (value: number, i: number) => {
      const { lower, upper } = space.parameters[i]?.range ?? { lower: 0, upper: 0 };
      return value + radius * (upper - lower) * rng.normal();
    };
    return { kind: 'config', config: decode(space, best.values.map(step)) };
  },
});

const himmelblau = ({ x, y }: { x: number; y: number }) => (x ** 2 + y - 11) ** 2 + (x + y ** 2 - 7) ** 2;

const tuner = new Tuner(himmelblau, {
  paramSpace: { x: uniform(-5, 5), y: uniform(-5, 5) },
  tuneConfig: { metric: 'height', mode: 'min', numSamples: 150, searchAlg: hillClimber({ radius: 0.05 }), seed: 7 },
  runConfig: { verbose: 0 },
});

const grid = await tuner.fit();
const { config, metrics } = grid.getBestResult();
console.log(
  `after ${grid.length} steps: height ${Number(metrics['height']).toFixed(4)} at x = ${config.x.toFixed(3)}, y = ${config.y.toFixed(3)} (minima are 0)`,
);
