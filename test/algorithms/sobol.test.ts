import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sobol } from '../../algorithms/index.ts';
import { SOBOL_DIMENSIONS, SOBOL_UNIT, scrambleBits, sobolBits } from '../../algorithms/sobol/sequence.ts';
import { points } from './points.ts';

const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const count = <T>(values: readonly T[]): ReadonlyMap<T, number> => values.reduce((counts, value) => counts.set(value, (counts.get(value) ?? 0) + 1), new Map());

describe('the sequence', () => {
  /** Of another implementation with the same direction numbers (scipy.stats.qmc.Sobol, not scrambled). */
  test.each<readonly [number, readonly number[]]>([
    [1, [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]],
    [2, [0.75, 0.25, 0.25, 0.25, 0.75, 0.25, 0.75, 0.25, 0.25, 0.75]],
    [5, [0.875, 0.875, 0.125, 0.375, 0.375, 0.625, 0.375, 0.375, 0.375, 0.375]],
    [100, [0.4140625, 0.2578125, 0.7734375, 0.7265625, 0.4765625, 0.3359375, 0.8828125, 0.1328125, 0.9140625, 0.4609375]],
    [1023, [0.0009765625, 0.7529296875, 0.6123046875, 0.1455078125, 0.6181640625, 0.3193359375, 0.5302734375, 0.1865234375, 0.5966796875, 0.5888671875]],
  ])('point %i is that of Joe and Kuo', (index, expected) => {
    expect([0, 1, 2, 3, 7, 19, 99, 199, 480, 1110].map((dimension) => sobolBits(dimension, index) * SOBOL_UNIT)).toEqual(expected);
  });

  test('all dimensions are theirs: the sum of the coordinates of one point', () => {
    const bits = Array.from({ length: SOBOL_DIMENSIONS }, (_, dimension) => sobolBits(dimension, 2 ** 20 + 12345));
    expect(bits.reduce((sum, coordinate) => sum + coordinate, 0)).toBe(2396946200576);
  });

  test('the searcher proposes it from its second point on: the first is the corner', async () => {
    const [first, second] = await points(sobol({ scramble: false }), 3, 2);
    expect(first).toEqual([0.5, 0.5, 0.5]);
    expect(second).toEqual([0.75, 0.25, 0.25]);
  });
});

describe('scrambling', () => {
  const leading = (a: number, b: number): number => Math.clz32((a ^ b) >>> 0);

  test('keeps how many of the first bits two numbers share, so that boxes stay boxes', () => {
    fc.assert(
      fc.property(word, fc.nat(31), word, fc.tuple(word, word), (a, shared, rest, key) => {
        const b = (a ^ (2 ** (31 - shared)) ^ (rest % 2 ** (31 - shared))) >>> 0;
        expect(leading(a, b)).toBe(shared);
        expect(leading(scrambleBits(a, key), scrambleBits(b, key))).toBe(shared);
      }),
    );
  });

  test('takes a number to every eighth of the range alike', () => {
    const eighths = count(Array.from({ length: 8000 }, (_, key) => scrambleBits(0, [key, 7]) >>> 29));
    for (let eighth = 0; eighth < 8; eighth++) expect(Math.abs((eighths.get(eighth) ?? 0) - 1000)).toBeLessThan(150);
  });

  test('of each block of 2^m points every box of volume 2^-m in the first two dimensions has exactly one, whatever its shape', async () => {
    const all = await points(sobol(), 2, 256);
    for (const block of [all, all.slice(0, 128), all.slice(128), all.slice(64, 128)]) {
      for (let wide = 1; wide <= block.length; wide *= 2) {
        const boxes = block.map(([x = 0, y = 0]) => `${Math.floor(x * wide)} ${Math.floor((y * block.length) / wide)}`);
        expect(new Set(boxes).size).toBe(block.length);
      }
    }
  });

  test('of 64 points each 64th of the range has one, in each of 200 dimensions', async () => {
    const all = await points(sobol(), 200, 64);
    for (let k = 0; k < 200; k++) expect(new Set(all.map((point) => Math.floor((point[k] as number) * 64))).size).toBe(64);
  });
});

test('more parameters than there are dimensions are refused', async () => {
  await expect(points(sobol(), SOBOL_DIMENSIONS + 1, 1)).rejects.toThrow('sobol: expected at most 1111 parameters, got 1112. Hint: Use random() or tpe().');
  expect(await points(sobol(), SOBOL_DIMENSIONS, 1)).toHaveLength(1);
});
