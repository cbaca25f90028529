import { inline, Tuner } from 'attune';

const tuner = new Tuner((config) => ({ loss: (config.x - 3) ** 2 }), {
  paramSpace: { x: { grid_search: [1, 2, 3, 4] } },
  tuneConfig: { metric: 'loss', mode: 'min', seed: 1 },
  runConfig: { executor: inline(), verbose: 0 },
});
const grid = await tuner.fit();
console.log(`best: ${grid.getBestResult().config.x}`);
