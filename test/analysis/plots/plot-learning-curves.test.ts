import { describe, expect, test } from 'vitest';
import { plotLearningCurves } from '../../../src/analysis/plots/plot-learning-curves.ts';
import { tableOf } from '../../../src/results/table.ts';
import { expectOnAxis, readPicture } from './picture.ts';
import { reportsOf } from './trials.ts';

const textsOf = async (plot: ReturnType<typeof plotLearningCurves>): Promise<readonly string[]> => readPicture(await plot.svg()).texts.map(({ text }) => text);

describe('plotLearningCurves', () => {
  test('one trial: its line, with a title and names of the axes of your own', async () => {
    const rows = reportsOf({ trials: 1, steps: 6 });
    const plot = plotLearningCurves(tableOf(rows), { x: 'training_iteration', y: 'loss', title: 'The best trial', xTitle: 'epoch', yTitle: 'Loss' });
    const { marks, texts } = readPicture(await plot.svg());
    const [line] = marks.get('curves_marks') ?? [];
    expectOnAxis(line?.path.map(([x]) => x) ?? [], [1, 2, 3, 4, 5, 6]);
    expectOnAxis(
      line?.path.map(([, y]) => y) ?? [],
      rows.map(({ loss }) => loss as number),
    );
    expect(texts.map(({ text }) => text)).toEqual(expect.arrayContaining(['The best trial', '6e465_00000', 'epoch', 'Loss']));
  });

  test('all trials on one axis, with labels made from the config', async () => {
    const plot = plotLearningCurves(reportsOf({ trials: 3 }), {
      y: 'loss',
      label: ({ lr, model }) => `lr=${(lr as number).toFixed(3)}, ${(model as { activation: string }).activation}`,
    });
    const texts = await textsOf(plot);
    expect(texts.filter((text) => text.startsWith('lr='))).toEqual(['lr=0.080, elu', 'lr=0.013, elu', 'lr=0.003, leaky relu']);
    expect(readPicture(await plot.svg()).marks.get('curves_marks')).toHaveLength(3);
  });

  test('labels say what varies when nobody makes them', async () => {
    const rows = [1, 2].map((lr) => ({ trial_id: `t${lr}`, training_iteration: 1, loss: lr, 'config/lr': lr / 1e5, 'config/seed': 7 }));
    expect(await textsOf(plotLearningCurves(rows, { y: 'loss' }))).toEqual(expect.arrayContaining(['lr=1e-5', 'lr=2e-5']));
    expect(await textsOf(plotLearningCurves(rows.slice(1), { y: 'loss' }))).toContain('t2');
  });

  test('labels of four parameters are whole, and whole steps have no ticks between them', async () => {
    const row = { 'config/optimizer/momentum': 0.9, 'config/model/activation': '' };
    const rows = [1, 2].flatMap((i) =>
      [1, 2, 3].map((step) => ({ trial_id: `t${i}`, training_iteration: step, loss: i / step, 'config/lr': i / 100, 'config/model/units': 64 * i, ...row })),
    );
    const other = { ...rows[5], trial_id: 't3', 'config/optimizer/momentum': 0.5, 'config/model/activation': 'leaky_relu' };
    const texts = await textsOf(plotLearningCurves([...rows, other], { y: 'loss' }));
    expect(texts).toEqual(
      expect.arrayContaining(['lr=0.01, units=64, momentum=0.9, activation=""', 'lr=0.02, units=128, momentum=0.5, activation=leaky_relu']),
    );
    expect(texts).toEqual(expect.arrayContaining(['1', '2', '3']));
    expect(texts).not.toContain('1.5');
  });

  test('NaN is a gap, and what stands alone between two is a point', async () => {
    const rows = [1, 2, Number.NaN, 4, null, 6, 7].map((loss, i) => ({ training_iteration: i, loss }));
    const { marks } = readPicture(await plotLearningCurves(rows, { y: 'loss' }).svg());
    expect(marks.get('curves_marks')?.map(({ path }) => path.length)).toEqual([5]); // 1 2, 4, 6 7
    expect(marks.get('points_marks')).toHaveLength(1);
  });

  test('more than twelve trials are coloured by their number, or the ten best by name', async () => {
    const rows = reportsOf({ trials: 30 });
    expect(readPicture(await plotLearningCurves(rows, { y: 'loss' }).svg()).marks.get('curves_marks')).toHaveLength(30);
    const { marks, texts } = readPicture(await plotLearningCurves(rows, { y: 'loss', mode: 'min', label: ({ lr }) => `lr ${lr}` }).svg());
    expect(marks.get('curves_marks')).toHaveLength(10);
    expect(marks.get('curves_behind_marks')).toHaveLength(20);
    expect(texts.filter(({ text }) => text.startsWith('lr '))).toHaveLength(10);
  });

  test('what cannot be drawn says what and where', () => {
    const rows = reportsOf({ trials: 2 });
    const gone = { code: 'COLUMN_UNKNOWN', message: expect.stringContaining('plotLearningCurves: expected a column "acc"') };
    expect(() => plotLearningCurves(rows, { y: 'acc' })).toThrow(expect.objectContaining(gone));
    expect(() => plotLearningCurves([], { y: 'loss' })).toThrow(expect.objectContaining({ code: 'COLUMN_UNKNOWN' }));
    const nan = rows.map((row) => ({ ...row, loss: Number.NaN }));
    expect(() => plotLearningCurves(nan, { y: 'loss' })).toThrow('plotLearningCurves: expected at least one row where "loss" is a finite number, got 8 × NaN.');
    const below = rows.map((row) => ({ ...row, loss: -1 }));
    expect(() => plotLearningCurves(below, { y: 'loss', yScale: 'log' })).toThrow('"loss" is a finite number above 0, got 8 × a number that is not above 0');
    expect(() => plotLearningCurves(rows, { y: 'loss', label: () => 3 as never })).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }));
    expect(() => plotLearningCurves(rows, { y: 'loss', colour: 'red' } as never)).toThrow(expect.objectContaining({ code: 'OPTION_UNKNOWN' }));
  });
});
