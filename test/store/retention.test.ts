import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkpointsToRemove } from '../../src/store/retention.ts';
import type { SavedCheckpoint } from '../../src/trial/trial-record.ts';

const saved = (scores: readonly (number | undefined)[]): SavedCheckpoint[] =>
  scores.map((score, i) => ({ name: `checkpoint_${i}`, step: i + 1, row: score === undefined ? {} : { eval: { acc: score } } }));
const options = { numToKeep: 2, scoreAttribute: 'eval/acc', scoreOrder: 'max', frequency: 1, atEnd: false } as const;

/** Registers scores one after the other, as a trial does. */
function keep(scores: readonly (number | undefined)[], pinned = new Set<string>()): (number | undefined)[] {
  const all = saved(scores);
  let kept: SavedCheckpoint[] = [];
  for (const checkpoint of all) {
    kept.push(checkpoint);
    const removed = checkpointsToRemove(kept, options, pinned);
    kept = kept.filter(({ name }) => !removed.includes(name));
  }
  return kept.map(({ step }) => scores[step - 1]);
}

describe('retention', () => {
  test('keeps the best K and the newest', () => {
    expect(keep([0.1, 0.9, 0.5, 0.2])).toEqual([0.9, 0.5, 0.2]);
    expect(keep([0.1, 0.9, 0.5, 0.2, 0.95])).toEqual([0.9, 0.95]);
  });

  test('a checkpoint without the attribute, or with NaN, ranks last', () => {
    expect(keep([undefined, 0.1, Number.NaN, 0.2])).toEqual([0.1, 0.2]);
  });

  test('a pinned one stays', () => {
    expect(keep([0.1, 0.9, 0.5, 0.6], new Set(['checkpoint_0']))).toEqual([0.1, 0.9, 0.6]);
  });

  test('without numToKeep everything stays', () => {
    expect(checkpointsToRemove(saved([1, 2, 3]), { frequency: 1, atEnd: false }, new Set())).toEqual([]);
  });

  test('property: never more than K + 1, always the newest and the best ever', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 20 }), (scores) => {
        const kept = keep(scores);
        expect(kept.length).toBeLessThanOrEqual(3);
        expect(kept.at(-1)).toBe(scores.at(-1));
        expect(kept).toContain(Math.max(...scores));
      }),
    );
  });
});
