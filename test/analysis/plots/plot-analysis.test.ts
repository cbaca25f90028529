import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plotAnalysis } from '../../../src/analysis/plots/plot-analysis.ts';
import { readPicture } from './picture.ts';
import { reportsOf } from './trials.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'attune-plots-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const results = reportsOf({ trials: 12 }).map((row) => ({ ...row, val_accuracy: 1 - (row.loss as number) / 2 }));

describe('plotAnalysis', () => {
  test('linear plots for numbers, violins for categories, with names for people, in the layout of ablator', async () => {
    const saveDir = join(folder, 'plots');
    const figures = await plotAnalysis({
      results,
      saveDir,
      metrics: { val_accuracy: 'max' },
      numericalAttributes: ['model.units', 'lr'],
      categoricalAttributes: ['model.activation'],
      attributeNames: { 'model.activation': 'Activation', lr: 'Learning Rate', gone: 'not drawn' },
      metricNames: { val_accuracy: 'Validation Accuracy', val_rmse: 'not drawn' },
    });
    expect(figures.map(({ kind, metric, attribute }) => `${kind}/${metric}/${attribute}`)).toEqual([
      'linearplot/val_accuracy/model.units',
      'linearplot/val_accuracy/lr',
      'violinplot/val_accuracy/model.activation',
    ]);
    expect(figures[2]?.files).toEqual(['svg', 'png'].map((end) => join(saveDir, 'violinplot', 'val_accuracy', `model.activation.${end}`)));
    expect(readdirSync(join(saveDir, 'linearplot', 'val_accuracy')).sort()).toEqual(['lr.png', 'lr.svg', 'model.units.png', 'model.units.svg']);
    const texts = figures.map(({ files: [svg = ''] }) => readPicture(readFileSync(svg, 'utf8')).texts.map(({ text }) => text));
    expect(texts[1]).toEqual(expect.arrayContaining(['Validation Accuracy by Learning Rate', 'Learning Rate', 'Validation Accuracy']));
    expect(texts[0]).toContain('model.units'); // a name that nobody gave
    expect(texts[2]).toContain('Activation');
  });

  test('names may be given for some: the others keep theirs', async () => {
    const rows = [1, 2, 3].map((i) => ({ m: i, a: i, b: i, c: i, d: i }));
    const figures = await plotAnalysis({ results: rows, metrics: { m: 'min' }, numericalAttributes: ['a', 'b', 'c', 'd'], attributeNames: { a: 'A', b: 'B' } });
    expect(figures.map(({ plot }) => (plot.spec.title as { text: string }).text)).toEqual(['m by A', 'm by B', 'm by c', 'm by d']);
    await expect(plotAnalysis({ results: rows, metrics: { m: 'min' }, numericalAttributes: [] })).rejects.toThrow(
      expect.objectContaining({ code: 'OPTION_RANGE' }),
    );
    await expect(plotAnalysis({ results: rows, metrics: {} })).rejects.toThrow(expect.objectContaining({ code: 'METRIC_INVALID' }));
  });

  test('an adaptive searcher is warned of, in the picture and beside it; nobody is warned of a random one', async () => {
    const draw = (searcher: string) => plotAnalysis({ results, metrics: { loss: 'min' }, numericalAttributes: ['lr'], searcher, scheduler: 'fifo' });
    const [figure] = await draw('tpe');
    expect(figure?.cautions.map(({ kind }) => kind)).toEqual(['adaptive-searcher']);
    const textsOf = (svg = ''): readonly string[] => readPicture(svg).texts.map(({ text }) => text);
    expect(textsOf(await figure?.plot.svg())).toContain('caution: an adaptive searcher chose these trials');
    const [random] = await draw('random');
    expect(random?.cautions).toEqual([]);
    expect(textsOf(await random?.plot.svg()).join()).not.toContain('caution');
    const skewed = results.map((row, i) => ({ ...row, 'config/opt': i < 4 ? 'sgd' : 'adam' })); // 4 reports per trial
    const figures = await plotAnalysis({ results: skewed, metrics: { loss: 'min' }, numericalAttributes: ['lr'], categoricalAttributes: ['opt'] });
    expect(figures.map(({ cautions }) => cautions.map(({ kind }) => kind))).toEqual([['few-trials'], ['few-trials', 'imbalance']]);
  });

  test('without saveDir the figures are returned, and attributes are the parameters that vary', async () => {
    const figures = await plotAnalysis({ results, metrics: { loss: 'min' } });
    expect(figures.map(({ kind, attribute, files }) => [kind, attribute, files.length])).toEqual([
      ['linearplot', 'lr', 0],
      ['linearplot', 'model.units', 0],
      ['violinplot', 'model.activation', 0],
    ]);
  });

  test('one row per trial, the best, unless all are asked for', async () => {
    const counts = async (reduce?: 'all') => {
      const [figure] = await plotAnalysis({ results, metrics: { loss: 'min' }, numericalAttributes: ['lr'], ...(reduce ? { reduce } : {}) });
      return readPicture((await figure?.plot.svg()) ?? '').marks.get('points_marks')?.length;
    };
    expect([await counts(), await counts('all')]).toEqual([12, 48]);
  });

  test('a cache leaves pictures whose data have not changed', async () => {
    const saveDir = join(folder, 'cached');
    const draw = (rows: typeof results, cache: boolean) =>
      plotAnalysis({ results: rows, saveDir, metrics: { loss: 'min' }, numericalAttributes: ['lr'], cache });
    const svg = (await draw(results, true))[0]?.files[0] ?? '';
    const longAgo = new Date(1_000_000_000_000);
    const isKept = async (rows: typeof results, cache: boolean): Promise<boolean> => {
      utimesSync(svg, longAgo, longAgo);
      await draw(rows, cache);
      return statSync(svg).mtimeMs === longAgo.getTime();
    };
    expect(await isKept(results, true)).toBe(true);
    expect(await isKept(results.slice(8), true)).toBe(false);
    writeFileSync(join(saveDir, '.cache', 'figures.json'), '{"torn');
    expect(await isKept(results.slice(8), true)).toBe(false);
    expect(await isKept(results.slice(8), false)).toBe(false);
    expect(existsSync(join(saveDir, '.cache'))).toBe(false);
    await expect(plotAnalysis({ results, metrics: { loss: 'min' }, cache: true })).rejects.toThrow('plotAnalysis: expected a saveDir with cache, got none.');
  });

  test('a metric with a slash stays in the folder', async () => {
    const rows = [1, 2].map((i) => ({ '../../eval/loss': i, 'config/a': i }));
    const [figure] = await plotAnalysis({ results: rows, saveDir: join(folder, 'slash'), metrics: { '../../eval/loss': 'min' } });
    expect(figure?.files[0]).toBe(join(folder, 'slash', 'linearplot', '.._.._eval_loss', 'a.svg'));
  });

  test('what cannot be drawn says what and where', async () => {
    const refuses = (options: object, code: string) =>
      expect(plotAnalysis({ results, metrics: { loss: 'min' }, ...options } as never)).rejects.toThrow(expect.objectContaining({ code }));
    await refuses({ metrics: { acc: 'max' } }, 'COLUMN_UNKNOWN');
    await refuses({ metrics: { loss: 'least' } }, 'METRIC_INVALID');
    await refuses({ numericalAttributes: ['units'] }, 'COLUMN_UNKNOWN');
    await refuses({ results: { getDataFrame: () => [] } }, 'OPTION_RANGE');
    await refuses({ results: results.map((row) => ({ ...row, loss: Number.NaN })) }, 'DATA_INSUFFICIENT');
  });
});
