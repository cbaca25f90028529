import { describe, expect, test } from 'vitest';
import { type InterpretOptions, interpret } from '../../src/analysis/interpret.ts';
import { type Rng, rng } from '../../src/base/rng.ts';

const ACTIVATIONS = ['elu', 'leaky_relu', 'relu'];

/** A random search whose truth is known: lr hurts, filters2 helps, filters1 does nothing, elu is bad, and wd matters only for sgd. */
function truth(n: number, seed: number): readonly Record<string, number | string>[] {
  const random = rng(seed);
  return Array.from({ length: n }, () => {
    const [lr, wd] = [10 ** (-4 + 3 * random.next()), random.next()];
    const [activation = '', optimizer = ''] = [ACTIVATIONS[random.int(3)], ['adam', 'sgd'][random.int(2)]];
    const [filters1, filters2] = [16 + random.int(48), 16 + random.int(48)];
    const effect = -0.1 * Math.log10(lr) + 0.004 * filters2 - (activation === 'elu' ? 0.3 : 0) + (optimizer === 'sgd' ? 0.6 : -0.6) * wd;
    return {
      ...{ 'config/lr': lr, 'config/model/activation': activation, 'config/filters1': filters1, 'config/filters2': filters2 },
      ...{ 'config/wd': wd, 'config/optimizer': optimizer, val_accuracy: effect + 0.05 * random.normal() },
    };
  });
}
const uniform = { $domain: 'loguniform', lower: 1e-4, upper: 0.1 };
const options: InterpretOptions = { metrics: { val_accuracy: 'max' }, space: { lr: uniform } };

describe('interpret', () => {
  const found = interpret(truth(200, 1), options);
  const numerical = (name: string) => found.numerical.find(({ attribute }) => attribute === name);

  test('finds the slopes that are there, per tenfold where the space is logarithmic', () => {
    expect(numerical('lr')).toMatchObject({ conclusion: 'falls', better: 'lower', per: 'tenfold', n: 200 });
    expect(numerical('lr')?.slope).toBeCloseTo(-0.1, 1);
    expect(numerical('filters2')).toMatchObject({ conclusion: 'rises', better: 'higher', per: 'unit' });
    const [low, high] = numerical('filters2')?.interval ?? [1, 1];
    expect(low <= 0.004 && 0.004 <= high).toBe(true);
  });

  test('does not find those that are not', () => {
    expect(numerical('filters1')).toMatchObject({ conclusion: 'none', better: 'none' });
    expect(numerical('filters1')?.text).toMatch(/^filters1: no conclusion, the interval holds 0 \(slope .*, 95 % interval -.* to 0\..*, n = 200\)\.$/);
  });

  test('orders the values of a category, and says which are worse', () => {
    const activation = found.categorical.find(({ attribute }) => attribute === 'model.activation');
    expect(activation?.places.map(({ label }) => label).at(-1)).toBe('elu');
    expect(activation?.places.map(({ worse }) => worse)).toEqual([false, false, true]);
    expect(activation?.conclusion).toBe('some');
    expect(activation?.text).toMatch(
      /^model\.activation: elu is worse than (leaky_)?relu; no conclusion between .*relu and .*relu \(mean val_accuracy: .*; first less second /,
    );
  });

  test('says which pair interacts, and what to do', () => {
    expect(found.pairs.filter(({ interacts }) => interacts)).toMatchObject([{ a: 'wd', b: 'optimizer' }]);
    expect(found.lines.some((line) => /^wd and optimizer interact .* Tune one while the others are fixed\.$/.test(line))).toBe(true);
  });

  test('counts its questions, and corrects for them', () => {
    expect(found).toMatchObject({ n: 200, confidence: 0.95, questions: 6 + 15 });
    const { interval = [0, 0], corrected = [0, 0] } = numerical('lr') ?? {};
    expect(corrected[0] < interval[0] && interval[1] < corrected[1]).toBe(true);
  });

  test('writes the names it is given, as many as there are', () => {
    const { lines } = interpret(truth(200, 1), { ...options, attributeNames: { lr: 'Learning rate' }, metricNames: { val_accuracy: 'Validation accuracy' } });
    expect(lines[0]).toMatch(
      /^Learning rate: Validation accuracy falls with it \(slope -0\.\d+ per ten times as much, 95 % interval -0\.\d+ to -0\.\d+, n = 200\); lower values are better\.$/,
    );
  });

  test('passes the cautions on', () => {
    expect(interpret(truth(200, 1), { ...options, searcher: 'tpe' }).lines.at(-1)).toContain('Caution: The searcher tpe tried more of what had done well');
  });

  test('takes one row per trial: the reports of a trial are not independent trials', () => {
    const reports = truth(8, 3).flatMap((row, i) =>
      Array.from({ length: 50 }, (_, step) => ({ ...row, trial_id: String(i), step, val_accuracy: Number(row.val_accuracy) + step / 1e4 })),
    );
    expect(interpret(reports, options).n).toBe(8);
    expect(interpret(reports, { ...options, reduce: 'all' }).n).toBe(400);
  });
});

describe('interpret, of noise', () => {
  const kinds: Record<string, (random: Rng) => number> = {
    'normal noise': (random) => random.normal(),
    'noise with outliers': (random) => random.normal() / random.normal(),
    'skewed noise': (random) => Math.exp(2 * random.normal()),
    'noise that is mostly 0': (random) => (random.next() < 0.1 ? 1 : 0),
  };
  test.each(Object.keys(kinds))('%s: at most 5 of 100 tables lead to any conclusion', (kind) => {
    const random = rng(kind);
    const tables = Array.from({ length: 100 }, () =>
      Array.from({ length: 40 }, () => ({
        ...{ lr: 10 ** (-5 + 4 * random.next()), width: random.int(100), activation: ACTIVATIONS[random.int(3)] ?? '', rare: random.next() < 0.15 },
        loss: (kinds[kind] as (random: Rng) => number)(random),
      })),
    );
    const wrong = tables.filter((rows) => {
      const { numerical, categorical, pairs } = interpret(rows, {
        ...{ metrics: { loss: 'min' }, numericalAttributes: ['lr', 'width'], categoricalAttributes: ['activation', 'rare'] },
      });
      return [...numerical, ...categorical].some(({ conclusion }) => conclusion !== 'none') || pairs.some(({ interacts }) => interacts);
    });
    expect(wrong.length).toBeLessThanOrEqual(5);
  });
});

describe('interpret, of little', () => {
  test('two rows: nothing is concluded', () => {
    const rows = [
      { lr: 1, kind: 'a', loss: 1 },
      { lr: 2, kind: 'b', loss: 2 },
    ];
    const found = interpret(rows, { metrics: { loss: 'min' }, numericalAttributes: ['lr'], categoricalAttributes: ['kind'] });
    expect(found.numerical[0]?.text).toBe('lr: no conclusion, 2 trials are too few (slope 1 per unit, 95 % interval NaN to NaN, n = 2).');
    expect(found.categorical[0]?.conclusion).toBe('none');
    expect(found.pairs[0]).toMatchObject({ p: Number.NaN, interacts: false });
  });

  test('a parameter with one value, a metric that never changes, a category that always diverged', () => {
    const rows = Array.from({ length: 30 }, (_, i) => ({ lr: 1, width: i, kind: i % 2 ? 'a' : 'b', loss: i % 2 ? 5 : Number.NaN }));
    const found = interpret(rows, { metrics: { loss: 'min' }, numericalAttributes: ['lr', 'width'], categoricalAttributes: ['kind'] });
    expect(found.numerical.map(({ conclusion }) => conclusion)).toEqual(['none', 'none']);
    expect(found.numerical[0]?.text).toBe('lr: no conclusion, it is the same in all 15 trials.');
    expect(found.categorical[0]?.text).toBe('kind: no conclusion about which value is best (mean loss: a 5 (best 5, n = 15), b (no finite value)).');
    expect(found.cautions.map(({ kind }) => kind)).toEqual(['diverged', 'imbalance']);
  });

  test('one trial of a value is too few to compare it', () => {
    const rows = ['a', 'a', 'b'].map((kind, i) => ({ kind, loss: i }));
    const { lines } = interpret(rows, { metrics: { loss: 'min' }, categoricalAttributes: ['kind'] });
    expect(lines[0]).toBe(
      'kind: no conclusion about which value is best (mean loss: a 0.5 (best 0, n = 2), b 2 (best 2, n = 1); too few trials to compare the first two).',
    );
    expect(lines[1]).toContain('3 trials are few for 1 parameter:');
  });

  test.each<[string, object, object, string]>([
    ['a metric nobody reported', [{ lr: 1, loss: 1 }], { metrics: { accuracy: 'max' }, numericalAttributes: ['lr'] }, 'COLUMN_UNKNOWN'],
    ['only NaN', [{ lr: 1, loss: Number.NaN }], { metrics: { loss: 'max' }, numericalAttributes: ['lr'] }, 'DATA_INSUFFICIENT'],
    ['no rows', [], { metrics: { loss: 'max' } }, 'COLUMN_UNKNOWN'],
    ['a text for a number', [{ lr: 'fast', loss: 1 }], { metrics: { loss: 'max' }, numericalAttributes: ['lr'] }, 'DATA_INSUFFICIENT'],
    ['no parameters', [{ lr: 1, loss: 1 }], { metrics: { loss: 'max' } }, 'COLUMN_UNKNOWN'],
    ['no metrics', [{ lr: 1, loss: 1 }], { metrics: {} }, 'METRIC_INVALID'],
    ['another mode', [{ lr: 1, loss: 1 }], { metrics: { loss: 'least' } }, 'METRIC_INVALID'],
    ['another option', [{ lr: 1, loss: 1 }], { metrics: { loss: 'min' }, alpha: 0.05 }, 'OPTION_UNKNOWN'],
    ['a parameter twice', [{ lr: 1, loss: 1 }], { metrics: { loss: 'min' }, numericalAttributes: ['lr'], categoricalAttributes: ['lr'] }, 'OPTION_RANGE'],
    ['percent', [{ lr: 1, loss: 1 }], { metrics: { loss: 'min' }, confidence: 95 }, 'OPTION_RANGE'],
  ])('%s: says so', (_case, rows, given, code) => {
    expect(() => interpret(rows as never, given as never)).toThrow(expect.objectContaining({ code }));
  });
});
