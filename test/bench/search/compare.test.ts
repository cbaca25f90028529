import { expect, test } from 'vitest';
import { holm, isAbove, isBelow, ranks } from '../../../bench/search/compare.ts';

const low = Array.from({ length: 12 }, (_, i) => i);
const high = low.map((value) => value + 30);

test('Holm: the least is multiplied by how many there are, the next by one less, and none gets below one before it', () => {
  expect(holm([0.01, 0.04, 0.03]).map((p) => Number(p.toFixed(9)))).toEqual([0.03, 0.06, 0.06]);
  expect(holm([0.5, 0.9])).toEqual([1, 1]);
  expect(holm([])).toEqual([]);
});

test('one table of pairs, each way round', () => {
  const pairs = [
    { ours: low, theirs: high },
    { ours: low, theirs: low },
    { ours: high, theirs: low },
  ];
  expect(isBelow(pairs).map((p) => p < 0.05)).toEqual([true, false, false]);
  expect(isAbove(pairs).map((p) => p < 0.05)).toEqual([false, false, true]);
});

test('ranks: by the best loss; where that is the same, by who is there earlier', () => {
  const table = new Map([
    ['early', { best: low, area: low }],
    ['late', { best: low, area: high }],
    ['worse', { best: high, area: low }],
  ]);
  expect([...ranks([table])]).toEqual([
    ['early', { borda: 2, firsts: 1 }],
    ['late', { borda: 1, firsts: 0 }],
    ['worse', { borda: 0, firsts: 0 }],
  ]);
});
