import { expect, test } from 'vitest';
import { normalTail, normalTailAt } from '../../../src/base/numeric/normal.ts';

test.each([
  [0.5, 0],
  [0.05, 1.6448536269514722],
  [0.025, 1.959963984540054],
  [1e-6, 4.753424308822899],
])('a standard normal number exceeds with probability %d: %d', (p, z) => {
  expect(normalTailAt(p)).toBeCloseTo(z, 12);
});

test.each([0.4999, 0.3, 1e-3, 1e-12, 1e-100, 1e-280])('the tail there is %d again', (p) => {
  expect(normalTail(normalTailAt(p)) / p).toBeCloseTo(1, 10);
});
