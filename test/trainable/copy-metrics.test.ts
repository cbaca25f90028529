import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { copyMetrics } from '../../src/trainable/copy-metrics.ts';

class Model {
  readonly weights = 3;
}
const tensor = { dataSync: () => new Float32Array(1), dtype: 'float32', shape: [] };
const circular: { self?: unknown } = {};
circular.self = circular;

describe('metrics of a report', () => {
  test('are copied whole, non-finite numbers included; the one name that is refused is __proto__', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (metrics) => {
        if (/"__proto__":/.test(JSON.stringify(metrics))) expect(() => copyMetrics('report', metrics)).toThrow('__proto__", which names the prototype');
        else expect(copyMetrics('report', metrics)).toEqual(metrics);
      }),
      { examples: [[JSON.parse('{"__proto__":null}')], [JSON.parse('{"a":[{"__proto__":1}]}')]] },
    );
    const metrics = { loss: Number.NaN, eval: { best: -Infinity, per: [1, null] } };
    expect(copyMetrics('report', metrics)).toEqual(metrics);
    expect(copyMetrics('report', metrics)['eval']).not.toBe(metrics.eval);
  });

  test.each([
    ['a tensor', Object.assign(Object.create({ constructor: class Tensor {} }) as object, tensor), /a tf\.Tensor\. Hint: Write \(await t\.data\(\)\)\[0\]/],
    ['a typed array', new Float32Array([1]), /a Float32Array\. Hint: Write value\[0\]/],
    ['a date', new Date(0), /a Date\. Hint: Write date\.toISOString/],
    ['a BigInt', 1n, /a BigInt\. Hint: Write Number\(value\)/],
    ['a function', () => 1, /a function\. Hint: Call it/],
    ['undefined', undefined, /undefined\. Hint: Leave the key out/],
    ['a promise', Promise.resolve(1), /a Promise\. Hint: Write await/],
    ['a map', new Map(), /a Map\. Hint: Write Object\.fromEntries/],
    ['a class instance', new Model(), /an instance of Model\. Hint: Report its numbers/],
    ['a symbol', Symbol('s'), /a symbol/],
    ['a cycle', circular, /an object inside itself/],
  ])('%s is refused by its key, with what to write instead', (_, value, message) => {
    expect(() => copyMetrics('report', { eval: { loss: value } })).toThrow(message);
    expect(() => copyMetrics('report', { eval: { loss: value } })).toThrow(/eval\/loss/);
  });

  test.each([['a string'], [null], [undefined], [[1]], [new Float32Array(1)], [1n]])('%o alone is no report', (value) => {
    expect(() => copyMetrics('report', value)).toThrow(/expected an object of metrics/);
  });
});
