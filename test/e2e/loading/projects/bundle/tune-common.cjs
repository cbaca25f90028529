const { defineTrainable, gridSearch, run } = require('attune');

const parabola = defineTrainable(__filename, function parabola({ x }) {
  return { loss: (x - 3) ** 2 };
});
run(parabola, { config: { x: gridSearch([1, 3]) }, metric: 'loss', mode: 'min', verbose: 0 }).then((grid) => {
  console.log('best:', grid.getBestConfig().x, 'errors:', grid.numErrors);
});
