import { expect, test } from 'vitest';
import { erf, erfc, logErfc } from '../../../src/base/numeric/erfc.ts';

const close = (found: number, expected: number) => expect(Math.abs(found - expected)).toBeLessThanOrEqual(2e-14 * Math.abs(expected));

/** As the C library has them. */
test.each([
  [0.1, 0.1124629160182849, 0.8875370839817152],
  [0.5, 0.5204998778130465, 0.4795001221869535],
  [1, 0.8427007929497149, 0.15729920705028513],
  [2, 0.9953222650189527, 0.004677734981047266],
  [3.5, 0.9999992569016276, 7.430983723414128e-7],
  [5, 0.9999999999984626, 1.537459794428035e-12],
  [10, 1, 2.088487583762545e-45],
])('erf and erfc of %f', (x, expected, complement) => {
  close(erf(x), expected);
  close(erf(-x), -expected);
  close(erfc(x), complement);
  close(erfc(-x), 1 + expected);
  close(logErfc(x), Math.log(complement));
});

test('ends', () => {
  expect([erf(0), erf(Infinity), erf(-Infinity), erfc(Infinity), erfc(-Infinity), logErfc(Infinity)]).toEqual([0, 1, -1, 0, 2, -Infinity]);
  close(logErfc(-Infinity), Math.LN2);
  close(logErfc(100), -10005.177585122663);
  expect([erf(NaN), erfc(NaN), logErfc(NaN)]).toEqual([NaN, NaN, NaN]);
});
