// A searcher of your own: a hill climber, a pure function of the history that it is asked with. Its laws: property-test/hill-climber.test.ts.
import { Tuner, uniform } from 'attune';
import { hillClimber } from './property-test/hill-climber.ts';

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
