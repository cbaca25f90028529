import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { correlations } from '../../src/analysis/correlations.ts';
import { interactions } from '../../src/analysis/interactions.ts';
import { ranksOf } from '../../src/analysis/ranks.ts';
import { rng } from '../../src/base/rng.ts';

describe('correlations', () => {
  const x = [1, 2, 3, 4, 5, 6, 7];
  const y = [2, 1, 4, 3, 7, 8, 5];

  test('agrees with another implementation', () => {
    const [found] = correlations(x.map((value, i) => ({ x: value, y: y[i] as number })));
    expect(found).toMatchObject({ a: 'x', b: 'y', n: 7 });
    expect(found?.pearson).toBeCloseTo(0.7825080450574998, 12);
    expect(found?.spearman).toBeCloseTo(0.8214285714285715, 12);
    expect(found?.p.pearson).toBeCloseTo(0.03753960252243361, 10);
    expect(found?.p.spearman).toBeCloseTo(0.0234488083456915, 10);
  });

  test('each pair over the rows that have both, the strongest first', () => {
    const rows = [
      { a: 1, b: 2, c: 1 },
      { a: 2, b: 4 },
      { a: 3, b: 6, c: 1 },
      { a: 4, c: 7 },
      { a: 5, b: null, c: Number.NaN },
    ];
    expect(correlations(rows).map(({ a, b, n }) => [a, b, n])).toEqual([
      ['a', 'b', 3],
      ['a', 'c', 3],
      ['b', 'c', 2],
    ]);
    expect(correlations(rows)[2]?.pearson).toBeNaN();
  });

  test('texts are no column of numbers, and a constant correlates with nothing', () => {
    const rows = x.map((value) => ({ 'config/lr': value, loss: -value, name: 'a', constant: 3 }));
    expect(correlations(rows).map(({ a, b }) => [a, b])).toEqual([['config/lr', 'loss']]);
    expect(correlations(rows, { columns: ['lr', 'constant'] })[0]?.pearson).toBeNaN();
    expect(() => correlations(rows, { columns: ['lr', 'name'] })).toThrow('correlations: expected numbers in the column "name", got "a" in row 0');
    expect(() => correlations([{ a: 1 }])).toThrow('correlations: expected at least 2 columns of numbers, got none in 1 rows');
    expect(() => correlations(rows, { columns: ['lr', 'los'] })).toThrow('COLUMN_UNKNOWN');
  });

  test('Spearman only sees the order, Pearson not the units', () => {
    const value = fc.integer({ min: -20, max: 20 });
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 3, maxLength: 20 }), (pairs) => {
        const of = (f: (n: number) => number) =>
          correlations(
            pairs.map(([a, b]) => ({ a: f(a), b })),
            { columns: ['a', 'b'] },
          )[0];
        const [plain, warped, scaled] = [of((n) => n), of((n) => n ** 3), of((n) => 3 * n + 7)];
        expect(warped?.spearman).toBeCloseTo(plain?.spearman ?? 0, 12);
        expect(scaled?.pearson).toBeCloseTo(plain?.pearson ?? 0, 9);
      }),
    );
  });

  test('ranks of equal values are their mean', () => {
    expect(ranksOf([10, 30, 20, 20])).toEqual([1, 4, 2.5, 2.5]);
  });
});

describe('interactions', () => {
  const random = rng(7);
  const rows = Array.from({ length: 120 }, () => {
    const [a, b, c, kind, mode] = [random.next(), random.next(), random.next(), ['x', 'y', 'z'][random.int(3)] as string, ['s', 't'][random.int(2)] as string];
    return {
      a,
      b,
      c,
      kind,
      mode,
      loss: 0.5 * a * b + 0.5 * c ** 2 + (kind === 'x' ? 3 * c : 0) + (kind === 'y' && mode === 's' ? 2 : 0) + 0.3 * random.normal(),
    };
  });

  test('finds products of numbers, slopes that depend on a category, and pairs of categories', () => {
    const found = interactions(rows, { metric: 'loss', numericalAttributes: ['a', 'b', 'c'], categoricalAttributes: ['kind', 'mode'] });
    expect(found).toHaveLength(10);
    expect(
      found
        .slice(0, 2)
        .map(({ a, b }) => `${a} ${b}`)
        .sort(),
    ).toEqual(['c kind', 'kind mode']);
    expect(found.filter(({ p }) => p < 0.001).length).toBeGreaterThanOrEqual(2);
    expect(found.every(({ n, share }) => n === 120 && share >= 0 && share <= 1)).toBe(true);
    const alone = interactions(
      rows.map((row) => ({ ...row, loss: row.a * row.b })),
      { metric: 'loss', numericalAttributes: ['a', 'b', 'c'] },
    );
    expect(alone[0]).toMatchObject({ a: 'a', b: 'b', p: expect.closeTo(0, 9) });
  });

  test('effects that add up, curved ones too, are no interaction', () => {
    const added = rows.map((row) => ({ ...row, loss: row.a ** 2 + 3 * row.b + 0.1 * row.c }));
    expect(interactions(added, { metric: 'loss', numericalAttributes: ['a', 'b'] })[0]?.p).toBeGreaterThan(0.01);
  });

  test('too few rows: NaN', () => {
    expect(interactions(rows.slice(0, 10), { metric: 'loss', numericalAttributes: ['a', 'b'] })[0]).toMatchObject({ n: 10, p: Number.NaN, share: 0 });
  });
});
