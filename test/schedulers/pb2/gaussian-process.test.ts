import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Belief, fitKernel, type Kernel, type Point, posterior } from '../../../schedulers/pb2/gaussian-process.ts';
import { rng } from '../../../src/base/rng.ts';

/** The formula of the kernel as it stands in the paper. */
function similarity({ lengthscale, forgetting }: Kernel, a: Point, b: Point): number {
  const square = a.at.map((x, i) => (x - (b.at[i] as number)) ** 2).reduce((sum, d) => sum + d, 0);
  return Math.exp(-square / (2 * lengthscale ** 2)) * (1 - forgetting) ** (Math.abs(a.time - b.time) / 2);
}

/** Solves A x = b by elimination with pivots. */
function solve(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const rows = a.map((row, i) => [...row, b[i] as number]);
  for (let i = 0; i < rows.length; i++) {
    const pivot = rows.slice(i).reduce((best, row, k) => (Math.abs(row[i] as number) > Math.abs(rows[best]?.[i] as number) ? i + k : best), i);
    [rows[i], rows[pivot]] = [rows[pivot] as number[], rows[i] as number[]];
    const upper = rows[i] as number[];
    for (const [k, row] of rows.entries()) {
      if (k === i) continue;
      const factor = (row[i] as number) / (upper[i] as number);
      for (let j = i; j < row.length; j++) row[j] = (row[j] as number) - factor * (upper[j] as number);
    }
  }
  return rows.map((row, i) => (row.at(-1) as number) / (row[i] as number));
}

/** Slow and obvious: k (K + noise)⁻¹ y, and 1 - k (K + noise)⁻¹ k, the deviation by more points than the mean. */
function oracle(points: readonly Point[], values: readonly number[], kernel: Kernel, point: Point): Belief {
  const matrix = (some: readonly Point[]): number[][] => some.map((a, i) => some.map((b, j) => similarity(kernel, a, b) + (i === j ? kernel.noise : 0)));
  const near = (some: readonly Point[]): number[] => some.map((one) => similarity(kernel, one, point));
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
  const known = points.slice(0, values.length);
  return {
    mean: dot(near(known), solve(matrix(known), values)),
    deviation: Math.sqrt(Math.max(0, 1 - dot(near(points), solve(matrix(points), near(points))))),
  };
}

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const worlds = fc.integer({ min: 1, max: 3 }).chain((dimensions) => {
  const point = fc.record({ time: fc.double({ min: 0, max: 20, noNaN: true }), at: fc.array(unit, { minLength: dimensions, maxLength: dimensions }) });
  return fc.record({
    known: fc.array(fc.tuple(point, fc.double({ min: -2, max: 2, noNaN: true })), { minLength: 1, maxLength: 12 }),
    pending: fc.array(point, { maxLength: 5 }),
    asked: point,
    kernel: fc.record({ lengthscale: fc.constantFrom(0.1, 0.4, 1.6), forgetting: fc.constantFrom(0, 0.1, 0.4), noise: fc.constantFrom(0.01, 0.3, 1) }),
  });
});

describe('the posterior of the Gaussian process', () => {
  test('is that of the formula, solved by elimination', () => {
    fc.assert(
      fc.property(worlds, ({ known, pending, asked, kernel }) => {
        const points = [...known.map(([point]) => point), ...pending];
        const values = known.map(([, value]) => value);
        const expected = oracle(points, values, kernel, asked);
        const { mean, deviation } = posterior(points, values, kernel)(asked);
        expect(mean).toBeCloseTo(expected.mean, 6);
        expect(deviation ** 2).toBeCloseTo(expected.deviation ** 2, 6);
      }),
      { numRuns: 500 },
    );
  });

  test('what is pending lowers the deviation, nowhere raises it, and leaves the mean', () => {
    fc.assert(
      fc.property(worlds, ({ known, pending, asked, kernel }) => {
        const points = known.map(([point]) => point);
        const values = known.map(([, value]) => value);
        const [without, withThem] = [posterior(points, values, kernel), posterior([...points, ...pending, asked], values, kernel)];
        expect(withThem(asked).mean).toBe(without(asked).mean);
        expect(withThem(asked).deviation).toBeLessThanOrEqual(without(asked).deviation + 1e-9);
      }),
    );
  });

  test('far from all that is known it is 0, give or take 1', () => {
    const there = posterior([{ time: 0, at: [0] }], [2], { lengthscale: 0.1, forgetting: 0, noise: 0.01 })({ time: 0, at: [1] });
    expect(there.mean).toBeCloseTo(0);
    expect(there.deviation).toBeCloseTo(1);
  });

  test('what is long ago counts less', () => {
    const now = (time: number): number => posterior([{ time, at: [0] }], [2], { lengthscale: 1, forgetting: 0.2, noise: 0.01 })({ time: 10, at: [0] }).mean;
    expect([now(10), now(8), now(0)]).toEqual([expect.closeTo(2 / 1.01, 9), expect.closeTo((2 / 1.01) * 0.8, 9), expect.closeTo((2 / 1.01) * 0.8 ** 5, 9)]);
  });
});

describe('the kernel that is fitted', () => {
  const draws = rng(3);
  const points = Array.from({ length: 60 }, (_, i): Point => ({ time: i / 4, at: [draws.next()] }));
  const fitted = (value: (x: number, time: number) => number): Kernel =>
    fitKernel(
      points,
      points.map(({ at: [x = 0], time }) => value(x, time)),
    );

  test('is long for what is smooth, and short for what is not', () => {
    expect(fitted((x) => 2 * x - 1).lengthscale).toBeGreaterThan(fitted((x) => Math.sin(20 * x)).lengthscale);
  });

  test('forgets what changes, and nothing of what does not', () => {
    expect(fitted((x) => Math.sin(4 * x)).forgetting).toBe(0);
    expect(fitted((x, time) => Math.sin(4 * x + time)).forgetting).toBeGreaterThan(0);
  });

  test('takes for noise what is noise', () => {
    const noise = rng(4);
    expect(fitted((x) => Math.sin(4 * x)).noise).toBe(0.01);
    expect(fitted(() => noise.normal()).noise).toBeGreaterThanOrEqual(0.3);
  });
});
