import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { aggregate, separate } from '../../src/trainable/repetitions.ts';

test('the deviation is the population’s: divided by n', () => {
  expect(aggregate([{ x: 0.9 }, { x: 0.8 }, { x: 0.85 }])).toEqual({
    x: [0.9, 0.8, 0.85],
    mean_x: expect.closeTo(0.85, 12),
    std_x: expect.closeTo(0.040824829, 9),
  });
  expect(aggregate([{ x: 7 }])).toEqual({ x: [7], mean_x: 7, std_x: 0 });
});

test('numbers among other values have no mean', () => {
  expect(aggregate([{ x: 1 }, { x: 'a' }, { x: { y: 1 } }])).toEqual({ x: [1, 'a', { y: 1 }] });
});

const leaf = fc.oneof(fc.double(), fc.string(), fc.boolean(), fc.array(fc.double(), { maxLength: 2 }));
const name = fc.constantFrom('loss', 'accuracy', 'mean', '__proto_', 'stdx');
const scores = fc
  .dictionary(name, fc.oneof(leaf, fc.dictionary(name, leaf, { minKeys: 1 })), { maxKeys: 4 })
  .map((row) => ({ ...row, fit_time: 1 }) as unknown as JsonObject);

test('law: what is aggregated can be taken apart again', () => {
  fc.assert(
    fc.property(fc.array(scores, { minLength: 1, maxLength: 4 }), (rows) => {
      expect(separate(aggregate(rows))).toEqual(rows);
    }),
    { numRuns: 300, seed: 3 },
  );
});
