import { describe, expect, test } from 'vitest';
import {
  auto,
  avoidDuplicates,
  basicVariant,
  cmaes,
  evolution,
  fromAskTell,
  gp,
  grid,
  halton,
  limitConcurrency,
  nsga2,
  random,
  repeat,
  sobol,
  tpe,
  warmStart,
} from '../../algorithms/index.ts';
import type { Searcher } from '../../src/search/searcher.ts';
import { sample } from '../../src/space/sample.ts';
import { searcherLaws } from '../../src/testing/laws/searcher-laws.ts';
import { climber } from '../algorithms/climber.ts';

const OWN = [
  ['basicVariant', basicVariant, { kind: 'grid', unique: false }],
  ['random', random, { kind: 'random' }],
  ['random, unique', () => random({ unique: true }), { kind: 'other', unique: true, finite: true }],
  ['grid', grid, { kind: 'grid', finite: true }],
  ['sobol', sobol, { kind: 'random' }],
  ['sobol, not scrambled', () => sobol({ scramble: false }), { kind: 'random' }],
  ['halton', halton, { kind: 'random' }],
  ['halton, not scrambled', () => halton({ scramble: false }), { kind: 'random' }],
  ['tpe', tpe, { numRuns: 200 }],
  ['tpe, from the third trial on', () => tpe({ startupTrials: 2 }), { numRuns: 200 }],
  ['tpe, one parameter at a time', () => tpe({ startupTrials: 2, univariate: true }), { numRuns: 200 }],
  ['tpe, at milestones', () => tpe({ startupTrials: 2, milestones: [1, 3], randomFraction: 0.3 }), { numRuns: 200 }],
  ['cmaes', cmaes, { numRuns: 400 }],
  ['cmaes, that restarts', () => cmaes({ populationSize: 4, sigma: 1e-8 }), { numRuns: 150 }],
  ['tpe, of two metrics', () => tpe({ startupTrials: 2 }), { numRuns: 200, objectives: 2 }],
  ['tpe, of three metrics', () => tpe({ startupTrials: 2 }), { numRuns: 200, objectives: 3 }],
  ['nsga2', () => nsga2({ populationSize: 2 }), { numRuns: 200 }],
  ['nsga2, of two metrics', () => nsga2({ populationSize: 3 }), { numRuns: 200, objectives: 2 }],
  ['evolution', () => evolution({ populationSize: 2 }), { numRuns: 200 }],
  ['auto', auto, { numRuns: 60 }],
  ['auto, of several metrics', auto, { numRuns: 100, objectives: 2 }],
  ['gp', gp, { numRuns: 100 }],
  ['gp, from the third trial on', () => gp({ startupTrials: 2 }), { numRuns: 60 }],
  ['limitConcurrency', () => limitConcurrency(random(), 2), { limit: 2 }],
  ['limitConcurrency, of a tpe in batches', () => limitConcurrency(tpe({ startupTrials: 2 }), 3, { batch: true }), { limit: 3, numRuns: 200 }],
  ['avoidDuplicates', () => avoidDuplicates(random()), { unique: true, finite: true }],
  ['avoidDuplicates, of a tpe', () => avoidDuplicates(tpe({ startupTrials: 2 })), { unique: true, finite: true, numRuns: 100 }],
  ['repeat', () => repeat(random(), 2), {}],
  ['repeat, of a tpe', () => repeat(tpe({ startupTrials: 2 }), 3), { numRuns: 400 }],
  ['fromAskTell', () => fromAskTell(climber), { numRuns: 400 }],
  ['warmStart', () => warmStart(tpe({ startupTrials: 2 }), []), { numRuns: 200 }],
] as const;

describe.each(OWN)('%s', (_name, make, options) => {
  for (const { name, law, run, skipped } of searcherLaws(make, { numRuns: 800, seed: 1, ...options })) {
    test.skipIf(skipped !== undefined)(`${name}: ${law}${skipped === undefined ? '' : ` (skipped: ${skipped})`}`, () => run());
  }
});

describe('a broken searcher', () => {
  const drawing = (change: (searcher: Searcher) => Partial<Searcher>): Searcher => {
    const right: Searcher = {
      name: 'drawing',
      suggest: ({ index, samples, space, rng }) => (index >= samples ? { kind: 'done' } : { kind: 'config', config: sample(space, rng) }),
    };
    return { ...right, ...change(right) };
  };
  let count = 0;

  test.each<readonly [string, string, () => Searcher]>([
    [
      'leaves a key out',
      'G1',
      () => drawing(() => ({ suggest: ({ index, samples }) => (index < samples ? { kind: 'config', config: {} } : { kind: 'done' }) })),
    ],
    ['draws from Math.random', 'G2', () => drawing((right) => ({ suggest: (ask) => (Math.random() < 2 ? right.suggest(ask) : { kind: 'wait' }) }))],
    [
      'never ends',
      'G7',
      () => drawing((right) => ({ suggest: (ask) => (ask.index > ask.samples + 9 ? { kind: 'done' } : right.suggest({ ...ask, samples: Infinity })) })),
    ],
    [
      'remembers outside of the history',
      'G8',
      () => {
        let index = 0;
        return drawing((right) => ({ suggest: (ask) => right.suggest({ ...ask, rng: ask.stream.fork('mine', index++) }) }));
      },
    ],
    ['shares what it remembers', 'G2', () => drawing((right) => ({ suggest: (ask) => right.suggest({ ...ask, rng: ask.stream.fork('mine', count++) }) }))],
    [
      'cannot stand NaN',
      'G9',
      () =>
        drawing((right) => ({
          suggest: (ask) =>
            ask.history.ended.length > 0 && ask.history.at(ask.history.ended[0] ?? 0).losses?.[0] === Number.MAX_VALUE
              ? ({ kind: 'config', config: { no: 1 } } as const)
              : right.suggest(ask),
        })),
    ],
  ])('that %s is found by %s', async (_flaw, law, make) => {
    const [check] = searcherLaws(make, { kind: 'other', only: [law] });
    await expect(check?.run()).rejects.toMatchObject({ code: 'LAW_BROKEN' });
  });
});

test('options are checked', () => {
  expect(() => searcherLaws(random, { kind: 'tpe' as never })).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }));
  expect(() => searcherLaws(random, { only: ['G99'] })).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }));
  expect(() => searcherLaws(random, { only: [] })).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }));
  expect(() => searcherLaws(random, { objectives: 0 })).toThrow('searcherLaws: expected objectives to be an integer >= 1, got 0.');
  expect(() => searcherLaws(random, { limit: 0 })).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }));
  expect(() => searcherLaws(random, { unique: 'yes' as never })).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }));
  expect(() => searcherLaws(random() as never)).toThrow('searcherLaws: expected make to be a function');
  expect(() => searcherLaws((() => random) as never)).toThrow('searcherLaws: make(): expected a searcher, got the function random.');
  expect(() => searcherLaws(random, { kinds: 1 } as never)).toThrow(expect.objectContaining({ code: 'OPTION_UNKNOWN' }));
});
