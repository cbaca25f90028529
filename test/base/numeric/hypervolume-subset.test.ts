import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hypervolume } from '../../../src/base/numeric/hypervolume.ts';
import { hypervolumeSubset } from '../../../src/base/numeric/hypervolume-subset.ts';

describe('hypervolumeSubset', () => {
  test.each([
    ['two objectives', '15 23 32 51', [6, 6], [1, 2]],
    ['three objectives', '123 312 231 222', [4, 4, 4], [3, 0]],
    ['four objectives', '1234 4321 2222 1441', [5, 5, 5, 5], [2, 3]],
  ])('%s: the two that dominate most', (_name, points, ref, picks) => {
    const rows = points.split(' ').map((row) => [...row].map(Number));
    expect(hypervolumeSubset(rows, 2, ref)).toEqual(picks);
  });

  test('all, none, twins, and volumes that overflow', () => {
    const twins = [
      [1, 1],
      [1, 1],
      [0, 2],
    ];
    expect(hypervolumeSubset(twins, 3, [4, 4])).toEqual([0, 2, 1]);
    expect(hypervolumeSubset(twins, 0, [4, 4])).toEqual([]);
    expect(hypervolumeSubset(twins, 2, [Infinity, 4])).toEqual([0, 1]);
    const huge = [
      [-1e308, 1e308],
      [1e308, -1e308],
    ];
    expect(hypervolumeSubset(huge, 2, [1.1e308, 1.1e308]).toSorted()).toEqual([0, 1]);
  });

  test('property: each pick adds the most that any can', () => {
    const three = fc.array(fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(three, (points) => {
        const ref = [10, 10, 10];
        const picks = hypervolumeSubset(points, points.length, ref);
        expect(new Set(picks).size).toBe(points.length);
        picks.forEach((pick, i) => {
          const before = picks.slice(0, i).map((index) => points[index] as readonly number[]);
          const gains = points.map((point, index) => (picks.slice(0, i).includes(index) ? -1 : hypervolume([...before, point], ref)));
          expect(gains[pick]).toBe(Math.max(...gains));
        });
      }),
    );
  });
});
