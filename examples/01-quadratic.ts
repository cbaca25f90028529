// A closed-form function, tuned on the main thread: two numbers in, one number out.
import { Tuner, uniform } from 'attune';

const bowl = ({ x, y }: { x: number; y: number }) => (x - 3) ** 2 + (y + 1) ** 2;

const tuner = new Tuner(bowl, {
  paramSpace: { x: uniform(-10, 10), y: uniform(-10, 10) },
  tuneConfig: { metric: 'distance', mode: 'min', numSamples: 200, seed: 7 },
  runConfig: { verbose: 0 },
});

const grid = await tuner.fit();
const { config, metrics } = grid.getBestResult();
console.log(
  `best of ${grid.length}: x = ${config.x.toFixed(2)}, y = ${config.y.toFixed(2)}, distance ${Number(metrics['distance']).toFixed(3)} (the minimum lies at 3, -1)`,
);
