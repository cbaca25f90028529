import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hypervolume2d } from '../../../src/base/numeric/hypervolume.ts';

test('hypervolume2d: the example of its docs', () => {
  expect(
    hypervolume2d(
      [
        [1, 2],
        [2, 1],
      ],
      [3, 3],
    ),
  ).toBe(3);
});

test('hypervolume2d: no point, or none better than the reference, is 0', () => {
  expect(hypervolume2d([], [1, 1])).toBe(0);
  expect(
    hypervolume2d(
      [
        [1, 0],
        [0, 1],
        [2, 2],
        [Number.NaN, 0],
      ],
      [1, 1],
    ),
  ).toBe(0);
});

test('hypervolume2d: an infinitely good point', () => {
  expect(
    hypervolume2d(
      [
        [-Infinity, 0],
        [-Infinity, 0],
      ],
      [1, 1],
    ),
  ).toBe(Infinity);
  expect(
    hypervolume2d(
      [
        [0, -Infinity],
        [0.5, -Infinity],
      ],
      [1, 1],
    ),
  ).toBe(Infinity);
});

test('hypervolume2d: refuses a reference that is not finite', () => {
  expect(() => hypervolume2d([[0, 0]], [1, Infinity])).toThrowError(expect.objectContaining({ code: 'OPTION_RANGE' }));
});

test('property: hypervolume2d counts grid cells, like the slow way', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(9), fc.nat(9))), (points) => {
      let cells = 0;
      for (let x = 0; x < 8; x++) for (let y = 0; y < 8; y++) if (points.some(([px, py]) => px <= x && py <= y)) cells++;
      expect(hypervolume2d(points, [8, 8])).toBe(cells);
    }),
  );
});
