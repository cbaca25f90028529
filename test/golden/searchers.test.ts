import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { basicVariant } from '../../algorithms/basic-variant.ts';
import { gp } from '../../algorithms/gp.ts';
import { grid } from '../../algorithms/grid.ts';
import { random } from '../../algorithms/random.ts';
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

const SEARCHERS: Readonly<Record<string, { readonly searcher: Searcher; readonly space: unknown }>> = {
  'random': { searcher: random(), space: { ...mixed, noise: randn(0, 1) } },
  'random-unique': { searcher: random({ unique: true }), space: { seed: randint(0, 1_000_000), v: variation(['a', 'b', 'c']) } },
  'basic-variant': { searcher: basicVariant(), space: { ...mixed, depth: gridSearch([2, 4]) } },
  'basic-variant-distinct': { searcher: basicVariant(), space: { depth: gridSearch([2, 4]), v: variation([1, 2, 3]), w: choice(['x', 'y']) } },
  'grid': { searcher: grid({ bins: 3 }), space: mixed },
};

/** Those that learn: each trial ends two trials later, with this loss. */
const LEARNERS: Readonly<Record<string, () => Searcher>> = {
  'gp': () => gp({ startupTrials: 4 }),
  'tpe': () => tpe({ startupTrials: 4 }),
  'tpe-univariate': () => tpe({ startupTrials: 4, univariate: true }),
};
const outcomes = Array.from({ length: 12 }, (_, i) => ({ value: (i * 7) % 12, lag: 2 }));

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
  for (const [name, make] of Object.entries(LEARNERS)) {
    test(`${name} suggests what it always did`, async () => {
      const file = new URL(`./${name}.json`, import.meta.url);
      const now = configsOf(await search(make, { paramSpace: { ...mixed, noise: randn(0, 1) }, samples: 12, outcomes, seed: 42 }));
      if (process.env.UPDATE_GOLDEN) writeFileSync(file, `${JSON.stringify(now, null, 2)}\n`);
      expect(now).toEqual(JSON.parse(readFileSync(file, 'utf8')));
    });
  }
});
