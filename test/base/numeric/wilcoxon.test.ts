import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalTail } from '../../../src/base/numeric/normal.ts';
import { wilcoxonGreater } from '../../../src/base/numeric/wilcoxon.ts';

describe('wilcoxonGreater', () => {
  // The values of scipy.stats.wilcoxon(d, alternative='greater', zero_method='zsplit').
  test.each<[readonly number[], number]>([
    [[-1, 1], 0.75],
    [[-1, 1, 2], 0.375],
    [[-1, 1, 2, 3], 0.1875],
    [[-1, 1, 2, 3, 4], 0.09375],
    [[-1, 1, 2, 3, 4, 5], 0.046875],
    [[-1, 1, 2, 3, 4, 5, -2], 0.0859375],
    [[-1, 1, 2, 3, 4, 5, -2, -3], 0.17578125],
    [[0, 0, 0, 0, 0], 1],
    [[0, 0, 1, 2, 3], 0.125],
    [[1, 1, 2, 2], 0.0625],
    [[], 1],
  ])('of %j is %d', (differences, p) => expect(wilcoxonGreater(differences)).toBe(p));

  test('of more than 50 it is that of the normal distribution', () => {
    const sixty = Array.from({ length: 60 }, (_, i) => (i + 1) * ([1, -1, 1][i % 3] as number));
    expect(wilcoxonGreater(sixty)).toBeCloseTo(0.012374795581897849, 15);
  });

  test('counted out or by the normal distribution is nearly the same where the one ends and the other begins', () => {
    for (const every of [2, 3]) {
      const fifty = Array.from({ length: 50 }, (_, i) => ((i + 1) % every === 0 ? -(i + 1) : i + 1));
      expect(Math.abs(Math.log(wilcoxonGreater([0, ...fifty]) / wilcoxonGreater(fifty)))).toBeLessThan(0.06);
    }
  });

  const some = fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 9 });

  test('law: it is the share of all signs that are at least as positive', () => {
    fc.assert(
      fc.property(some, (differences) => {
        const sizes = differences.map(Math.abs);
        const rank = (size: number): number => sizes.filter((other) => other < size).length + (sizes.filter((other) => other === size).length + 1) / 2;
        const sumOf = (signed: readonly number[]): number => signed.reduce((sum, one) => sum + (one > 0 ? rank(Math.abs(one)) : 0), 0);
        let all: number[][] = [[]];
        for (const size of sizes) all = all.flatMap((signs) => (size === 0 ? [[...signs, 0]] : [-size, size].map((one) => [...signs, one])));
        const share = all.filter((signed) => sumOf(signed) >= sumOf(differences)).length / all.length;
        expect(wilcoxonGreater(differences)).toBeCloseTo(share, 12);
      }),
    );
  });

  test('law: the order does not matter, nor the scale; one that is more positive makes it no larger', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 70 }), fc.nat(), (differences, at) => {
        const p = wilcoxonGreater(differences);
        expect(wilcoxonGreater(differences.toReversed())).toBeCloseTo(p, 12);
        expect(wilcoxonGreater(differences.map((one) => one * 4))).toBe(p);
        const place = at % differences.length;
        const flipped = differences.with(place, Math.abs(differences[place] as number));
        expect(wilcoxonGreater(flipped)).toBeLessThanOrEqual(p + 1e-12);
      }),
    );
  });
});

describe('normalTail', () => {
  test.each([
    [0, 0.5],
    [1, 0.15865525393145705],
    [1.959963984540054, 0.025],
    [2, 0.02275013194817921],
    [3, 0.0013498980316300933],
    [10, 7.61985302416047e-24],
    [-1, 0.8413447460685429],
    [Number.POSITIVE_INFINITY, 0],
    [Number.NEGATIVE_INFINITY, 1],
  ])('of %d is %d', (z, tail) => {
    if (tail === 0) expect(normalTail(z)).toBe(0);
    else expect(Math.abs(normalTail(z) / tail - 1)).toBeLessThan(3e-14);
  });

  test('of NaN is NaN', () => expect(normalTail(Number.NaN)).toBeNaN());
});
