import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editDistance, nearest } from '../../src/base/edit-distance.ts';
import { checkNumber, checkOptions, describe as show } from '../../src/base/options.ts';

describe('checkOptions', () => {
  test('accepts known options, and unknown ones that are undefined', () => {
    expect(() => checkOptions('asha', { maxT: 1, eta: undefined }, ['maxT'])).not.toThrow();
    expect(() => checkOptions('asha', {}, [])).not.toThrow();
  });

  test('names the nearest option for one that is unknown', () => {
    expect(() => checkOptions('asha', { MaxT: 1 }, ['gracePeriod', 'maxT'])).toThrow(
      'asha: expected options among gracePeriod, maxT, got "MaxT". Hint: Did you mean "maxT"? [OPTION_UNKNOWN]',
    );
    expect(() => checkOptions('grid', { bins: 1 }, [])).toThrow('grid: expected no options, got "bins".');
  });

  test.each([[42], [null], [['maxT']], ['maxT']])('refuses %j in place of an object', (options) => {
    expect(() => checkOptions('asha', options, ['maxT'])).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }));
  });
});

describe('checkNumber', () => {
  const check = (value: unknown) => checkNumber('asha', 'maxT', value, 'a number > 0', (number) => number > 0);

  test('accepts what holds', () => expect(() => check(1)).not.toThrow());

  test.each([[0], [Number.NaN], ['1'], [undefined], [{ a: 1 }], [[1, 2]], [10n], [() => 1]])('refuses %o, showing it', (value) => {
    expect(() => check(value)).toThrow(`asha: expected maxT to be a number > 0, got ${show(value)}.`);
  });
});

describe('nearest', () => {
  test('finds the name spelt most alike, case aside', () => {
    expect(nearest('grace_period', ['maxT', 'gracePeriod'])).toBe('gracePeriod');
    expect(nearest('x', [])).toBeUndefined();
  });
});

test('property: editDistance is a metric', () => {
  const word = fc.string({ maxLength: 6, unit: fc.constantFrom('a', 'b', 'c') });
  fc.assert(
    fc.property(word, word, word, (a, b, c) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, b) === 0).toBe(a === b);
      expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
    }),
  );
});
