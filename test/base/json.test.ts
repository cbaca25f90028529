import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assertJson, canonicalJson, decodeJson, encodeJson, findNonJson } from '../../src/base/json.ts';

const numbers = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity, -0));
const keys = fc.oneof(fc.string(), fc.constantFrom('$number', '$$number', '$', 'number', 'a$number')).filter((key) => key !== '__proto__');
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    numbers,
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(keys, tie('json'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

describe('encodeJson and decodeJson', () => {
  test('plain JSON is what JSON.stringify writes', () => {
    expect(encodeJson({ a: [1, null, 'x'], b: { c: true } })).toBe('{"a":[1,null,"x"],"b":{"c":true}}');
  });
  test('the numbers that JSON lacks are tagged', () => {
    expect(encodeJson({ loss: NaN, best: [-Infinity, -0] })).toBe('{"loss":{"$number":"NaN"},"best":[{"$number":"-Infinity"},{"$number":"-0"}]}');
    expect(decodeJson('{"$number":"Infinity"}')).toBe(Infinity);
  });
  test("a user's object that looks like a tag comes back", () => {
    for (const value of [{ $number: 'NaN' }, { $$number: 1 }, { $number: 1, other: NaN }]) expect(decodeJson(encodeJson(value))).toEqual(value);
  });
  test('property: any value survives, bit by bit', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(decodeJson(encodeJson(value))).toStrictEqual(value);
      }),
    );
  });
  test('text that is no JSON throws', () => expect(() => decodeJson('{"a":')).toThrow(SyntaxError));
});

describe('canonicalJson', () => {
  test('the order of keys does not matter, that of elements does', () => {
    expect(canonicalJson({ b: 1, a: { d: 2, c: 3 } })).toBe('{"a":{"c":3,"d":2},"b":1}');
    expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
    expect(canonicalJson(1)).not.toBe(canonicalJson('1'));
    expect(canonicalJson(NaN)).not.toBe(canonicalJson(null));
  });
  test('property: equal exactly for equal values', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(canonicalJson(decodeJson(encodeJson(a)))).toBe(canonicalJson(a));
        expect(canonicalJson(a) === canonicalJson(b)).toBe(same(a, b));
      }),
    );
  });
});

function same(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return Object.is(a, b);
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [Object.entries(a), Object.entries(b)];
  return left.length === right.length && left.every(([key, value]) => Object.hasOwn(b, key) && same(value, (b as Record<string, unknown>)[key]));
}

describe('findNonJson', () => {
  test('names the first part that is not JSON', () => {
    expect(findNonJson({ a: [1, { b: new Date(0) }] })).toEqual({ path: ['a', '1', 'b'], got: 'a Date' });
    expect(findNonJson({ a: () => 1 })).toEqual({ path: ['a'], got: 'a function' });
    expect(findNonJson(new Float32Array(2))).toEqual({ path: [], got: 'a Float32Array' });
    expect(findNonJson([undefined])).toEqual({ path: ['0'], got: 'undefined' });
    expect(findNonJson(5n)).toEqual({ path: [], got: 'a bigint' });
  });
  test('odd numbers, absent properties and objects without a prototype are JSON', () => {
    expect(findNonJson({ a: NaN, b: undefined, c: Object.create(null) as object })).toBeUndefined();
  });
  test('assertJson says where and what', () => {
    expect(() => assertJson({ a: { b: Symbol('x') } }, 'report', 'METRIC_NOT_JSON')).toThrow(
      expect.objectContaining({ code: 'METRIC_NOT_JSON', message: expect.stringContaining('report: expected JSON, got a symbol at "a/b".') as string }),
    );
    expect(() => assertJson({ a: 1 }, 'report', 'METRIC_NOT_JSON')).not.toThrow();
  });
});
