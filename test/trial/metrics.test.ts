import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { isWorst, WORST } from '../../src/base/worst.ts';
import { flatten, metricAt, metricMissing, numbersOf, toLosses } from '../../src/trial/metrics.ts';

describe('toLosses', () => {
  const objectives = [
    { metric: 'eval/loss', mode: 'min' },
    { metric: 'acc', mode: 'max' },
  ] as const;

  test('makes lower better for every objective', () => {
    expect(toLosses(objectives, { eval: { loss: 2 }, acc: 0.9 })).toEqual([2, -0.9]);
  });

  test('is empty without objectives, and undefined when a metric is missing or no number', () => {
    expect(toLosses([], { acc: 1 })).toEqual([]);
    expect(toLosses(objectives, { acc: 1 })).toBeUndefined();
    expect(toLosses(objectives, { eval: { loss: 'low' }, acc: 1 })).toBeUndefined();
  });

  test('turns NaN and either infinity into the worst loss in both modes', () => {
    for (const mode of ['min', 'max'] as const) {
      for (const value of [Number.NaN, Infinity, -Infinity]) expect(toLosses([{ metric: 'x', mode }], { x: value })).toEqual([WORST]);
    }
    expect(isWorst(WORST)).toBe(true);
    expect(isWorst(1e300)).toBe(false);
  });

  test('orders finite values as the mode says', () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(finite, finite, fc.constantFrom('min' as const, 'max' as const), (a, b, mode) => {
        const [x, y] = [toLosses([{ metric: 'x', mode }], { x: a })?.[0], toLosses([{ metric: 'x', mode }], { x: b })?.[0]] as [number, number];
        return x < y === (mode === 'min' ? a < b : a > b);
      }),
    );
  });
});

describe('metric keys', () => {
  test('reach into objects with a slash, unless there is a key of that very name', () => {
    expect(metricAt({ eval: { loss: 1 } }, 'eval/loss')).toBe(1);
    expect(metricAt({ 'eval/loss': 2, eval: { loss: 1 } }, 'eval/loss')).toBe(2);
    expect(metricAt({ eval: [1] }, 'eval/0')).toBeUndefined();
    expect(metricAt({}, 'toString')).toBeUndefined();
  });

  test('flatten to what metricAt finds', () => {
    const metrics = { a: 1, b: { c: 'x', d: { e: 2 } }, f: [1, 2], g: null };
    expect(flatten(metrics)).toEqual({ a: 1, 'b/c': 'x', 'b/d/e': 2, f: [1, 2], g: null });
    expect(numbersOf(metrics)).toEqual({ a: 1, 'b/d/e': 2 });
  });

  test('mean the same to metricAt, flatten and numbersOf, in any order of the keys', () => {
    const name = fc.constantFrom('a', 'b', '', '/', 'a/b', 'b/a', 'a/b/a', 'a.b', '"', '\n', 'toString');
    const leaf = fc.oneof(fc.integer(), fc.constantFrom<Json>('x', null, Number.NaN, [1]));
    const { metrics } = fc.letrec<{ metrics: Record<string, Json>; value: Json }>((tie) => ({
      metrics: fc.dictionary(name, tie('value'), { maxKeys: 5, noNullPrototype: true }),
      value: fc.oneof({ depthSize: 'small' }, leaf, tie('metrics')),
    }));
    fc.assert(
      fc.property(metrics, (report) => {
        const flat = flatten(report);
        for (const [key, value] of Object.entries(flat)) expect(metricAt(report, key)).toEqual(value);
        expect(numbersOf(report)).toEqual(Object.fromEntries(Object.entries(flat).filter(([, value]) => typeof value === 'number')));
        expect(flatten(reversed(report))).toEqual(flat);
        expect(numbersOf(reversed(report))).toEqual(numbersOf(report));
      }),
      { numRuns: 1000 },
    );
  });

  test('of a nested metric and a flat one give the flat one', () => {
    const both = { a: { b: 2, 'b/c': 4 }, 'a/b': 1, 'a/b/c': 3 };
    expect(flatten(both)).toEqual({ 'a/b': 1, 'a/b/c': 3 });
    expect(metricAt({ 'a/b': { c: 1 }, a: { 'b/c': 2, b: { c: 3 } } }, 'a/b/c')).toBe(1);
    expect(metricAt({ a: { 'b/c': 2, b: { c: 3 } } }, 'a/b/c')).toBe(2);
    expect(metricAt({ 'a/b': { c: 1 }, a: { b: 5 } }, 'a/b')).toBe(5);
    expect(metricAt({ a: { b: { c: 1 } } }, 'a/b')).toEqual({ c: 1 });
  });

  test('are named nearest first when one is missing', () => {
    expect(metricMissing('mean_acuracy', { loss: 1, mean_accuracy: 2 }).message).toContain('got "mean_accuracy", "loss"');
    expect(metricMissing('loss', {}).message).toContain('got no metric at all');
  });

  test('say what is there when it is no number', () => {
    const got = (loss: Json) => metricMissing('loss', { loss }).message.replace(/\. Hint.*/, '');
    const problem = 'report: expected the metric "loss" to be a number, got ';
    expect(['x', null, [1, 2], true, { a: 1 }].map(got)).toEqual(
      ['"x"', 'null', 'an array of 2', 'true', 'an object with the keys a'].map((what) => problem + what),
    );
  });
});

/** The same with its keys in the opposite order, at every level. */
function reversed(report: Record<string, Json>): Record<string, Json> {
  const isObject = (value: Json): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
  return Object.fromEntries(
    Object.entries(report)
      .reverse()
      .map(([key, value]) => [key, isObject(value) ? reversed(value) : value]),
  );
}
