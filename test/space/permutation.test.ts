import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rng } from '../../src/base/rng.ts';
import { permutation } from '../../src/space/permutation.ts';

test('property: every number once, whatever the size', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3000 }), fc.integer(), (size, seed) => {
      const order = permutation(rng(seed), BigInt(size));
      const seen = new Set(Array.from({ length: size }, (_, k) => order(BigInt(k))));
      expect(seen.size).toBe(size);
      expect([...seen].every((value) => value >= 0n && value < BigInt(size))).toBe(true);
    }),
    { numRuns: 40 },
  );
});

test('property: large sizes stay inside, and never repeat', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 3000n, max: 2n ** 200n }), fc.integer(), (size, seed) => {
      const order = permutation(rng(seed), size);
      const seen = new Set(Array.from({ length: 200 }, (_, k) => order(BigInt(k))));
      expect(seen.size).toBe(200);
      expect([...seen].every((value) => value >= 0n && value < size)).toBe(true);
    }),
    { numRuns: 40 },
  );
});

test('every order of three is equally likely', () => {
  const orders = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    const order = permutation(rng(1).fork(i), 3n);
    const name = [0n, 1n, 2n].map(order).join('');
    orders.set(name, (orders.get(name) ?? 0) + 1);
  }
  expect([...orders.keys()].sort()).toEqual(['012', '021', '102', '120', '201', '210']);
  for (const count of orders.values()) expect(Math.abs(count - 1000)).toBeLessThan(120);
});

test('the k-th of a large set is equally likely to be anywhere, and not near its neighbour', () => {
  const size = 1_000_003;
  const tenths = Array.from({ length: 10 }, () => 0);
  let gaps = 0;
  const order = permutation(rng(4), BigInt(size));
  for (let k = 0; k < 10_000; k++) {
    const value = Number(order(BigInt(k)));
    const tenth = Math.floor((value / size) * 10);
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    gaps += Math.abs(value - Number(order(BigInt(k + 1)))) / size;
  }
  for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(120);
  expect(gaps / 10_000).toBeCloseTo(1 / 3, 1);
});

test('each element can be had alone', () => expect([0n, 1n, 2n].map((k) => permutation(rng(2), 3n)(k)).sort()).toEqual([0n, 1n, 2n]));
