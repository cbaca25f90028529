import { describe, expect, test } from 'vitest';
import { halton } from '../../algorithms/index.ts';
import { points } from './points.ts';

const PRIMES = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29];

/** The digits of a whole number in reverse order behind the point. */
const reversed = (index: number, base: number): number => (index === 0 ? 0 : ((index % base) + reversed(Math.floor(index / base), base)) / base);

test('not scrambled, a coordinate is the number of the point with its digits reversed behind the point, from the second point on', async () => {
  const all = await points(halton({ scramble: false }), 10, 100);
  expect(all[0]).toEqual(PRIMES.map((prime) => 1 / prime));
  for (const [i, point] of all.entries()) {
    for (const [k, base] of PRIMES.entries()) expect(point[k]).toBeCloseTo(reversed(i + 1, base), 14);
  }
  expect(all[99]?.[9]).toBeCloseTo(0.4518430439952438, 14); // as scipy.stats.qmc.Halton has it
});

describe('scrambled', () => {
  test('of each b^j points each b^-j of the range has exactly one, b being the prime of the parameter', async () => {
    const all = await points(halton(), 5, 343);
    for (const [k, base] of PRIMES.slice(0, 5).entries()) {
      for (let size = base; size <= all.length; size *= base) {
        for (let from = 0; from + size <= all.length; from += size) {
          const cells = all.slice(from, from + size).map((point) => Math.floor((point[k] as number) * size));
          expect(new Set(cells).size).toBe(size);
        }
      }
    }
  });

  test('every order of the digits is as likely as any other', async () => {
    const orders = new Map<string, number>();
    for (let seed = 0; seed < 1200; seed++) {
      const order = (await points(halton(), 2, 3, seed)).map((point) => Math.floor((point[1] as number) * 3)).join('');
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect([...orders.keys()].sort()).toEqual(['012', '021', '102', '120', '201', '210']);
    for (const times of orders.values()) expect(Math.abs(times - 200)).toBeLessThan(60);
  });

  test('in 200 dimensions no two of 64 points share a cell of the 200th prime', async () => {
    const all = await points(halton(), 200, 64);
    expect(new Set(all.map((point) => Math.floor((point[199] as number) * 1223))).size).toBe(64);
  });
});
