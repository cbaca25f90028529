import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rng } from '../../src/base/rng.ts';
import {
  choice,
  expr,
  lograndint,
  loguniform,
  qlograndint,
  qloguniform,
  qrandint,
  qrandn,
  quniform,
  randint,
  randn,
  uniform,
} from '../../src/space/domains.ts';
import { fromUnit } from '../../src/space/from-unit.ts';
import { draw, quantile } from '../../src/space/numeric.ts';
import { compileSpace } from '../../src/space/space.ts';

const almostOne = 1 - 2 ** -53;

describe('the quantiles of a domain', () => {
  test.each([
    [uniform(-1, 3), -1, 1, 3],
    [loguniform(1e-4, 1), 1e-4, 1e-2, 1],
    [quniform(0, 0.5, 0.1), 0, 0.3, 0.5],
    [qloguniform(8, 128, 8), 8, 32, 128],
    [randint(0, 9), 0, 4, 8],
    [lograndint(1, 10), 1, 3, 9],
    [qrandint(10, 50, 10), 10, 30, 50],
    [qlograndint(1, 9), 1, 3, 9],
  ] as const)('%o: the lowest, the middle and the highest', (domain, lowest, middle, highest) => {
    expect(quantile(domain, 0)).toBeCloseTo(lowest, 12);
    expect(quantile(domain, 0.5)).toBeCloseTo(middle, 12);
    expect(quantile(domain, almostOne)).toBeCloseTo(highest, 12);
    const ascending = Array.from({ length: 200 }, (_, i) => quantile(domain, i / 200));
    expect(ascending).toEqual(ascending.toSorted((a, b) => a - b));
  });

  test('one of a uniform number is a draw', () => {
    for (const domain of [uniform(-1, 3), loguniform(1e-4, 1), qloguniform(8, 128, 8), randint(0, 9), lograndint(1, 10)]) {
      expect(quantile(domain, rng(1).next())).toBe(draw(domain, rng(1)));
    }
  });
});

describe('fromUnit', () => {
  const space = compileSpace({ x: uniform(0, 8), net: choice([{ units: randint(1, 5) }, 'linear']), twice: expr('2 * x') });

  test('takes each parameter at its coordinate, and computes what follows', () => {
    expect(fromUnit(space, (i) => [0.25, 0.4, 0.99][i] as number)).toEqual({ x: 2, net: { units: 4 }, twice: 4 });
  });

  test('asks for the coordinates of the parameters that the configuration has', () => {
    const asked: string[] = [];
    const at = (i: number): number => {
      asked.push(space.parameters[i]?.name ?? '');
      return 0.5;
    };
    expect(fromUnit(space, at)).toEqual({ x: 4, net: 'linear', twice: 8 });
    expect(asked).toEqual(['x', 'net']);
  });

  test('every option has a part of the range', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.double({ min: 0, max: almostOne, noNaN: true }), (count, u) => {
        const options = compileSpace({ c: choice(Array.from({ length: count }, (_, i) => i)) });
        expect(fromUnit(options, () => u)).toEqual({ c: Math.floor(u * count) });
      }),
    );
  });

  test.each([randn(0, 1), qrandn(0, 1, 0.5)])('refuses $kind, which has no ends', (domain) => {
    expect(() => fromUnit(compileSpace({ x: domain }), () => 0.5)).toThrow(`fromUnit: expected domains with two ends, got ${domain.kind}.`);
  });
});
