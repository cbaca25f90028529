import { expect, test } from 'vitest';
import { cmaes, gp, tpe } from '../../algorithms/index.ts';
import { History } from '../../src/search/history.ts';
import type { Searcher } from '../../src/search/searcher.ts';
import { compileSpace } from '../../src/space/space.ts';
import { askFor } from './asking.ts';
import { cube } from './points.ts';

/** After a restore all trials are read at once. */
test.each<readonly [string, () => Searcher, number, number, number]>([
  ['tpe', tpe, 2, 5_000, 5],
  ['cmaes', cmaes, 50, 200, 10],
  ['gp', gp, 2, 60, 5],
])('%s lets others on while it reads many trials', async (_name, make, dimensions, trials, least) => {
  const space = compileSpace(cube(dimensions));
  const history = new History(space, 1);
  const stream = askFor(space, 0, { samples: 1 }).rng;
  for (let row = 0; row < trials; row++) {
    const config = Object.fromEntries(space.parameters.map(({ path }) => [path, stream.next()]));
    history.add({ config, by: 'searcher', asked: row });
    history.report(row, 1, [stream.next()]);
    history.end(row, 'completed');
  }
  let breaths = 0;
  const breathe = async (): Promise<void> => {
    breaths += 1;
  };
  const searcher = make();
  const ask = { ...askFor(space, trials, { samples: 1e6, history }), breathe };
  const first = await searcher.suggest(ask);
  expect(breaths).toBeGreaterThanOrEqual(least);
  const before = breaths;
  expect(await searcher.suggest(ask)).toEqual(first);
  expect(breaths - before).toBeLessThan(before); // what was read is kept
});
