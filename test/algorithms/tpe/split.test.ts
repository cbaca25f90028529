import { expect, test } from 'vitest';
import { JUDGED, type Judgement } from '../../../algorithms/tpe/ledger.ts';
import { split } from '../../../algorithms/tpe/split.ts';
import { isWorst, WORST } from '../../../src/base/worst.ts';

const judged = (losses: readonly (readonly number[])[], violations: readonly number[] = []): Judgement => ({
  standing: losses.map(() => JUDGED as 3),
  outcomes: losses.map((own, row) => ({ row, losses: own, violation: violations[row] ?? 0, isLost: own.some(isWorst) })),
  leastGood: 2,
});
const good = (losses: readonly (readonly number[])[], violations?: readonly number[]): readonly number[] => [
  ...split(
    judged(losses, violations),
    losses.map(() => true),
    2,
  ).good, // prettier-ignore
];

test('two metrics: front by front, and of the one that does not fit those that dominate most', () => {
  expect(
    good([
      [-2, -1],
      [3, 3],
      [0, 1],
      [-1, 0],
    ]),
  ).toEqual([0, 3]); // prettier-ignore
  expect(
    good([
      [1, 5],
      [2, 3],
      [3, 2],
      [5, 1],
    ]),
  ).toEqual([1, 2]); // prettier-ignore
});

test('two metrics: feasible before infeasible, and these before diverged', () => {
  const losses = [
    [0, 0],
    [1, 1],
    [2, 2],
    [3, 3],
  ]; // prettier-ignore
  expect(good(losses, [1, 2, 0, 0])).toEqual([2, 3]);
  expect(good(losses, [2, 3, 1, 9])).toEqual([0, 2]);
  expect(
    good(
      [
        [WORST, 0],
        [0, WORST],
        [2, 2],
        [3, 3],
      ],
      [0, 0, 0, 1],
    ),
  ).toEqual([2, 3]); // prettier-ignore
});

test('one in ten is good: at most 25 of one metric, of several however many', () => {
  const losses = Array.from({ length: 1000 }, (_, i) => [i, 1000 - i]);
  const has = losses.map(() => true);
  expect(split(judged(losses), has, 1).good.length).toBe(25);
  expect(split(judged(losses), has, 2).good.length).toBe(100);
  expect(split(judged(losses.slice(0, 31)), has.slice(0, 31), 2).good.length).toBe(4);
});
