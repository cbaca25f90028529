import { describe, expect, test } from 'vitest';
import { lbfgs } from '../../../src/base/numeric/lbfgs.ts';

const line = (n: number, value: number): Float64Array => new Float64Array(n).fill(value);
const free = { low: line(2, -Infinity), high: line(2, Infinity), evaluations: 200, tolerance: 1e-8 };

function valley(x: Float64Array, gradient: Float64Array): number {
  const [a, b] = [x[0] as number, x[1] as number];
  gradient[0] = -400 * a * (b - a * a) - 2 * (1 - a);
  gradient[1] = 200 * (b - a * a);
  return 100 * (b - a * a) ** 2 + (1 - a) ** 2;
}

describe('lbfgs', () => {
  test('follows a curved valley to its end', async () => {
    const { x, value, evaluations } = await lbfgs(valley, Float64Array.of(-1.2, 1), free);
    expect([...x].map((one) => one.toFixed(5))).toEqual(['1.00000', '1.00000']);
    expect(value).toBeLessThan(1e-12);
    expect(evaluations).toBeLessThan(70);
  });

  test('stays within bounds, and finds the lowest point on them', async () => {
    const { x } = await lbfgs(valley, Float64Array.of(-1.2, 1), { ...free, high: Float64Array.of(0.5, 9) });
    expect(x[0]).toBe(0.5);
    expect(x[1]).toBeCloseTo(0.25, 6);
  });

  test('a start beyond the bounds is brought to them, and a coordinate at a bound comes away from it', async () => {
    const bowl = (x: Float64Array, gradient: Float64Array): number => {
      x.forEach((value, i) => {
        gradient[i] = 2 * (value - 0.5);
      });
      return x.reduce((sum, value) => sum + (value - 0.5) ** 2, 0);
    };
    const { x } = await lbfgs(bowl, Float64Array.of(7, 0), { ...free, low: line(2, 0), high: line(2, 1) });
    expect([...x]).toEqual([expect.closeTo(0.5, 7), expect.closeTo(0.5, 7)]);
  });

  test('evaluates no more often than it may, and never ends above the start', async () => {
    let count = 0;
    const counted = (x: Float64Array, gradient: Float64Array): number => {
      count++;
      return valley(x, gradient);
    };
    const { value, evaluations } = await lbfgs(counted, Float64Array.of(-1.2, 1), { ...free, evaluations: 5 });
    expect([count, evaluations]).toEqual([5, 5]);
    expect(value).toBeLessThanOrEqual(24.2);
  });

  test('where the function is not a number nothing is taken', async () => {
    const root = (x: Float64Array, gradient: Float64Array): number => {
      gradient[0] = 1 / (2 * Math.sqrt(x[0] as number));
      return Math.sqrt(x[0] as number);
    };
    const { x, value } = await lbfgs(root, Float64Array.of(4), { ...free, low: line(1, -9), high: line(1, 9) });
    expect(x[0]).toBeLessThan(4);
    expect(value).toBeLessThan(2);
    expect((await lbfgs(() => Number.NaN, Float64Array.of(4), { ...free, low: line(1, -9), high: line(1, 9) })).x[0]).toBe(4);
  });

  test('nothing to move is no problem', async () => {
    expect((await lbfgs(() => 3, new Float64Array(0), { ...free, low: line(0, 0), high: line(0, 0) })).value).toBe(3);
  });
});
