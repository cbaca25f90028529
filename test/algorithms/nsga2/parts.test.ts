import { describe, expect, test } from 'vitest';
import { crowdingDistances } from '../../../algorithms/nsga2/crowding.ts';
import { eliteOf } from '../../../algorithms/nsga2/elite.ts';
import { crossNumbers, mutateNumber } from '../../../algorithms/nsga2/variation.ts';
import { rng } from '../../../src/base/rng.ts';
import { isWorst, WORST } from '../../../src/base/worst.ts';
import { axisOf, type NumericAxis } from '../../../src/space/axis.ts';
import { uniform } from '../../../src/space/domains.ts';
import { compileSpace, type Parameter } from '../../../src/space/space.ts';

describe('crowdingDistances', () => {
  test.each([
    ['one objective', [[5], [6], [9], [0]], [6 / 9, 4 / 9, Infinity, Infinity]],
    [
      'two',
      [
        [5, -1],
        [6, 0],
        [9, 1],
        [0, 2],
      ],
      [Infinity, 4 / 9 + 2 / 3, Infinity, Infinity],
    ],
    ['one point', [[3, 3]], [0]],
    [
      'equal points',
      [
        [1, 1],
        [1, 1],
        [1, 1],
      ],
      [0, 0, 0],
    ], // prettier-ignore
  ])('%s', (_name, points, distances) => {
    crowdingDistances(points).forEach((distance, i) => void expect(distance).toBeCloseTo(distances[i] as number, 12));
  });
});

describe('eliteOf', () => {
  const elite = (losses: readonly (readonly number[])[], size: number, violations: readonly number[] = []) => {
    const outcomes = losses.map((own, row) => ({ row, losses: own, violation: violations[row] ?? 0, isLost: own.some(isWorst) }));
    return eliteOf(outcomes, size).map(({ row }) => row);
  };
  test('front by front; of the last one those with most room', () => {
    expect(
      elite(
        [
          [3, 3],
          [0, 1],
          [1, 0],
          [4, 4],
        ],
        3,
      ).toSorted(),
    ).toEqual([0, 1, 2]); // prettier-ignore
    expect(
      elite(
        [
          [0, 10],
          [1, 9],
          [5, 5],
          [10, 0],
        ],
        3,
      ).toSorted(),
    ).toEqual([0, 2, 3]); // prettier-ignore
  });

  test('feasible first, and those that diverged last', () => {
    expect(elite([[0], [1], [2]], 2, [2, 1, 0])).toEqual([2, 1]);
    expect(
      elite(
        [
          [WORST, -5],
          [1, 1],
        ],
        1,
      ),
    ).toEqual([1]); // prettier-ignore
  });
});

describe('variation of numbers', () => {
  const axis = axisOf(compileSpace({ x: uniform(0, 1) }).parameters[0] as Parameter, 0) as NumericAxis;
  const many = Array.from({ length: 2000 }, (_, i) => rng(i));

  test('a crossing lies near a parent, within the bounds, and is as often near one as near the other', () => {
    const crossed = many.map((draws) => crossNumbers(axis, 0.2, 0.6, draws));
    expect(crossed.every((x) => x >= 0 && x <= 1)).toBe(true);
    const low = crossed.filter((x) => Math.abs(x - 0.2) < 0.1).length;
    const high = crossed.filter((x) => Math.abs(x - 0.6) < 0.1).length;
    expect(low + high).toBeGreaterThan(1900);
    expect(Math.abs(low - high)).toBeLessThan(200);
    expect(crossNumbers(axis, 0.5, 0.5, rng(0))).toBe(0.5);
  });

  test('a mutation is a step to either side, most often a small one', () => {
    const steps = many.map((draws) => mutateNumber(axis, 0.5, draws) - 0.5);
    expect(steps.filter((step) => Math.abs(step) < 0.2).length).toBeGreaterThan(1400);
    expect(Math.abs(steps.filter((step) => step > 0).length - 1000)).toBeLessThan(100);
    expect(Math.max(...steps.map(Math.abs))).toBeLessThanOrEqual(1);
  });
});
