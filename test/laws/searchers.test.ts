import { describe, expect, test } from 'vitest';
import * as algorithms from '../../algorithms/index.ts';
import { random } from '../../algorithms/index.ts';
import type { History } from '../../src/search/history.ts';
import type { Searcher } from '../../src/search/searcher.ts';
import { sample } from '../../src/space/sample.ts';
import { searcherLaws } from '../../src/testing/laws/searcher-laws.ts';
import { OWN, RUNS } from './own-searchers.ts';

test('every searcher of ours is on trial, or says that it has tests of its own', () => {
  expect(Object.keys(algorithms).filter((name) => OWN.every((own) => own.name.split(',')[0] !== name))).toEqual([]);
});

describe.each(OWN.filter(({ laws }) => laws !== undefined))('$name', ({ make, laws }) => {
  for (const { name, law, run, skipped } of searcherLaws(make, { numRuns: RUNS, seed: 1, ...laws })) {
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
    [
      'takes what failed for failed for good',
      'G8',
      () => {
        const lost = new WeakMap<History, Set<number>>();
        return drawing((right) => ({
          suggest(ask) {
            const rows = lost.get(ask.history) ?? new Set();
            lost.set(ask.history, rows);
            for (const row of ask.history.ended) if (ask.history.at(row).state === 'failed') rows.add(row);
            return right.suggest({ ...ask, rng: ask.rng.fork(rows.size) });
          },
        }));
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
  expect(() => searcherLaws(random, { limit: 0 })).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }));
  expect(() => searcherLaws(random, { unique: 'yes' as never })).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }));
  expect(() => searcherLaws(random() as never)).toThrow('searcherLaws: expected make to be a function');
  expect(() => searcherLaws((() => random) as never)).toThrow('searcherLaws: make(): expected a searcher, got the function random.');
  expect(() => searcherLaws(random, { kinds: 1 } as never)).toThrow(expect.objectContaining({ code: 'OPTION_UNKNOWN' }));
});
