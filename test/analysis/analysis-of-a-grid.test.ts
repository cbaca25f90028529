import { expect, test } from 'vitest';
import { interpret } from '../../src/analysis/interpret.ts';
import { parameterImportance } from '../../src/analysis/parameter-importance.ts';
import { choice, loguniform } from '../../src/space/domains.ts';
import { compileSpace, spaceToJson } from '../../src/space/space.ts';
import { simulate } from '../../src/testing/simulate.ts';

test('the tables of a grid are analysed as they are, with the space of the experiment', async () => {
  const paramSpace = { lr: loguniform(1e-4, 1e-1), model: { activation: choice(['relu', 'elu']), size: choice([16, 32]) } };
  const curve = ({ lr, model }: { lr: number; model: { activation: string } }, step: number) =>
    (Math.log10(lr) + 4) * (model.activation === 'elu' ? 2 : 1) + 1 / step;
  const { grid } = await simulate({ space: paramSpace, curve, trials: 60, maxT: 3, seed: 1 });
  const space = spaceToJson(compileSpace(paramSpace));

  const found = interpret(grid.getDataFrame(), { metrics: { loss: 'min' }, space, searcher: 'random', scheduler: 'fifo' });
  expect(found.numerical).toMatchObject([{ attribute: 'lr', per: 'tenfold', conclusion: 'rises', better: 'lower', n: 60 }]);
  expect(found.categorical.map(({ attribute }) => attribute)).toEqual(['model.activation', 'model.size']);
  expect(found.pairs.filter(({ interacts }) => interacts).map(({ a, b }) => [a, b])).toEqual([['lr', 'model.activation']]);
  expect(found.cautions).toEqual([]);

  const { parameters } = parameterImportance(grid.getDataFrame(), { metric: 'loss', mode: 'min', method: 'fanova', space });
  expect(parameters.map(({ parameter }) => parameter)).toEqual(['lr', 'model.activation', 'model.size']);
});
