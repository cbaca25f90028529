import { defineTrainable, gridSearch, run } from 'attune';

const parabola = defineTrainable(import.meta.url, function parabola({ x }) {
  return { loss: (x - 3) ** 2 };
});
const grid = await run(parabola, { config: { x: gridSearch([1, 3]) }, metric: 'loss', mode: 'min', verbose: 0 });
console.log('best:', grid.getBestConfig().x, 'errors:', grid.numErrors);
