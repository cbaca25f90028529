import { run, threads } from 'attune';
import commonModule from './common.cjs';
import { printGrid } from './print-grid.mjs';

printGrid(await run(commonModule.common, { config: { x: 5 }, metric: 'loss', mode: 'min', executor: threads({ workers: 1 }), verbose: 0 }));
