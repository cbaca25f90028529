import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { groupsOf } from '../../../src/analysis/category-summary.ts';
import type { Plot } from '../../../src/analysis/plots/plot.ts';
import { plotContour } from '../../../src/analysis/plots/plot-contour.ts';
import { plotEdf } from '../../../src/analysis/plots/plot-edf.ts';
import { plotHypervolumeHistory } from '../../../src/analysis/plots/plot-hypervolume-history.ts';
import { plotImportance } from '../../../src/analysis/plots/plot-importance.ts';
import { plotLearningCurves } from '../../../src/analysis/plots/plot-learning-curves.ts';
import { plotLineage } from '../../../src/analysis/plots/plot-lineage.ts';
import { plotLinear } from '../../../src/analysis/plots/plot-linear.ts';
import { plotOptimizationHistory } from '../../../src/analysis/plots/plot-optimization-history.ts';
import { plotParallelCoordinates } from '../../../src/analysis/plots/plot-parallel-coordinates.ts';
import { plotParetoFront } from '../../../src/analysis/plots/plot-pareto-front.ts';
import { plotRank } from '../../../src/analysis/plots/plot-rank.ts';
import { plotRungs } from '../../../src/analysis/plots/plot-rungs.ts';
import { plotSlice } from '../../../src/analysis/plots/plot-slice.ts';
import { plotTimeline } from '../../../src/analysis/plots/plot-timeline.ts';
import { plotViolin } from '../../../src/analysis/plots/plot-violin.ts';
import type { Json } from '../../../src/base/json.ts';
import type { TableRow } from '../../../src/results/table.ts';
import type { TimelineRow } from '../../../src/results/timeline.ts';
import { loguniform } from '../../../src/space/domains.ts';
import { compileSpace, spaceToJson } from '../../../src/space/space.ts';
import { faultsOf, type Picture, readPicture } from './picture.ts';
import { lastOf, named, reportsOf, type World } from './trials.ts';

/** A row per report, a row per trial, and the name that a column has in this world. */
interface Given {
  readonly reports: readonly TableRow[];
  readonly trials: readonly TableRow[];
  readonly world: World;
  readonly name: (column: string) => string;
  /** Of the axes that may be logarithmic. */
  readonly scale: 'linear' | 'log';
}

interface Case {
  readonly plot: (given: Given) => Plot;
  /** How many marks of which name there must be. */
  readonly marks: (given: Given) => Readonly<Record<string, number>>;
}

const finite = (rows: readonly TableRow[], column: string): number => rows.filter((row) => Number.isFinite(row[column])).length;

/** Every plot, and what is in it. A plot more is one entry more. */
const PLOTS: Readonly<Record<string, Case>> = {
  plotLearningCurves: {
    plot: ({ reports, name, scale }) => plotLearningCurves(reports, { y: name('loss'), mode: 'min', yScale: scale }),
    marks: ({ reports, name }) => {
      const drawn = lastOf(reports.filter((row) => Number.isFinite(row[name('loss')]))).length;
      return drawn > 12 ? { curves_marks: 10, curves_behind_marks: drawn - 10 } : { curves_marks: drawn };
    },
  },
  plotOptimizationHistory: {
    plot: ({ trials, name, scale }) => plotOptimizationHistory(trials, { metric: name('loss'), mode: 'min', yScale: scale }),
    marks: ({ trials, name }) => ({ trials_marks: finite(trials, name('loss')), best_marks: 1 }),
  },
  plotLinear: {
    plot: ({ trials, name, scale }) => plotLinear(trials, { attribute: name('lr'), metric: name('loss'), mode: 'min', xScale: scale }),
    marks: ({ trials, name }) => ({ points_marks: finite(trials, name('loss')), line_marks: Number(trials.length > 1), band_marks: Number(trials.length > 2) }),
  },
  plotViolin: {
    plot: ({ trials, name }) => plotViolin(trials, { attribute: name('model.activation'), metric: name('loss'), mode: 'min' }),
    marks: ({ trials, name }) => {
      const kinds = groupsOf(trials.map((row) => row[`config/model/${name('activation')}`] ?? null)).map(({ rows }) =>
        finite(
          rows.map((i) => trials[i] as TableRow),
          name('loss'),
        ),
      );
      return {
        violins_marks: kinds.filter((n) => n > 1).length,
        single_marks: kinds.filter((n) => n === 1).length,
        bests_marks: kinds.filter((n) => n > 0).length,
      };
    },
  },
  plotImportance: {
    plot: ({ world, name }) => plotImportance(Object.fromEntries(Array.from({ length: Math.min(40, world.trials) }, (_, i) => [name(`p${i}`), 1 / (i + 1)]))),
    marks: ({ world }) => ({ bars_marks: Math.min(40, world.trials) }),
  },
  plotEdf: {
    plot: ({ trials, name, scale }) => plotEdf({ [name('one')]: trials, two: trials.slice(0, 7) }, { metric: name('loss'), mode: 'min', xScale: scale }),
    marks: () => ({ steps_marks: 2 }),
  },
  plotSlice: {
    plot: ({ trials, name, scale }) => plotSlice(trials, { metric: name('loss'), mode: 'min', yScale: scale, ...attributes(name) }),
    marks: ({ trials, name }) => ({ panel_0_marks: finite(trials, name('loss')), panel_2_marks: finite(trials, name('loss')) }),
  },
  plotRank: {
    plot: ({ trials, name, world }) => plotRank(trials, { x: name('lr'), y: name('model.activation'), metric: name('loss'), mode: 'min', ...space(world) }),
    marks: ({ trials, name }) => ({ points_marks: finite(trials, name('loss')) }),
  },
  plotContour: {
    plot: ({ trials, name, world }) => plotContour(trials, { x: name('lr'), y: name('model.units'), metric: name('loss'), mode: 'min', ...space(world) }),
    marks: ({ trials, name }) => ({ points_marks: finite(trials, name('loss')), contours_marks: trials.length > 1 ? 9 : 0 }),
  },
  plotParallelCoordinates: {
    plot: ({ trials, name }) => plotParallelCoordinates(trials, { metrics: { [name('loss')]: 'min', [name('latency')]: 'min' }, ...attributes(name) }),
    marks: ({ trials, name }) => ({ lines_marks: finite(trials, name('loss')), axes_marks: 5 }),
  },
  plotTimeline: {
    plot: ({ trials }) => plotTimeline(stretchesOf(trials)),
    marks: ({ trials }) => ({ stretches_marks: trials.length }),
  },
  plotParetoFront: {
    plot: ({ trials, name }) => plotParetoFront(trials, { metrics: { [name('latency')]: 'min', [name('loss')]: 'min' } }),
    marks: ({ trials, name }) => ({ points_marks: finite(trials, name('loss')) }),
  },
  plotHypervolumeHistory: {
    plot: ({ trials, name }) => plotHypervolumeHistory(trials, { metrics: { [name('loss')]: 'min', [name('latency')]: 'max' } }),
    marks: ({ trials, name }) => ({ points_marks: finite(trials, name('loss')), volume_marks: 1 }),
  },
  plotRungs: {
    plot: ({ reports, name, scale }) => plotRungs(reports, { metric: name('loss'), mode: 'min', rungs: [1, 2], yScale: scale }),
    marks: ({ reports, name }) => ({
      points_marks: finite(
        reports.filter((row) => (row.training_iteration as number) <= 2),
        name('loss'),
      ),
    }),
  },
  plotLineage: {
    plot: ({ trials }) => plotLineage(descendantsOf(trials)),
    marks: ({ trials }) => ({ lines_marks: trials.length }),
  },
};

const attributes = (name: Given['name']) => ({ numericalAttributes: [name('lr'), name('model.units')], categoricalAttributes: [name('model.activation')] });

/** Which parameters are searched on a logarithmic scale, in the world of log axes. */
const space = ({ scale }: World): { space?: Json } => (scale === 'log' ? { space: spaceToJson(compileSpace({ lr: loguniform(1e-4, 1e-1) })) } : {});

const stretchesOf = (trials: readonly TableRow[]): readonly TimelineRow[] =>
  trials.map(({ trial_id }, trial) => {
    const end = ['completed', 'stopped', 'paused', 'failed', 'exploited', 'interrupted', 'running'][trial % 7] as TimelineRow['end'];
    return {
      trial,
      trial_id: trial_id as string,
      from_s: trial,
      to_s: trial + 5 + (trial % 3),
      from_step: 0,
      worker: 'host:1',
      to_step: 4,
      end,
      by: 'asha',
      reason: `rung ${trial}`,
    };
  });

const descendantsOf = (trials: readonly TableRow[]) =>
  trials.map(({ trial_id }, i) => {
    const own = { trial: trial_id as string, step: 0 };
    const lineage =
      i % 3 === 1
        ? [
            { trial: trials[i - 1]?.trial_id as string, step: 0 },
            { ...own, step: 5 },
          ]
        : [own];
    return { metrics: { trial_id: own.trial, training_iteration: 10 }, lineage };
  });

/** Each is drawn light and dark, but for the largest, of which one costs seconds. */
const WORLDS: Readonly<Record<string, World>> = {
  'one trial': { trials: 1 },
  'three trials': { trials: 3 },
  '5,000 trials': { trials: 5000, steps: 2 },
  'long names': { trials: 9, long: true },
  'NaN gaps': { trials: 30, steps: 9, gaps: true },
  'log axes': { trials: 20, scale: 'log' },
};

/** Vega says on the console what is wrong with a specification. */
beforeEach(() => {
  for (const level of ['warn', 'error', 'log'] as const) vi.spyOn(console, level);
});
afterEach(() => {
  for (const level of ['warn', 'error', 'log'] as const) expect(vi.mocked(console[level]).mock.calls).toEqual([]);
  vi.restoreAllMocks();
});

describe.each(Object.entries(PLOTS))('%s', (_, { plot, marks }) => {
  test.each(Object.entries(WORLDS))('with %s has every mark, and no text lies on another or leaves the frame', async (_, world) => {
    const reports = reportsOf(world);
    const given: Given = { reports, trials: lastOf(reports), world, name: (column) => named(column, world), scale: world.scale ?? 'linear' };
    for (const theme of world.trials > 1000 ? (['light'] as const) : (['light', 'dark'] as const)) {
      const svg = await plot(given).svg({ theme });
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
      const picture = readPicture(svg);
      expect(faultsOf(picture), theme).toEqual([]);
      expect(countsOf(picture, Object.keys(marks(given))), theme).toEqual(marks(given));
    }
  });
});

/** Those that one can see. */
const countsOf = ({ marks }: Picture, names: readonly string[]): Record<string, number> =>
  Object.fromEntries(names.map((name) => [name, (marks.get(name) ?? []).filter(({ fill, stroke }) => isPaint(fill) || isPaint(stroke)).length]));

const isPaint = (colour: string | undefined): boolean => colour !== undefined && !/none|transparent/.test(colour);
