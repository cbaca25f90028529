import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hypervolume, hypervolume2d } from '../../../src/base/numeric/hypervolume.ts';

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

describe('hypervolume, of any number of objectives', () => {
  const STAIRS = [
    [1, 2, 3],
    [3, 1, 2],
    [2, 3, 1],
    [2, 2, 2],
  ];
  const FOUR = [
    [1, 2, 3, 4],
    [4, 3, 2, 1],
    [2, 2, 2, 2],
    [1, 4, 4, 1],
  ];
  test('known volumes', () => {
    const flat = [
      [1, 5],
      [2, 3],
      [3, 2],
      [5, 1],
    ];
    expect([hypervolume(flat, [6, 6]), hypervolume(STAIRS, [4, 4, 4]), hypervolume(FOUR, [5, 5, 5, 5])]).toEqual([17, 14, 98]);
    expect([hypervolume([[3], [1]], [4]), hypervolume([], [1, 1, 1]), hypervolume([[1, 0, 0]], [1, 1, 1])]).toEqual([3, 0, 0]);
    const identity = Array.from({ length: 4 }, (_, i) => [0, 1, 2, 3].map((j) => Number(i === j)));
    expect(hypervolume(identity, [10, 10, 10, 10])).toBe(10 ** 4 - 1);
  });

  test('property: it counts grid cells, like the slow way', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5), fc.nat(5), fc.nat(5)), { maxLength: 8 }), (points) => {
        const side = [0, 1, 2, 3];
        const isIn = (cell: readonly number[]): boolean => points.some((point) => point.every((x, i) => x <= (cell[i] as number)));
        const cells = side.flatMap((x) => side.flatMap((y) => side.map((z) => [x, y, z]))).filter(isIn).length;
        expect(hypervolume(points, [4, 4, 4])).toBe(cells);
      }),
    );
  });
});
