import { describe, expect, test } from 'vitest';
import { auto, cmaes, gp, nsga2, random, tpe } from '../../algorithms/index.ts';
import { AttuneError } from '../../src/base/errors.ts';
import { History } from '../../src/search/history.ts';
import type { Searcher, Setup } from '../../src/search/searcher.ts';
import { choice, randint, uniform } from '../../src/space/domains.ts';
import { compileSpace } from '../../src/space/space.ts';
import { askFor } from './asking.ts';
import { cube } from './points.ts';

const mixed = { x: uniform(0, 1), kind: choice([{ is: 'a', y: uniform(0, 1) }, { is: 'b' }]) };

/** What a searcher proposes when so many trials have ended. */
async function proposal(searcher: Searcher, paramSpace: unknown, ended: number, setup: Partial<Setup>): Promise<unknown> {
  const { objectives = 1, samples = 100 } = setup;
  const space = compileSpace(paramSpace);
  const history = new History(space, objectives);
  const draws = random();
  for (let index = 0; index < ended; index++) {
    const drawn = await draws.suggest(askFor(space, index, { history, samples: Infinity }));
    if (drawn.kind !== 'config') throw new Error(drawn.kind);
    const row = history.add({ config: drawn.config, by: 'searcher', asked: index });
    history.report(
      row,
      1,
      Array.from({ length: objectives }, (_, i) => (index * (i + 3)) % 17),
    );
    history.end(row, 'completed');
  }
  const ask = { ...askFor(space, ended, { history, samples }), ...setup };
  searcher.check?.(ask);
  return searcher.suggest(ask);
}

describe('auto proposes what another searcher would', () => {
  test.each<readonly [string, () => Searcher, unknown, number, Partial<Setup>]>([
    ['gp, as a rule', gp, mixed, 30, {}],
    ['gp, without an end', gp, cube(3), 30, { samples: Infinity }],
    ['gp, up to 40 parameters', gp, { ...cube(40), same: randint(3, 4) }, 12, {}],
    ['tpe, with 41 parameters', tpe, cube(41), 12, {}],
    ['tpe, with 33 trials at once', tpe, mixed, 30, { slots: 33 }],
    ['tpe, when 300 trials have ended', tpe, cube(2), 300, { samples: 999 }],
    ['cmaes, when 1,000 trials are wanted, of numbers only', cmaes, { ...cube(3), only: choice([1]) }, 30, { samples: 1000 }],
    ['gp, when 1,000 trials are wanted, not of numbers only', gp, mixed, 30, { samples: 1000 }],
    ['tpe, for several metrics', tpe, mixed, 30, { objectives: 2 }],
    ['nsga2, for several metrics when 300 trials have ended', nsga2, mixed, 300, { objectives: 2, samples: 999 }],
    ['random, without a metric', random, mixed, 5, { objectives: 0 }],
  ])('%s', async (_case, make, space, ended, setup) => {
    expect(await proposal(auto(), space, ended, setup)).toEqual(await proposal(make(), space, ended, setup));
  });
});

test('auto has no options', () => {
  expect(() => auto({ budget: 3 } as never)).toThrow(AttuneError);
  expect(auto()).toMatchObject({ name: 'auto', options: {} });
});
