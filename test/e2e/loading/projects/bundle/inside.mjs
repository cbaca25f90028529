import { gridSearch, inline, run } from 'attune';

const options = { config: { x: gridSearch([1, 3]) }, metric: 'loss', mode: 'min', verbose: 0 };
const parabola = ({ x }) => ({ loss: (x - 3) ** 2 });
const main = async () => {
  const grid = await run(parabola, { ...options, executor: inline() });
  console.log('best:', grid.getBestConfig().x, 'errors:', grid.numErrors);
  const { defineTrainable } = await import('attune');
  await run(defineTrainable(process.argv[1], parabola), options).catch((error) => console.log(error.message));
};
main();
