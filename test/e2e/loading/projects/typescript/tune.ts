import { gridSearch, run } from 'attune';
import { parabola, type Setting } from './train.ts';

const config = { x: gridSearch([1, 3]) } satisfies Record<keyof Setting, unknown>;
const grid = await run(parabola, { config, metric: 'loss', mode: 'min', verbose: 0 });
console.log('best:', grid.getBestConfig().x, 'errors:', grid.numErrors);
