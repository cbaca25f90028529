import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { basicVariant } from '../../algorithms/basic-variant.ts';
import { cmaes } from '../../algorithms/cmaes.ts';
import { gp } from '../../algorithms/gp.ts';
import { grid } from '../../algorithms/grid.ts';
import { halton } from '../../algorithms/halton.ts';
import { evolution } from '../../algorithms/evolution.ts';
import { nsga2 } from '../../algorithms/nsga2.ts';
import { random } from '../../algorithms/random.ts';
import { sobol } from '../../algorithms/sobol.ts';
import { tpe } from '../../algorithms/tpe.ts';
import type { Searcher } from '../../src/search/searcher.ts';
import { choice, expr, gridSearch, loguniform, qloguniform, quniform, randint, randn, uniform, variation } from '../../src/space/domains.ts';
import { configsOf, search } from '../../src/testing/laws/search-world.ts';
import { configs } from '../algorithms/asking.ts';

const mixed = {
  lr: loguniform(1e-5, 1),
  momentum: quniform(0, 1, 0.05),
  layers: randint(1, 9),
  batch: qloguniform(8, 256, 8),
  optimizer: choice([{ kind: 'sgd', nesterov: choice([true, false]) }, { kind: 'adam', beta: uniform(0.8, 1) }]),
  scaled: expr('lr * batch'),
};

const { optimizer: _, ...numbers } = mixed;

const SEARCHERS: Readonly<Record<string, { readonly searcher: Searcher; readonly space: unknown }>> = {
  'random': { searcher: random(), space: { ...mixed, noise: randn(0, 1) } },
  'random-unique': { searcher: random({ unique: true }), space: { seed: randint(0, 1_000_000), v: variation(['a', 'b', 'c']) } },
  'basic-variant': { searcher: basicVariant(), space: { ...mixed, depth: gridSearch([2, 4]) } },
  'basic-variant-distinct': { searcher: basicVariant(), space: { depth: gridSearch([2, 4]), v: variation([1, 2, 3]), w: choice(['x', 'y']) } },
  'sobol': { searcher: sobol(), space: mixed },
  'halton': { searcher: halton(), space: mixed },
  'grid': { searcher: grid({ bins: 3 }), space: mixed },
};

/** Those that learn: each trial ends two trials later, with this loss. */
const LEARNERS: Readonly<Record<string, () => Searcher>> = {
  'cmaes': () => cmaes({ populationSize: 4 }),
  'evolution': () => evolution({ populationSize: 4 }),
  'nsga2': () => nsga2({ populationSize: 4 }),
  'gp': () => gp({ startupTrials: 4 }),
  'tpe': () => tpe({ startupTrials: 4 }),
  'tpe-univariate': () => tpe({ startupTrials: 4, univariate: true }),
};
/** Those that learn from two metrics. */
const PARETO: Readonly<Record<string, () => Searcher>> = {
  'nsga2-two-metrics': () => nsga2({ populationSize: 4 }),
  'tpe-two-metrics': () => tpe({ startupTrials: 4 }),
};
const outcomes = Array.from({ length: 12 }, (_, i) => ({ value: (i * 7) % 12, lag: 2 }));

const twice = { objectives: 2, outcomes: outcomes.map(({ value, lag }, i) => ({ value: [value, (i * 5) % 12], lag })) };

/** A change is allowed, but never unnoticed: UPDATE_GOLDEN=1 writes what they suggest now. */
describe('golden: with seed 42', () => {
  for (const [name, { searcher, space }] of Object.entries(SEARCHERS)) {
    test(`${name} suggests what it always did`, async () => {
      const file = new URL(`./${name}.json`, import.meta.url);
      const now = await configs(searcher, space, { samples: 20, seed: 42 }, 12);
      if (process.env.UPDATE_GOLDEN) writeFileSync(file, `${JSON.stringify(now, null, 2)}\n`);
      expect(now).toEqual(JSON.parse(readFileSync(file, 'utf8')));
    });
  }
  for (const [name, make] of Object.entries({ ...LEARNERS, ...PARETO })) {
    test(`${name} suggests what it always did`, async () => {
      const file = new URL(`./${name}.json`, import.meta.url);
      const paramSpace = { ...(name === 'cmaes' ? numbers : mixed), noise: randn(0, 1) };
      const now = configsOf(await search(make, { paramSpace, samples: 12, seed: 42, ...(name in PARETO ? twice : { outcomes }) }));
      if (process.env.UPDATE_GOLDEN) writeFileSync(file, `${JSON.stringify(now, null, 2)}\n`);
      expect(now).toEqual(JSON.parse(readFileSync(file, 'utf8')));
    });
  }
});
