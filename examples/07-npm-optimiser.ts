// An optimiser from npm as a searcher: DIRECT (Jones et al. 1993), which knows nothing of trials, workers or restores.
import { type Config, decode, Tuner, uniform } from 'attune';
import { type AskTell, type AskTellSetup, fromAskTell } from 'attune/algorithms';
import direct from 'ml-direct';

/** `direct` calls a function until it is done, and is deterministic: it starts anew at each ask, and stops at the first point that is new. */
function dividingRectangles({ space }: AskTellSetup): AskTell {
  const losses = new Map<string, number>();
  const ends = (side: 'lower' | 'upper') => space.parameters.map(({ range }) => range[side]);
  return {
    ask() {
      let next: Config | undefined;
      const evaluate = (point: number[]): number => {
        const config = decode(space, point);
        const loss = losses.get(JSON.stringify(config));
        if (loss !== undefined) return loss;
        next = config;
        throw new Error('a new point');
      };
      try {
        direct(evaluate, ends('lower'), ends('upper'), { iterations: 1000 });
      } catch (thrown) {
        if (next === undefined) throw thrown;
      }
      if (next !== undefined) losses.set(JSON.stringify(next), Math.max(0, ...losses.values())); // a guess, until it is known
      return next;
    },
    tell: (config, loss) => void losses.set(JSON.stringify(config), Math.min(loss, Number.MAX_VALUE)),
  };
}

const branin = ({ x, y }: { x: number; y: number }) =>
  (y - (5.1 / (4 * Math.PI ** 2)) * x ** 2 + (5 / Math.PI) * x - 6) ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10;

const tuner = new Tuner(branin, {
  paramSpace: { x: uniform(-5, 10), y: uniform(0, 15) },
  tuneConfig: { metric: 'height', mode: 'min', numSamples: 80, searchAlg: fromAskTell(dividingRectangles, { name: 'direct' }), seed: 1 },
  runConfig: { verbose: 0 },
});

const grid = await tuner.fit();
const { config, metrics } = grid.getBestResult();
console.log(
  `after ${grid.length} trials: height ${Number(metrics['height']).toFixed(4)} at x = ${config.x.toFixed(3)}, y = ${config.y.toFixed(3)} (minima are 0.3979)`,
);
