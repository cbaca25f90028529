import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dominates, paretoFront, paretoRanks } from '../../../src/base/numeric/pareto.ts';

const rows = (columns: number) => fc.array(fc.array(fc.nat(6), { minLength: columns, maxLength: columns }));

describe('paretoFront', () => {
  test('keeps what nobody beats', () => {
    expect(
      paretoFront([
        [1, 2],
        [2, 1],
        [2, 2],
      ]),
    ).toEqual([0, 1]);
  });

  test('keeps the best of one column, all of them when they tie', () => {
    expect(paretoFront([[3], [1], [2], [1]])).toEqual([1, 3]);
  });

  test('nothing gives nothing, and without columns nobody is better', () => {
    expect(paretoFront([])).toEqual([]);
    expect(paretoFront([[], []])).toEqual([0, 1]);
  });

  test('a NaN is never on the front, and beats nobody', () => {
    expect(
      paretoFront([
        [Number.NaN, 0],
        [5, 5],
      ]),
    ).toEqual([1]);
    expect(paretoFront([[Number.NaN, 0]])).toEqual([]);
  });

  test('infinities are values like others', () => {
    expect(
      paretoFront([
        [-Infinity, 3],
        [0, Infinity],
        [0, 2],
      ]),
    ).toEqual([0, 2]);
  });

  test('property: no row of the front is dominated, and every other row is dominated by one of the front', () => {
    fc.assert(
      fc.property(rows(3), (losses) => {
        const front = paretoFront(losses);
        losses.forEach((row, index) => {
          const beaten = front.some((member) => dominates(losses[member] ?? [], row));
          expect(beaten).toBe(!front.includes(index));
        });
      }),
    );
  });

  test('property: the front does not depend on the order, nor on the scale of a column', () => {
    fc.assert(
      fc.property(rows(2), (losses) => {
        const values = (front: readonly number[]) => front.map((index) => JSON.stringify(losses[index])).sort();
        const reversed = paretoFront([...losses].reverse()).map((index) => losses.length - 1 - index);
        expect(values(reversed)).toEqual(values(paretoFront(losses)));
        expect(paretoFront(losses.map(([x = 0, y = 0]) => [x * 1e9, Math.exp(y)]))).toEqual(paretoFront(losses));
      }),
    );
  });
});

test('property: dominance is irreflexive, asymmetric and transitive', () => {
  const point = fc.array(fc.nat(4), { minLength: 2, maxLength: 2 });
  fc.assert(
    fc.property(point, point, point, (a, b, c) => {
      expect(dominates(a, a)).toBe(false);
      if (dominates(a, b)) expect(dominates(b, a)).toBe(false);
      if (dominates(a, b) && dominates(b, c)) expect(dominates(a, c)).toBe(true);
    }),
  );
});

describe('paretoRanks', () => {
  test('the example of its docs, twins, and nothing', () => {
    const rows = [
      [1, 2],
      [2, 2],
      [2, 1],
      [3, 3],
      [2, 2],
    ];
    expect([...paretoRanks(rows)]).toEqual([0, 1, 0, 2, 1]);
    expect([...paretoRanks([]), ...paretoRanks([[3], [1], [3]]), ...paretoRanks([[], []])]).toEqual([1, 0, 1, 0, 0]);
  });

  test.each([1, 2, 3])('property: with %i columns, front after front is what paretoFront leaves', (columns) => {
    fc.assert(
      fc.property(rows(columns), (losses) => {
        const ranks = paretoRanks(losses);
        let left = [...losses.keys()];
        for (let rank = 0; left.length > 0; rank++) {
          const front = paretoFront(left.map((index) => losses[index] as readonly number[])).map((i) => left[i] as number);
          expect(front.map((index) => ranks[index])).toEqual(front.map(() => rank));
          left = left.filter((index) => !front.includes(index));
        }
      }),
    );
  });
});
