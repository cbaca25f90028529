import { describe, expect, test } from 'vitest';
import { categorySummary } from '../../../src/analysis/category-summary.ts';
import { plotViolin } from '../../../src/analysis/plots/plot-violin.ts';
import { expectOnAxis, falling, faultsOf, readPicture } from './picture.ts';

const rows = (['relu', 'elu', 'relu', 'elu', 'relu', 'tanh'] as const).map((act, i) => ({ act, acc: [0.9, 0.5, 0.8, 0.6, 0.7, 0.4][i] as number }));
const draw = async (given: Parameters<typeof plotViolin>[0], mode: 'min' | 'max' = 'max') =>
  readPicture(await plotViolin(given, { attribute: 'act', metric: 'acc', mode }).svg());
const textsOf = async (given: Parameters<typeof plotViolin>[0], mode?: 'min' | 'max') => (await draw(given, mode)).texts.map(({ text }) => text);

describe('plotViolin', () => {
  test('under each violin stand mean, best and value, and best goes by the mode', async () => {
    const texts = await textsOf(rows);
    const at = texts.indexOf('Mean: 5.50e-01');
    expect(texts.slice(at, at + 9)).toEqual([
      ...['Mean: 5.50e-01', 'Best: 6.00e-01', 'elu'],
      ...['Mean: 8.00e-01', 'Best: 9.00e-01', 'relu'],
      ...['Mean: 4.00e-01', 'Best: 4.00e-01', 'tanh'],
    ]);
    expect(await textsOf(rows, 'min')).toContain('Best: 7.00e-01');
  });

  test('draws density, quartiles, median and best of categorySummary', async () => {
    const { marks } = await draw(rows);
    const [elu, relu, tanh] = categorySummary(
      rows.map(({ act }) => act),
      rows.map(({ acc }) => acc),
      'max',
    );
    const heights = (name: string): readonly number[] =>
      (marks.get(`${name}_marks`) ?? []).flatMap(({ at, path }) => (name === 'boxes' ? path.map(([, y]) => y) : [at[1]]));
    const outlines = (marks.get('violins_marks') ?? []).flatMap(({ path }) => path.map(([, y]) => y));
    const density = [elu, relu].flatMap((category) => category?.density.flatMap(({ at }) => [at, at]) ?? []);
    const boxes = [elu, relu].flatMap((category) => [category?.quartiles[0], category?.quartiles[2]]);
    expectOnAxis([...heights('bests'), ...heights('medians'), ...heights('boxes'), ...falling.ofPixels(outlines)], [
      elu?.best,
      relu?.best,
      tanh?.best,
      elu?.median,
      relu?.median,
      ...boxes,
      ...falling.ofValues(density),
    ] as number[]);
    expect(marks.get('single_marks')).toHaveLength(1);
  });

  test('null is None, beside a text "None" Type(None); 0, false and "" are values like any other', async () => {
    const mixed = [null, 'None', 0, false, '', 'relu'].flatMap((act) => [
      { act, acc: 0.5 },
      { act, acc: 0.7 },
    ]);
    const texts = await textsOf(mixed);
    expect(texts).toEqual(expect.arrayContaining(['Type(None)', 'None', '0', 'false', '""', 'relu']));
    expect(texts.filter((text) => text.startsWith('Mean'))).toHaveLength(6);
    expect(await textsOf(mixed.filter(({ act }) => act !== 'None'))).toContain('None');
  });

  test('many values make it wider, and of more than forty the best are drawn', async () => {
    const many = Array.from({ length: 120 }, (_, i) => ({ act: `kind ${i % 60}`, acc: (i % 60) / 60 + i / 1e4 }));
    const picture = await draw(many);
    expect(picture.marks.get('bests_marks')).toHaveLength(40);
    expect(picture.texts.map(({ text }) => text)).toEqual(expect.arrayContaining(['the 40 of 60 values with the best means', 'kind 59']));
    expect(faultsOf(picture)).toEqual([]);
  });

  test('one distinct value is one violin; what cannot be drawn says what and where', async () => {
    expect((await draw(rows.slice(0, 1))).marks.get('bests_marks')).toHaveLength(1);
    const refuses = (code: string, given: Parameters<typeof plotViolin>[0]) =>
      expect(() => plotViolin(given, { attribute: 'act', metric: 'acc', mode: 'max' })).toThrow(expect.objectContaining({ code }));
    refuses('COLUMN_UNKNOWN', [{ acc: 1 }]);
    refuses('DATA_INSUFFICIENT', [{ act: 'relu', acc: Number.NaN }]);
  });
});
