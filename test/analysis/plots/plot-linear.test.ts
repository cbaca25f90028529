import { describe, expect, test } from 'vitest';
import { linearFit } from '../../../src/analysis/linear-fit.ts';
import { plotLinear } from '../../../src/analysis/plots/plot-linear.ts';
import { expectOnAxis, falling, readPicture } from './picture.ts';
import { lastOf, reportsOf } from './trials.ts';

const rows = lastOf(reportsOf({ trials: 30 }));
const xs = rows.map((row) => row['config/model/units'] as number);
const ys = rows.map(({ loss }) => loss as number);

describe('plotLinear', () => {
  test('a point for each trial, the line of linearFit and its band', async () => {
    const plot = plotLinear(rows, { attribute: 'model.units', metric: 'loss', mode: 'min', attributeTitle: 'Units', metricTitle: 'Loss' });
    const { marks, texts } = readPicture(await plot.svg());
    const [points, line, band] = ['points', 'line', 'band'].map((name) => marks.get(`${name}_marks`) ?? []) as [never[], never[], never[]];
    const at = (points as { at: [number, number] }[]).map(({ at }) => at);
    const path = (line as { path: [number, number][] }[])[0]?.path ?? [];
    const around = (band as { path: [number, number][] }[])[0]?.path ?? [];
    const fit = linearFit(xs, ys);
    expectOnAxis(
      [...at, ...path].map(([x]) => x),
      [...xs, ...fit.band.map(({ x }) => x)],
    );
    const edge = falling.ofValues(fit.band.flatMap(({ lower, upper }) => [lower, upper]));
    expectOnAxis([...[...at, ...path].map(([, y]) => y), ...falling.ofPixels(around.map(([, y]) => y))], [...ys, ...fit.band.map(({ y }) => y), ...edge]);
    expect(texts.map(({ text }) => text)).toEqual(expect.arrayContaining(['Loss by Units', 'Units', 'Loss']));
  });

  test('the line of 1 2 3 against 2 4 6 has slope 2', () => {
    const plot = plotLinear(
      [1, 2, 3].map((x) => ({ x, y: 2 * x })),
      { attribute: 'x', metric: 'y', mode: 'min' },
    );
    expect(plot.spec.title).toEqual({ text: 'y by x', subtitle: ['slope 2 (95 %: 2 to 2), n = 3'] });
  });

  test('on a logarithmic axis the line is straight, and its slope that of a factor of ten', async () => {
    const plot = plotLinear(
      [1, 10, 100].map((x) => ({ x, y: 5 + 3 * Math.log10(x) })),
      { attribute: 'x', metric: 'y', mode: 'min', xScale: 'log' },
    );
    expect(plot.spec.title).toMatchObject({ subtitle: ['slope 3 per factor of ten (95 %: 3 to 3), n = 3'] });
    const { marks } = readPicture(await plot.svg());
    expectOnAxis(
      (marks.get('points_marks') ?? []).map(({ at: [x] }) => x),
      [0, 1, 2],
    );
  });

  test('of several reports the best stands for a trial, or all do', async () => {
    const reports = reportsOf({ trials: 5, steps: 6 });
    const count = async (reduce: 'best' | 'all') =>
      readPicture(await plotLinear(reports, { attribute: 'lr', metric: 'loss', mode: 'min', reduce }).svg()).marks.get('points_marks')?.length;
    expect([await count('best'), await count('all')]).toEqual([5, 30]);
  });

  test('what cannot be drawn says what and where; one distinct value has no line', () => {
    const refuses = (code: string, rows: Parameters<typeof plotLinear>[0]) =>
      expect(() => plotLinear(rows, { attribute: 'x', metric: 'y', mode: 'min' })).toThrow(expect.objectContaining({ code }));
    refuses('COLUMN_UNKNOWN', [{ x: 1 }]);
    refuses('DATA_INSUFFICIENT', [{ x: 1, y: Number.NaN }]);
    refuses('DATA_INSUFFICIENT', [{ x: [1, 2], y: 1 }]);
    refuses('DATA_INSUFFICIENT', [{ x: 'relu', y: 1 }]);
    refuses('DATA_INSUFFICIENT', [
      { x: 1, y: null },
      { x: null, y: 1 },
    ]);
    const constant = plotLinear(
      [
        { x: 1, y: 1 },
        { x: 1, y: 2 },
      ],
      { attribute: 'x', metric: 'y', mode: 'min' },
    );
    expect(constant.spec.title).toMatchObject({ subtitle: ['no line: one distinct value, n = 2'] });
  });
});
