import { gridSearch, run } from 'attune';
import { parabola } from 'models'; // node_modules/models is a link to packages/models

const grid = await run(parabola, { config: { x: gridSearch([1, 3]) }, metric: 'loss', mode: 'min', verbose: 0 });
console.log('best:', grid.getBestConfig().x, 'errors:', grid.numErrors);
