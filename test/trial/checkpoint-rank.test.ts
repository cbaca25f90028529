import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { rankCheckpoints } from '../../src/trial/checkpoint-rank.ts';

const saved = (...rows: readonly JsonObject[]) => rows.map((row, i) => ({ name: `c${i}`, step: i, row }));
const names = (checkpoints: readonly { readonly name: string }[]) => checkpoints.map(({ name }) => name);

describe('rankCheckpoints', () => {
  test('puts the best last', () => {
    const checkpoints = saved({ acc: 0.1 }, { acc: 0.9 }, { acc: 0.5 }, { acc: 0.2 });
    expect(names(rankCheckpoints(checkpoints, { scoreAttribute: 'acc' }))).toEqual(['c0', 'c3', 'c2', 'c1']);
    expect(names(rankCheckpoints(checkpoints, { scoreAttribute: 'acc', scoreOrder: 'min' }))).toEqual(['c1', 'c2', 'c3', 'c0']);
  });

  test('ranks one without the attribute, or with NaN there, below minus infinity', () => {
    const checkpoints = saved({ eval: { acc: -Infinity } }, { loss: 1 }, { eval: { acc: 0 } }, { eval: { acc: Number.NaN } });
    expect(names(rankCheckpoints(checkpoints, { scoreAttribute: 'eval/acc' }))).toEqual(['c1', 'c3', 'c0', 'c2']);
  });

  test('ranks the newer of two equal ones higher, and goes by age without an attribute', () => {
    expect(names(rankCheckpoints(saved({ acc: 1 }, { acc: 1 }), { scoreAttribute: 'acc' }))).toEqual(['c0', 'c1']);
    expect(names(rankCheckpoints(saved({ acc: 2 }, { acc: 1 }), {}))).toEqual(['c0', 'c1']);
  });
});
