import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { rowFromJson, rowToJson } from '../../src/trial/row-json.ts';

describe('a line of result.json', () => {
  test('has null for NaN and numbers too large for infinities', () => {
    expect(rowToJson({ a: Number.NaN, b: Infinity, c: { d: [-Infinity, 'x'] } })).toBe('{"a":null,"b":1e999,"c":{"d":[-1e999,"x"]}}');
  });

  test('reads infinities back', () => {
    expect(rowFromJson('{"b":1e999,"c":-1e999}')).toEqual({ b: Infinity, c: -Infinity });
  });

  test('reads back as written, but for NaN and -0', () => {
    const number = fc.double({ noNaN: true }).map((x) => x + 0);
    const value = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        number,
        fc.string(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value')),
        fc.dictionary(fc.string(), tie('value'), { noNullPrototype: true }),
      ),
    })).value;
    fc.assert(
      fc.property(fc.dictionary(fc.string(), value, { noNullPrototype: true }), (row) => {
        fc.pre(!JSON.stringify(row).includes('__proto__'));
        expect(rowFromJson(rowToJson(row as JsonObject))).toEqual(row);
      }),
    );
  });
});
