import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linearFit } from '../../src/analysis/linear-fit.ts';
import { rng } from '../../src/base/rng.ts';

describe('linearFit', () => {
  test('the line through three points on a line', () => {
    expect(linearFit([1, 2, 3], [2, 4, 6])).toMatchObject({ slope: 2, intercept: 0, r: 1, n: 3, omitted: 0, interval: [2, 2], p: 0 });
  });

  test('agrees with another implementation: slope, interval, test and band', () => {
    const fit = linearFit([1, 2, 3, 5, 8, 9], [2.1, 3.9, 6.2, 9.1, 17, 17.5], { points: 3 });
    expect(fit.slope).toBeCloseTo(2.008125, 12);
    expect(fit.intercept).toBeCloseTo(-0.07125, 12);
    expect(fit.r).toBeCloseTo(0.9951308556808849, 12);
    expect(fit.p).toBeCloseTo(3.55051293848551e-5, 15);
    expect(fit.interval[0]).toBeCloseTo(1.732015301272176, 10);
    expect(fit.interval[1]).toBeCloseTo(2.2842346987278233, 10);
    expect(fit.band.map(({ x }) => x)).toEqual([1, 5, 9]);
    expect(fit.band[0]?.lower).toBeCloseTo(0.6320314711921551, 10);
    expect(fit.band[0]?.upper).toBeCloseTo(3.2417185288078425, 10);
    expect(fit.band[2]?.lower).toBeCloseTo(16.54956248132272, 10);
    expect(fit.band[2]?.upper).toBeCloseTo(19.454187518677276, 10);
  });

  test('what is null, NaN or infinite is left out, with its partner', () => {
    const fit = linearFit([1, 2, 3, 4, null, 6, 7], [2, 4, 6, Number.NaN, 3, Infinity, null]);
    expect(fit).toMatchObject({ slope: 2, n: 3, omitted: 4 });
    expect(fit.band.at(-1)?.x).toBe(3);
  });

  test('two pairs make a line without an interval', () => {
    const fit = linearFit([0, 1], [1, 3], { points: 2 });
    expect(fit).toMatchObject({ slope: 2, intercept: 1, n: 2, interval: [Number.NaN, Number.NaN], p: Number.NaN });
    expect(fit.band).toEqual([
      { x: 0, y: 1, lower: Number.NaN, upper: Number.NaN },
      { x: 1, y: 3, lower: Number.NaN, upper: Number.NaN },
    ]);
  });

  test('a metric that never changes has slope 0, no correlation, and nothing to conclude', () => {
    expect(linearFit([1, 2, 3, 4], [5, 5, 5, 5])).toMatchObject({ slope: 0, r: Number.NaN, p: 1, interval: [0, 0] });
  });

  test.each<[string, readonly (number | string | null)[], readonly (number | null)[], string, string]>([
    ['only NaN', [1, 2, 3], [Number.NaN, Number.NaN, Number.NaN], 'DATA_INSUFFICIENT', 'expected at least 2 pairs of finite numbers, got 0 in 3 rows'],
    ['no rows', [], [], 'DATA_INSUFFICIENT', 'got 0 in 0 rows'],
    ['one distinct x', [3, 3, 3], [1, 2, 3], 'DATA_INSUFFICIENT', 'expected at least 2 distinct x, got 3 in all 3 pairs'],
    ['a text', [1, 'relu', 3], [1, 2, 3], 'DATA_INSUFFICIENT', 'expected numbers in x, got "relu" in row 1'],
    ['other lengths', [1, 2], [1], 'OPTION_RANGE', 'expected x and y of one length, got 2 and 1'],
  ])('%s: says what and where', (_case, x, y, code, message) => {
    expect(() => linearFit(x, y)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(`linearFit: `) }));
    expect(() => linearFit(x, y)).toThrow(message);
  });

  test('refuses wrong options', () => {
    expect(() => linearFit([1, 2], [1, 2], { confidence: 95 })).toThrow('expected confidence to be above 0 and below 1, got 95');
    expect(() => linearFit([1, 2], [1, 2], { points: 1 })).toThrow('OPTION_RANGE');
    expect(() => linearFit([1, 2], [1, 2], { point: 3 } as never)).toThrow('Did you mean "points"?');
  });

  test('the interval holds the true slope, and the band the true line, as often as they say', () => {
    const random = rng(1);
    const x = Array.from({ length: 12 }, (_, i) => i);
    let [slopes, lines] = [0, 0];
    for (let run = 0; run < 2000; run++) {
      const { interval, band } = linearFit(
        x,
        x.map((value) => 3 + 0.5 * value + random.normal()),
        { confidence: 0.9, points: 2 },
      );
      if (interval[0] <= 0.5 && 0.5 <= interval[1]) slopes++;
      if ((band[0]?.lower as number) <= 3 && 3 <= (band[0]?.upper as number)) lines++;
    }
    expect(slopes / 2000).toBeCloseTo(0.9, 1.6);
    expect(lines / 2000).toBeCloseTo(0.9, 1.6);
  });

  const number = fc.integer({ min: -100, max: 100 });
  test('scaling y scales slope and interval, shifting moves only the intercept, and order does not matter', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number), { minLength: 3, maxLength: 30 }), fc.integer({ min: 1, max: 9 }), number, (pairs, scale, shift) => {
        fc.pre(new Set(pairs.map(([x]) => x)).size > 1);
        const [x, y] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
        const fit = linearFit(x, y);
        const other = linearFit(
          [...x].reverse(),
          [...y].reverse().map((value) => scale * value + shift),
        );
        expect(other.slope).toBeCloseTo(scale * fit.slope, 6);
        expect(other.intercept).toBeCloseTo(scale * fit.intercept + shift, 6);
        expect(other.interval[1]).toBeCloseTo(scale * fit.interval[1], 6);
        expect(fit.interval[0]).toBeLessThanOrEqual(fit.slope);
        for (const { y: line, lower, upper } of fit.band) expect(lower <= line && line <= upper).toBe(true);
      }),
    );
  });
});
