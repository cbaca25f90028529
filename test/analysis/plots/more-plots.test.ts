import { describe, expect, test } from 'vitest';
import { empiricalDistribution } from '../../../src/analysis/empirical-distribution.ts';
import { hypervolumeHistory } from '../../../src/analysis/hypervolume-history.ts';
import type { Plot } from '../../../src/analysis/plots/plot.ts';
import { plotContour } from '../../../src/analysis/plots/plot-contour.ts';
import { plotEdf } from '../../../src/analysis/plots/plot-edf.ts';
import { plotHypervolumeHistory } from '../../../src/analysis/plots/plot-hypervolume-history.ts';
import { plotImportance } from '../../../src/analysis/plots/plot-importance.ts';
import { plotLineage } from '../../../src/analysis/plots/plot-lineage.ts';
import { plotParallelCoordinates } from '../../../src/analysis/plots/plot-parallel-coordinates.ts';
import { plotParetoFront } from '../../../src/analysis/plots/plot-pareto-front.ts';
import { plotRank } from '../../../src/analysis/plots/plot-rank.ts';
import { plotRungs } from '../../../src/analysis/plots/plot-rungs.ts';
import { plotSlice } from '../../../src/analysis/plots/plot-slice.ts';
import { plotTimeline } from '../../../src/analysis/plots/plot-timeline.ts';
import { hypervolume2d } from '../../../src/base/numeric/hypervolume.ts';
import { paretoFront, paretoRanks } from '../../../src/base/numeric/pareto.ts';
import { loguniform } from '../../../src/space/domains.ts';
import { compileSpace, spaceToJson } from '../../../src/space/space.ts';
import { type DrawnMark, expectOnAxis, readPicture } from './picture.ts';
import { lastOf, reportsOf } from './trials.ts';

const reports = reportsOf({ trials: 20, steps: 5 });
const rows = lastOf(reports);
const column = (name: string): readonly number[] => rows.map((row) => row[name] as number);
const marksOf = async (plot: Plot, name: string): Promise<readonly DrawnMark[]> => readPicture(await plot.svg()).marks.get(name) ?? [];
const [xs, ys] = [(marks: readonly DrawnMark[]) => marks.map(({ at: [x] }) => x), (marks: readonly DrawnMark[]) => marks.map(({ at: [, y] }) => y)];
const textsOf = async (plot: Plot): Promise<readonly string[]> => readPicture(await plot.svg()).texts.map(({ text }) => text);
const refuses = (code: string, draw: () => Plot) => expect(draw).toThrow(expect.objectContaining({ code }));

test('plotImportance: bars from 0, the longest on top', async () => {
  const plot = plotImportance({ seed: 0, lr: 0.6, 'model.units': 0.3 });
  const widths = (await marksOf(plot, 'bars_marks')).map(({ path }) => Math.max(...path.map(([x]) => x)) - Math.min(...path.map(([x]) => x)));
  expectOnAxis(widths, [0.6, 0.3, 0]);
  expect((await textsOf(plot)).filter((text) => ['lr', 'model.units', 'seed', '0.6', '0.3', '0'].includes(text)).slice(0, 3)).toEqual([
    'lr',
    'model.units',
    'seed',
  ]);
  refuses('DATA_INSUFFICIENT', () => plotImportance({}));
  refuses('DATA_INSUFFICIENT', () => plotImportance({ lr: Number.NaN }));
});

test('plotEdf: the share of trials at or below each value, a line for each experiment', async () => {
  const plot = plotEdf({ a: [3, 1, 2, Number.NaN].map((loss) => ({ loss })), b: [{ loss: 2 }] }, { metric: 'loss', mode: 'min' });
  const [a] = await marksOf(plot, 'steps_marks');
  const corners = a?.path ?? [];
  expectOnAxis(
    corners.map(([x]) => x),
    [1, 1, 1, 2, 2, 3, 3].slice(0, corners.length),
  );
  expect(new Set(corners.map(([, y]) => Math.round(y))).size).toBe(4);
  expect(await textsOf(plot)).toEqual(expect.arrayContaining(['a', 'b', '4 trials', '1 of 5 trials without a number left out']));
  refuses('DATA_INSUFFICIENT', () => plotEdf({}, { metric: 'loss', mode: 'min' }));
  refuses('COLUMN_UNKNOWN', () => plotEdf([{ loss: 1 }], { metric: 'acc', mode: 'min' }));
});

test('plotSlice: a panel for each parameter, with every trial at its value', async () => {
  const plot = plotSlice(rows, { metric: 'loss', mode: 'min' });
  const [lr, units] = [await marksOf(plot, 'panel_0_marks'), await marksOf(plot, 'panel_1_marks')];
  expectOnAxis(xs(lr), column('config/lr'));
  expectOnAxis(ys(lr), column('loss'));
  expectOnAxis(xs(units), column('config/model/units'));
  const kinds = ['elu', 'leaky relu', 'relu'];
  const places = rows.map((row) => kinds.indexOf(row['config/model/activation'] as string));
  expectOnAxis(xs(await marksOf(plot, 'panel_2_marks')), places);
  expect(
    await textsOf(
      plotSlice(
        rows.map((row, i) => (i < 5 ? { ...row, 'config/lr': null } : row)),
        { metric: 'loss', mode: 'min' },
      ),
    ),
  ).toContain('20 trials');
});

describe('a plane of two parameters', () => {
  const space = spaceToJson(compileSpace({ lr: loguniform(1e-4, 1e-1) }));

  test('plotRank: where trials lie, coloured alike when they are equally good', async () => {
    const points = await marksOf(plotRank(rows, { x: 'lr', y: 'model.units', metric: 'loss', mode: 'min', space }), 'points_marks');
    expectOnAxis(xs(points), column('config/lr').map(Math.log10));
    expectOnAxis(ys(points), column('config/model/units'));
    const tied = [1, 1, 2].map((loss, i) => ({ loss, a: i, b: i }));
    const [first, second, third] = await marksOf(plotRank(tied, { x: 'a', y: 'b', metric: 'loss', mode: 'max' }), 'points_marks');
    expect(first?.fill).toBe(second?.fill);
    expect(first?.fill).not.toBe(third?.fill);
  });

  test('plotContour: the same points over lines of equal metric', async () => {
    const plot = plotContour(rows, { x: 'lr', y: 'model.units', metric: 'loss', mode: 'min', space });
    const points = await marksOf(plot, 'points_marks');
    expectOnAxis(xs(points), column('config/lr').map(Math.log10));
    expectOnAxis(ys(points), column('config/model/units'));
    expect(plot.spec.$schema).toContain('/vega/');
    refuses('DATA_INSUFFICIENT', () => plotContour(rows, { x: 'lr', y: 'model.activation', metric: 'loss', mode: 'min' }));
    refuses('COLUMN_UNKNOWN', () => plotContour(rows, { x: 'lr', y: 'depth', metric: 'loss', mode: 'min' }));
  });

  test('plotContour: of a metric that is one parameter the lines run along the other', async () => {
    const square = Array.from({ length: 121 }, (_, i) => ({ a: i % 11, b: Math.floor(i / 11), loss: i % 11 }));
    const regions = await marksOf(plotContour(square, { x: 'a', y: 'b', metric: 'loss', mode: 'min' }), 'contours_marks');
    const lefts = regions.map(({ path }) => Math.min(...path.map(([x]) => x)));
    expect(lefts).toHaveLength(9);
    expect(lefts.toSorted((p, q) => p - q)).toEqual(lefts); // each region holds the next, and begins further right
    expect(new Set(lefts.map(Math.round)).size).toBe(9);
  });
});

test('plotParallelCoordinates: a line for each trial through its places, coloured by Pareto rank when metrics are several', async () => {
  const options = { numericalAttributes: ['model.units'], categoricalAttributes: ['model.activation'] };
  const lines = await marksOf(plotParallelCoordinates(rows, { metrics: { loss: 'min' }, ...options }), 'lines_marks');
  expect(lines.map(({ path }) => path.length)).toEqual(rows.map(() => 3));
  expectOnAxis(
    lines.map(({ path }) => path[0]?.[1] as number),
    column('config/model/units'),
  );
  expectOnAxis(
    lines.map(({ path }) => path[2]?.[1] as number),
    column('loss'),
  );
  const several = plotParallelCoordinates(rows, { metrics: { loss: 'min', latency: 'min' }, ...options });
  expect(await textsOf(several)).toContain('Pareto rank');
  const front = paretoFront(rows.map((_, i) => [column('loss')[i] as number, column('latency')[i] as number]));
  const colours = (await marksOf(several, 'lines_marks')).map(({ stroke }) => stroke);
  expect(colours.flatMap((colour, i) => (colour === colours[front[0] as number] ? [i] : []))).toEqual(front);
  refuses('METRIC_INVALID', () => plotParallelCoordinates(rows, { metrics: {} }));
});

test('plotTimeline: a bar from start to end of each stretch, coloured by its end, and who stopped how many', async () => {
  const stretch = { trial_id: 'a', from_step: 0, to_step: 5, worker: 'host:1', reason: 'rung 5: rank 3 of 3' };
  const timeline = [
    { ...stretch, trial: 0, from_s: 0, to_s: 4, end: 'paused' },
    { ...stretch, trial: 1, from_s: 1, to_s: 9, end: 'stopped', by: 'asha' },
    { ...stretch, trial: 0, from_s: 10, to_s: 12, end: 'completed' },
  ] as const;
  const plot = plotTimeline(timeline);
  const bars = await marksOf(plot, 'stretches_marks');
  expectOnAxis(
    bars.flatMap(({ path }) => path.map(([x]) => x).sort((a, b) => a - b)),
    [0, 4, 1, 9, 10, 12],
  );
  expect(new Set(bars.map(({ stroke }) => stroke)).size).toBe(3);
  expect(ys(bars)[0]).toBe(ys(bars)[2]);
  expect(await textsOf(plot)).toEqual(expect.arrayContaining(['2 trials', 'stopped by asha, rung 5: 1', 'paused', 'stopped', 'completed']));
  expect(JSON.stringify(plot.spec)).toContain('asha: rung 5: rank 3 of 3');
  const instant = { ...stretch, trial: 0, from_s: 1, to_s: 1, end: 'failed' } as const;
  const [first] = await marksOf(plotTimeline([instant, { ...instant, trial: 1, to_s: 9 }]), 'stretches_marks');
  expect(Math.abs((first?.path[0]?.[0] as number) - (first?.path[1]?.[0] as number))).toBeGreaterThan(1);
  refuses('DATA_INSUFFICIENT', () => plotTimeline([]));
});

test('plotParetoFront: those that no other beats are joined', async () => {
  const plot = plotParetoFront(rows, { metrics: { latency: 'min', loss: 'min' } });
  const points = await marksOf(plot, 'points_marks');
  expectOnAxis(xs(points), column('latency'));
  expectOnAxis(ys(points), column('loss'));
  const front = paretoFront(rows.map((_, i) => [column('loss')[i] as number, column('latency')[i] as number]));
  expect((await marksOf(plot, 'line_marks'))[0]?.path).toHaveLength(front.length);
  expect(await textsOf(plot)).toContain(`20 trials, ${front.length} on the front`);
  expect(await marksOf(plot, 'front_marks')).toHaveLength(front.length);
  refuses('OPTION_RANGE', () => plotParetoFront(rows, { metrics: { loss: 'min' } }));
});

test('plotHypervolumeHistory: the area that the first trials dominate', async () => {
  const plot = plotHypervolumeHistory(rows, { metrics: { loss: 'min', latency: 'max' }, reference: { loss: 2, latency: 0 } });
  const points = rows.map((_, i): [number, number] => [column('loss')[i] as number, -(column('latency')[i] as number)]);
  const areas = points.map((_, i) => hypervolume2d(points.slice(0, i + 1), [2, 0]));
  expectOnAxis(ys(await marksOf(plot, 'points_marks')), areas);
  expect(await textsOf(plot)).toContain('to the reference loss 2, latency 0');
  refuses('OPTION_RANGE', () => plotHypervolumeHistory(rows, { metrics: { loss: 'min', latency: 'max' }, reference: { loss: 2 } }));
});

test('what a plot shows is what the function of the same name gives', async () => {
  const metrics = { loss: 'min', latency: 'max' } as const;
  const volumes = hypervolumeHistory(rows, { metrics }).map(({ hypervolume }) => hypervolume);
  expectOnAxis(ys(await marksOf(plotHypervolumeHistory(rows, { metrics }), 'points_marks')), volumes);
  const ranks = paretoRanks(rows.map((_, i) => [column('loss')[i] as number, -(column('latency')[i] as number)]));
  expect(await textsOf(plotParetoFront(rows, { metrics }))).toContain(`20 trials, ${ranks.filter((rank) => rank === 0).length} on the front`);
  const steps = empiricalDistribution(rows, { metric: 'loss' });
  const corners = (await marksOf(plotEdf(rows, { metric: 'loss', mode: 'min' }), 'steps_marks'))[0]?.path ?? [];
  expectOnAxis(
    corners.slice(1).flatMap(([, y], i) => (y === corners[i]?.[1] ? [] : [y])),
    steps.map(({ share }) => share),
  );
});

test('null, 0, false and "" are categories in every plot that has any; texts of digits are no numbers', async () => {
  const kinds = [0, false, '', null, 'relu', '1', '2'];
  const table = kinds.map((kind, i) => ({ loss: 7 - i, 'config/lr': i, 'config/kind': kind }));
  const labels = ['None', 'false', '0', '""', '1', '2', 'relu'];
  const options = { metric: 'loss', mode: 'min', categoricalAttributes: ['kind'] } as const;
  for (const plot of [
    plotSlice(table, options),
    plotRank(table, { x: 'lr', y: 'kind', metric: 'loss', mode: 'min' }),
    plotRank(table, { x: 'kind', y: 'lr', metric: 'loss', mode: 'min' }),
    plotParallelCoordinates(table, { metrics: { loss: 'min' }, categoricalAttributes: ['kind'] }),
  ]) {
    expect(await textsOf(plot)).toEqual(expect.arrayContaining(labels));
    expect(await textsOf(plot)).toContain('7 trials');
  }
  const digits = ['1', '2'].map((kind, i) => ({ loss: i, lr: i, kind }));
  expect(await textsOf(plotRank(digits, { x: 'lr', y: 'kind', metric: 'loss', mode: 'min' }))).toEqual(expect.arrayContaining(['1', '2', '2 trials']));
});

test('a parameter twice, or no metric, is refused everywhere with the same code', () => {
  const twice = { numericalAttributes: ['lr', 'config/lr'] };
  refuses('OPTION_RANGE', () => plotSlice(rows, { metric: 'loss', mode: 'min', ...twice }));
  refuses('OPTION_RANGE', () => plotRank(rows, { x: 'lr', y: 'lr', metric: 'loss', mode: 'min' }));
  expect(() => plotParallelCoordinates(rows, { metrics: { loss: 'min' }, ...twice })).toThrow(
    'plotParallelCoordinates: expected each parameter once, as a number or as a category, got "lr" and "config/lr", which are the same column.',
  );
  for (const metrics of [{}, null, undefined] as never[])
    for (const draw of [plotParallelCoordinates, plotParetoFront, plotHypervolumeHistory]) refuses('METRIC_INVALID', () => draw(rows, { metrics }));
});

test('plotParallelCoordinates: labels have a halo, in the colour of the paper, over the lines', async () => {
  const svg = await plotParallelCoordinates(rows, { metrics: { loss: 'min' } }).svg({ theme: 'dark' });
  const page = await plotParallelCoordinates(rows, { metrics: { loss: 'min' } }).html();
  expect(page.includes('"domain":[-0.03,1.03]')).toBe(true); // marks of a page are cut at the edge of the picture: labels of the ends are not there
  const [lines, halos, labels] = ['lines_marks', 'halos_marks', 'labels_marks'].map((name) => svg.indexOf(`role-mark ${name}`)) as [number, number, number];
  expect([lines, halos, labels]).toEqual([lines, halos, labels].toSorted((a, b) => a - b));
  expect(svg.slice(halos, labels)).toMatch(/stroke="#15191f" stroke-width="4"/);
});

test('plotRungs: what each trial had at the rungs that it reached, and whether it went on', async () => {
  const until = [1, 1, 3, 1, 3, 5];
  const halved = reportsOf({ trials: 6, steps: 5 }).filter(
    (row) => (row.training_iteration as number) <= (until[Number(String(row.trial_id).slice(-1))] as number),
  );
  const plot = plotRungs(halved, { metric: 'loss', mode: 'min' });
  const points = await marksOf(plot, 'points_marks');
  const drawn = halved.filter((row) => [1, 3, 5].includes(row.training_iteration as number));
  expectOnAxis(
    ys(points),
    drawn.map(({ loss }) => loss as number),
  );
  expectOnAxis(
    xs(points),
    drawn.map((row) => Math.log(row.training_iteration as number)),
  );
  const wentOn = drawn.map((row) => (row.training_iteration as number) < (until[Number(String(row.trial_id).slice(-1))] as number));
  expect(new Set(points.map(({ fill }, i) => `${fill} ${wentOn[i]}`)).size).toBe(2);
  refuses('DATA_INSUFFICIENT', () => plotRungs(halved, { metric: 'loss', mode: 'min', rungs: [99] }));
});

test('plotLineage: along the rows of those who trained what is now its', async () => {
  const grid = [
    { metrics: { trial_id: 'a', training_iteration: 9 }, lineage: [{ trial: 'a', step: 0 }] },
    {
      metrics: { trial_id: 'b', training_iteration: 9 },
      lineage: [
        { trial: 'a', step: 0 },
        { trial: 'b', step: 5 },
      ],
    },
  ];
  const plot = plotLineage(grid);
  const [a, b] = await marksOf(plot, 'lines_marks');
  expectOnAxis(
    [...(a?.path ?? []), ...(b?.path ?? [])].map(([x]) => x),
    [0, 9, 0, 5, 5, 9],
  );
  expect(b?.path.slice(0, 2).map(([, y]) => y)).toEqual(a?.path.map(([, y]) => y));
  expect(b?.path[2]?.[1]).toBeGreaterThan(a?.path[0]?.[1] as number);
  expect(await textsOf(plot)).toContain('2 trials, 1 copied from another');
  refuses('DATA_INSUFFICIENT', () => plotLineage([]));
});
