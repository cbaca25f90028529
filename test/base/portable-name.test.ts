import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nameKey, portabilityProblem, portableName } from '../../src/base/portable-name.ts';
import { hostileText, sameFile, wrongWith } from './hostile-names.ts';

describe('portableName', () => {
  test('makes of any text a name that Windows, macOS and Linux take', () => {
    fc.assert(fc.property(hostileText, (text) => void expect(wrongWith(portableName(text))).toEqual([])));
  });

  test('keeps a suffix whole', () => {
    const suffix = fc.stringMatching(/^[_-][\w-]{0,40}$/);
    fc.assert(
      fc.property(hostileText, suffix, (text, end) => {
        const name = portableName(text, end);
        expect(wrongWith(name)).toEqual([]);
        expect(name.endsWith(end)).toBe(true);
      }),
    );
  });

  test('changes exactly those names that have a problem', () => {
    fc.assert(fc.property(hostileText, (text) => (portableName(text) === text) === (portabilityProblem(text) === undefined)));
    fc.assert(fc.property(hostileText, (text) => portabilityProblem(portableName(text)) === undefined));
  });

  test.each([
    ['train_mnist-2', 'train_mnist-2'],
    ['números 名前 👩‍🔬.v2', 'números 名前 👩‍🔬.v2'],
    ['.hidden', '.hidden'],
    ['a/b\\c:d*e?f"g<h>i|j', 'a_b_c_d_e_f_g_h_i_j'],
    ['a\0b\nc\u007f', 'a_b_c_'],
    ['half \ud83d a pair', 'half _ a pair'],
    ['end.', 'end_'],
    ['end. .', 'end___'],
    ['..', '__'],
    ['', '_'],
    ['nul', '_nul'],
    ['Aux.txt', '_Aux.txt'],
    ['com¹ .log', '_com¹ .log'],
    ['CONIN$', '_CONIN$'],
    ['console', 'console'],
    ['com10', 'com10'],
  ])('%j becomes %j', (text, name) => expect(portableName(text)).toBe(name));

  test('cuts at 130 characters and 255 bytes, and no character in two', () => {
    expect(portableName('x'.repeat(1e6))).toBe('x'.repeat(130));
    expect(portableName('é'.repeat(130))).toBe('é'.repeat(127));
    expect(portableName('名'.repeat(130))).toBe('名'.repeat(85));
    expect(portableName(`x${'\u{1D11E}'.repeat(130)}`)).toBe(`x${'\u{1D11E}'.repeat(63)}`);
    expect(portableName(`${'x'.repeat(129)}.5`)).toBe(`${'x'.repeat(129)}_`);
    expect(portableName(`con.${'x'.repeat(126)}`, '_7')).toBe(`_con.${'x'.repeat(123)}_7`);
  });
});

describe('nameKey', () => {
  test('is one for names that are one file where case does not count', () => {
    expect(nameKey('Straße')).toBe(nameKey('STRASSE'));
    expect(nameKey('é')).toBe(nameKey('E\u0301'));
    expect(nameKey('a')).not.toBe(nameKey('b'));
    fc.assert(fc.property(hostileText, (name) => nameKey(name) === nameKey(name.normalize('NFD')) && nameKey(name) === nameKey(nameKey(name))));
    const pair = fc.tuple(hostileText, hostileText);
    fc.assert(fc.property(pair, ([a, b]) => !sameFile(a, b) || nameKey(a) === nameKey(b)));
    fc.assert(fc.property(hostileText, (name) => !sameFile(name, name.toUpperCase()) || nameKey(name) === nameKey(name.toUpperCase())));
  });
});

describe('portabilityProblem', () => {
  test.each([
    ['a:b', 'the character ":"'],
    ['a\nb', 'the character "\\n"'],
    ['', 'no character'],
    ['end.', 'a dot at its end'],
    ['end ', 'a space at its end'],
    ['prn.json', 'a name that Windows keeps for a device'],
    ['é'.repeat(130), '130 characters and 260 bytes, over 130 or 255'],
    ['fine', undefined],
  ])('%j has %s', (name, problem) => expect(portabilityProblem(name)).toBe(problem));
});
