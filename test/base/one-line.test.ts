import { expect, test } from 'vitest';
import { block, pairs } from '../../src/base/inspect.ts';
import { oneLine } from '../../src/base/one-line.ts';

test('nothing in it ends the line, steers the terminal or turns the text around', () => {
  expect(oneLine('a\nb\t\x1b[2J\u2028\u202e\ud800…é')).toBe('a\\nb\\t\\x1b[2J\\u2028\\u202e\ufffd…é');
  expect(pairs({ '\u202ekey': 1 }, {}, String)).toBe('\\u202ekey=1');
  expect(block('It', 0, () => [oneLine('\u2066')])).toBe('It(\\u2066)');
});

test('cut where it is told, and never in the middle of a character', () => {
  expect(oneLine('abcdef', 4)).toBe('abc…');
  expect(oneLine('ab😀def', 4)).toBe('ab…');
  expect(oneLine('abcd', 4)).toBe('abcd');
});
