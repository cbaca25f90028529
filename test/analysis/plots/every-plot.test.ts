import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { groupsOf } from '../../../src/analysis/category-summary.ts';
import type { Plot } from '../../../src/analysis/plots/plot.ts';
import { plotLearningCurves } from '../../../src/analysis/plots/plot-learning-curves.ts';
import { plotLinear } from '../../../src/analysis/plots/plot-linear.ts';
import { plotOptimizationHistory } from '../../../src/analysis/plots/plot-optimization-history.ts';
import { plotViolin } from '../../../src/analysis/plots/plot-violin.ts';
import type { TableRow } from '../../../src/results/table.ts';
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
};

const WORLDS: Readonly<Record<string, World & { readonly theme: 'light' | 'dark'; readonly scale?: 'log' }>> = {
  'one trial': { trials: 1, theme: 'light' },
  'three trials': { trials: 3, theme: 'dark' },
  '5,000 trials': { trials: 5000, steps: 2, theme: 'light' },
  'long names': { trials: 9, long: true, theme: 'dark' },
  'NaN gaps': { trials: 30, steps: 9, gaps: true, theme: 'light' },
  'log axes': { trials: 20, scale: 'log', theme: 'dark' },
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
    const svg = await plot(given).svg({ theme: world.theme });
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    const picture = readPicture(svg);
    expect(faultsOf(picture)).toEqual([]);
    expect(countsOf(picture, Object.keys(marks(given)))).toEqual(marks(given));
  });
});

const countsOf = ({ marks }: Picture, names: readonly string[]): Record<string, number> =>
  Object.fromEntries(names.map((name) => [name, marks.get(name)?.length ?? 0]));
