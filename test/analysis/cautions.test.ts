import { describe, expect, test } from 'vitest';
import { cautions } from '../../src/analysis/cautions.ts';
import { rng } from '../../src/base/rng.ts';

const kinds = (values: readonly unknown[], more: object = {}): readonly string[] =>
  cautions(values.map((x) => ({ x })) as never, { categoricalAttributes: ['x'], ...more }).map(({ kind }) => kind);
const plenty = (...values: readonly string[]): readonly string[] => Array.from({ length: 10 }, () => values).flat();

describe('cautions', () => {
  test('a searcher that learns: its name, or how the experiment records it', () => {
    for (const name of ['tpe', 'gp', 'cmaes', 'nsga2', 'evolution', 'auto', 'bohb', 'mine'])
      expect(kinds(plenty('a', 'b'), { searcher: name })).toEqual(['adaptive-searcher']);
    for (const name of ['random', 'basicVariant', 'grid', 'sobol', 'halton', 'list']) expect(kinds(plenty('a', 'b'), { searcher: name })).toEqual([]);
    const around = (name: string) => ({
      name: 'limitConcurrency',
      options: { maxConcurrent: 2, searcher: { name: 'repeat', options: { searcher: { name, options: null } } } },
    });
    expect(kinds(plenty('a', 'b'), { searcher: around('random') })).toEqual([]);
    expect(cautions([{ x: 1 }], { numericalAttributes: ['x'], searcher: around('tpe') })[0]?.message).toContain(
      'The searcher tpe tried more of what had done well',
    );
  });

  test('a scheduler that stops some', () => {
    expect(kinds(plenty('a', 'b'), { scheduler: { name: 'asha', options: null } })).toEqual(['unequal-training']);
    expect(kinds(plenty('a', 'b'), { scheduler: 'fifo' })).toEqual([]);
  });

  test('imbalance: all but one value are rarer than a fifth of the commonest', () => {
    expect(kinds(plenty('X', 'X', 'X', 'X'))).toEqual(['imbalance']);
    expect(kinds(plenty('X', 'X', 'Y', 'Z'))).toEqual([]);
    expect(kinds(plenty('X', 'X', 'X', 'X', 'X', 'Y'))).toEqual(['imbalance']);
    expect(kinds([...plenty('X', 'X', 'X', 'X', 'X', 'Y'), 'Y'])).toEqual([]);
    expect(
      cautions(
        plenty('X', 'X').map((x) => ({ x })),
        { categoricalAttributes: ['x'] },
      )[0]?.message,
    ).toBe('x is X in 20 of 20 trials: there is hardly anything to compare it with.');
  });

  test('few trials for the parameters there are', () => {
    expect(kinds(['a', 'b', 'a'])).toEqual(['few-trials']);
  });

  test('trials that diverged are left out, and it says how many', () => {
    const rows = Array.from({ length: 20 }, (_, i) => ({ 'config/x': i, loss: i < 3 ? Number.NaN : 1 }));
    expect(cautions(rows, { metric: 'loss' })).toMatchObject([
      { kind: 'diverged', about: ['loss'], message: expect.stringContaining('3 of 20 trials have no finite loss') },
    ]);
  });

  test('parameters that went together', () => {
    const random = rng(1);
    const rows = Array.from({ length: 50 }, (_, i) => ({ 'config/a': i, 'config/b': i + 5 * random.next(), 'config/c': random.next() }));
    expect(cautions(rows)).toMatchObject([{ kind: 'correlated', about: ['a', 'b'], message: expect.stringContaining('Vary one while the other is fixed') }]);
  });

  test('refuses what it does not know', () => {
    expect(() => cautions([{ x: 1 }], { categoricalAttributes: ['y'] })).toThrow('COLUMN_UNKNOWN');
    expect(() => cautions([{ x: 1 }], { categoricalAttributes: ['x'], searcher: 3 as never })).toThrow('OPTION_RANGE');
    expect(() => cautions([{ x: 1 }], { sercher: 'tpe' } as never)).toThrow('Did you mean "searcher"?');
    expect(() => cautions([], {})).toThrow('COLUMN_UNKNOWN');
  });
});
