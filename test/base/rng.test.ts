import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Rng } from '../../src/base/rng.ts';
import { rng } from '../../src/base/rng.ts';

const take = (stream: Rng, n = 5) => Array.from({ length: n }, () => stream.next());
const key = fc.array(fc.oneof(fc.string({ maxLength: 4 }), fc.integer(), fc.constantFrom('a/b', '/s1:a', 'n1:1')), { minLength: 1, maxLength: 4 });

describe('rng', () => {
  test('the same seed gives the same stream, another seed another', () => {
    expect(take(rng(7))).toEqual(take(rng(7)));
    expect(take(rng(7))).not.toEqual(take(rng(8)));
  });

  test('the streams of a seed never change: a stored experiment depends on them', () => {
    expect([take(rng(7), 2), take(rng(7).fork('trial', 3, 'lr'), 2)]).toMatchInlineSnapshot(`
      [
        [
          0.6443538481555029,
          0.1835673378404057,
        ],
        [
          0.9415241556901988,
          0.056847486794895485,
        ],
      ]
    `);
  });

  test('forking does not advance, and does not depend on what was drawn', () => {
    const root = rng(1);
    const before = take(root.fork('a'));
    take(root);
    expect(take(root.fork('a'))).toEqual(before);
    expect(take(root.fork('a', 1))).toEqual(take(root.fork('a').fork(1)));
  });

  test('property: different paths are different streams', () => {
    fc.assert(
      fc.property(key, key, (a, b) => {
        const equal = a.length === b.length && a.every((part, i) => part === b[i] || (part === 0 && b[i] === 0));
        expect(
          rng(1)
            .fork(...a)
            .next() ===
            rng(1)
              .fork(...b)
              .next(),
        ).toBe(equal);
      }),
    );
  });

  test('property: int stays inside, next in [0, 1)', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 2 ** 40 }), (seed, n) => {
        const stream = rng(seed);
        const drawn = stream.int(n);
        expect(Number.isInteger(drawn) && drawn >= 0 && drawn < n).toBe(true);
        const x = stream.next();
        expect(x >= 0 && x < 1).toBe(true);
      }),
    );
  });

  test('uniform and normal draws, over one stream and over many forks', () => {
    const root = rng(3);
    for (const draw of [(i: number) => root.fork('t', i).next(), () => root.next()]) {
      const tenths = new Array<number>(10).fill(0);
      for (let i = 0; i < 20_000; i++) {
        const tenth = Math.floor(draw(i) * 10);
        tenths[tenth] = (tenths[tenth] ?? 0) + 1;
      }
      const chi2 = tenths.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
      expect(chi2).toBeLessThan(27.9); // 9 degrees of freedom, p = 0.001
    }
    const normal = Array.from({ length: 20_000 }, () => root.normal());
    const mean = normal.reduce((a, b) => a + b) / normal.length;
    const variance = normal.reduce((sum, x) => sum + (x - mean) ** 2, 0) / normal.length;
    expect(mean).toBeCloseTo(0, 1);
    expect(variance).toBeCloseTo(1, 1);
    expect(normal.every(Number.isFinite)).toBe(true);
  });
});
