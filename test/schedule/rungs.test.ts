import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asha } from '../../schedulers/asha.ts';
import { hyperband } from '../../schedulers/hyperband.ts';
import { moAsha } from '../../schedulers/mo-asha.ts';
import { rungs } from '../../src/schedule/rungs.ts';

describe('rungs', () => {
  test.each([
    [1, 81, 3, [1, 3, 9, 27, 81]],
    [1, 100, 4, [1, 4, 16, 64]],
    [1, 243, 3, [1, 3, 9, 27, 81, 243]],
    [1, 1000, 10, [1, 10, 100, 1000]],
    [10, 100, 3, [10, 30, 90]],
    [2.5, 100, 3, [2.5, 7.5, 22.5, 67.5]],
    [5, 5, 2, [5]],
    [0.1, 0.3, 3, [0.1, 0.3]],
    [1, 1.21, 1.1, [1, 1.1, 1.21]],
  ])('from %d to %d by %d stand at %j', (gracePeriod, maxT, reductionFactor, milestones) => {
    expect(rungs(gracePeriod, maxT, reductionFactor)).toEqual(milestones);
  });

  test('property: are exact for every maxT = eta^k, and for one less or more', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 12 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 9 }), (eta, k, gracePeriod) => {
        const powers = Array.from({ length: k + 1 }, (_, i) => gracePeriod * eta ** i);
        const top = gracePeriod * eta ** k;
        expect(rungs(gracePeriod, top, eta)).toEqual(powers);
        expect(rungs(gracePeriod, top + 1, eta)).toEqual(powers);
        expect(rungs(gracePeriod, top - 1, eta)).toEqual(powers.slice(0, -1));
      }),
    );
  });

  test.each([
    [0, 9, 3],
    [10, 9, 3],
    [1, Infinity, 3],
    [1, 9, 1],
    [1, 9, Number.NaN],
    [1, 1e300, 1.0001],
  ])('refuses gracePeriod %d, maxT %d, reductionFactor %d', (gracePeriod, maxT, reductionFactor) => {
    expect(() => rungs(gracePeriod, maxT, reductionFactor)).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }));
  });

  test.each([
    ['asha', () => asha({ reductionFactor: 1.0000001 })],
    ['moAsha', () => moAsha({ reductionFactor: 1.0000001 })],
    ['hyperband', () => hyperband({ reductionFactor: 1.0000001 })],
  ])('too many are refused by %s', (name, make) => {
    expect(make).toThrow(`${name}: expected a reductionFactor that gives at most 1000 rungs`);
  });
});
