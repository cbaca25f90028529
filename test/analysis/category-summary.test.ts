import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { categorySummary } from '../../src/analysis/category-summary.ts';
import type { Json } from '../../src/base/json.ts';

const labels = (values: readonly Json[]): readonly string[] =>
  categorySummary(
    values,
    values.map((_, i) => i),
    'min',
  ).map(({ label }) => label);

describe('categorySummary', () => {
  test('mean, median, best, quartiles and n of each category', () => {
    const [elu, relu] = categorySummary(['relu', 'elu', 'relu', 'relu', 'relu', 'relu'], [0.1, 7, 0.5, 0.4, 0.9, 0.45], 'max');
    expect(elu).toMatchObject({ value: 'elu', label: 'elu', n: 1, mean: 7, median: 7, best: 7, quartiles: [7, 7, 7], deviation: Number.NaN });
    expect(relu).toMatchObject({ label: 'relu', n: 5, median: 0.45, best: 0.9, quartiles: [0.4, 0.45, 0.5], whiskers: [0.4, 0.5] });
    expect(relu?.mean).toBeCloseTo(0.47, 12);
    expect(relu?.deviation).toBeCloseTo(0.2863564212655271, 12);
    expect(categorySummary(['a', 'a'], [1, 2], 'min')[0]?.best).toBe(1);
  });

  test('the outline of a violin agrees with another implementation', () => {
    const density = categorySummary(['a', 'a', 'a', 'a', 'a'], [0.1, 0.5, 0.4, 0.9, 0.45], 'max', { points: 5 })[0]?.density ?? [];
    expect(density[0]?.at).toBeCloseTo(-0.31509062139355437, 10);
    expect(density[4]?.at).toBeCloseTo(1.3150906213935545, 10);
    const expected = [0.053646928975499525, 0.6557074202583266, 1.2202146840972778, 0.49347117115239814, 0.052288153455134954];
    for (const [i, value] of expected.entries()) expect(density[i]?.density).toBeCloseTo(value, 10);
  });

  test('one value, or equal ones, have a point for an outline', () => {
    expect(categorySummary(['a', 'b', 'b'], [1, 3, 3], 'min').map(({ density }) => density)).toEqual([[{ at: 1, density: 1 }], [{ at: 3, density: 1 }]]);
  });

  test('null is None, unless a text is called so', () => {
    expect(labels([null, 'None'])).toEqual(['Type(None)', 'None']);
    expect(labels([null, 'a'])).toEqual(['None', 'a']);
    expect(labels(['None', null, 'Type(None)'])).toEqual(['Type(Type(None))', 'None', 'Type(None)']);
  });

  test('nothing is lost: 0, false, the empty text, NaN and lists are categories', () => {
    expect(labels([null, 'None', 0, false, '', Number.NaN, [1, 2], true, -1])).toEqual([
      'Type(None)',
      'false',
      'true',
      '-1',
      '0',
      'NaN',
      '""',
      'None',
      '[1,2]',
    ]);
  });

  test('texts that read like other values are in quotes', () => {
    expect(labels([1, '1', 'true', true, 'x'])).toEqual(['true', '1', '"1"', '"true"', 'x']);
    expect(labels(['"1"', '1', 1])).toEqual(['1', '"\\"1\\""', '"1"']);
  });

  test('equal objects are one category, whatever the order of their keys', () => {
    expect(
      labels([
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ]),
    ).toEqual(['{"a":1,"b":2}']);
  });

  test('diverged trials are counted, and a category of them alone is there', () => {
    const [a, b] = categorySummary(['a', 'a', 'b'], [1, Number.NaN, Infinity], 'min');
    expect(a).toMatchObject({ n: 1, omitted: 1, mean: 1 });
    expect(b).toMatchObject({ label: 'b', n: 0, omitted: 1, mean: Number.NaN, best: Number.NaN, median: Number.NaN, density: [] });
  });

  test.each<[string, readonly Json[], readonly Json[], string]>([
    ['only NaN', ['a', 'b'], [Number.NaN, null], 'expected at least 1 finite values of the metric, got 0 in 2 rows'],
    ['no rows', [], [], 'got 0 in 0 rows'],
    ['a text', ['a', 'b'], [1, 'high'], 'expected numbers in the metric, got "high" in row 1'],
    ['other lengths', ['a'], [1, 2], 'expected values and metric of one length, got 1 and 2'],
  ])('%s: says what and where', (_case, values, metric, message) => {
    expect(() => categorySummary(values, metric, 'max')).toThrow(`categorySummary: `);
    expect(() => categorySummary(values, metric, 'max')).toThrow(message);
  });

  test('refuses wrong options', () => {
    expect(() => categorySummary([1], [1], 'best' as never)).toThrow('METRIC_INVALID');
    expect(() => categorySummary([1], [1], 'min', { points: 0 })).toThrow('OPTION_RANGE');
    expect(() => categorySummary([1], [1], 'min', { cut: 2 } as never)).toThrow('OPTION_UNKNOWN');
  });

  const value = fc.oneof(fc.constantFrom<Json>(null, 'None', 'Type(None)', '', '"', '0', '"0"', 'NaN', '[]', 'true'), fc.jsonValue() as fc.Arbitrary<Json>);
  test('labels are distinct, no row is lost, and a density integrates to nearly 1', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 20 }), (values) => {
        const categories = categorySummary(
          values,
          values.map((_, i) => i ** 2),
          'min',
        );
        expect(new Set(categories.map(({ label }) => label)).size).toBe(categories.length);
        expect(categories.reduce((total, { n }) => total + n, 0)).toBe(values.length);
        for (const { density } of categories) {
          const step = (density[1]?.at ?? 0) - (density[0]?.at ?? 0);
          if (density.length > 1) expect(density.reduce((total, point) => total + point.density * step, 0)).toBeCloseTo(1, 0.9);
        }
      }),
    );
  });
});
