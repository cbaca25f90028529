import { AttuneError } from '../../base/errors.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import type { TableRow } from '../../results/table.ts';
import { attributesOf } from '../attributes.ts';
import type { Mode } from '../numbers.ts';
import { escaped } from './draw.ts';
import { type Part, pageOf } from './page.ts';
import type { DrawOptions, Plot } from './plot.ts';
import { plotAnalysis } from './plot-analysis.ts';
import { plotContour } from './plot-contour.ts';
import { plotEdf } from './plot-edf.ts';
import { plotHypervolumeHistory } from './plot-hypervolume-history.ts';
import { plotImportance } from './plot-importance.ts';
import { plotLearningCurves } from './plot-learning-curves.ts';
import { type Descendant, plotLineage } from './plot-lineage.ts';
import { plotOptimizationHistory } from './plot-optimization-history.ts';
import { plotParallelCoordinates } from './plot-parallel-coordinates.ts';
import { plotParetoFront } from './plot-pareto-front.ts';
import { plotRank } from './plot-rank.ts';
import { plotRungs } from './plot-rungs.ts';
import { plotSlice } from './plot-slice.ts';
import { plotTimeline, type Stretch } from './plot-timeline.ts';
import type { Theme } from './theme.ts';

/** What a report is made from. */
export interface Reported {
  readonly title: string;
  /** Name and value, in a table at the top. */
  readonly facts: readonly (readonly [string, string])[];
  /** What has been found, in sentences above the pictures. */
  readonly conclusions?: readonly string[];
  readonly objectives: readonly { readonly metric: string; readonly mode: Mode }[];
  /** A row per report. */
  readonly reports: readonly TableRow[];
  readonly timeline: readonly Stretch[];
  readonly results: readonly Descendant[];
  readonly scheduler: string;
  readonly space?: Json;
  readonly importances?: Readonly<Record<string, number>>;
}

type Section = readonly [title: string, plots: () => readonly Plot[] | Promise<readonly Plot[]>];

/** Schedulers that compare trials at rungs. */
const HALVING = /asha|hyperband|bohb|halving/i;

/** One self-contained page with every plot that applies. What could not be drawn is named at its end, with the reason. */
export async function reportPage(reported: Reported, theme: Theme = 'light'): Promise<string> {
  const { title, facts, conclusions = [] } = reported;
  const parts: Part[] = [
    { html: `<h1>${escaped(title)}</h1>` },
    { html: `<table>${facts.map(([name, value]) => `<tr><th>${escaped(name)}</th><td>${escaped(value)}</td></tr>`).join('')}</table>` },
    ...(conclusions.length > 0 ? [{ html: `<h2>Conclusions</h2><ul>${conclusions.map((text) => `<li>${escaped(text)}</li>`).join('')}</ul>` }] : []),
  ];
  const failures: string[] = [];
  for (const [heading, plots] of sections(reported, { theme })) {
    try {
      const drawn = await plots();
      if (drawn.length > 0) parts.push({ html: `<h2>${escaped(heading)}</h2>` }, ...drawn.map(({ spec }) => ({ spec })));
    } catch (error) {
      if (!(error instanceof AttuneError)) throw error;
      failures.push(`${heading}: ${error.message}`);
    }
  }
  if (failures.length > 0) parts.push({ html: `<h2>Not drawn</h2><ul>${failures.map((text) => `<li>${escaped(text)}</li>`).join('')}</ul>` });
  return pageOf(title, parts, theme);
}

function sections(reported: Reported, look: DrawOptions): readonly Section[] {
  const { objectives, reports, timeline, results, scheduler, importances = {} } = reported;
  const space = reported.space === undefined ? {} : { space: reported.space };
  const names = () => attributesOf('report', reports, space);
  const ofOne = objectives.flatMap(({ metric, mode }): Section[] => [
    [`How ${metric} went`, () => [plotOptimizationHistory(reports, { metric, mode, ...look }), plotLearningCurves(reports, { y: metric, mode, ...look })]],
    [
      `What ${metric} depends on`,
      async () => {
        if (names().length === 0) return [];
        const figures = await plotAnalysis({ results: reports, metrics: { [metric]: mode }, ...space, ...look });
        return [...figures.map(({ plot }) => plot), plotSlice(reports, { metric, mode, ...space, ...look }), ...planes(reported, metric, mode, look)];
      },
    ],
    [`Distribution of ${metric}`, () => [plotEdf(reports, { metric, mode, ...look })]],
  ]);
  const metrics = Object.fromEntries(objectives.map(({ metric, mode }) => [metric, mode]));
  const together: Section[] = [
    ['Importance', () => (Object.keys(importances).length > 0 ? [plotImportance(importances, look)] : [])],
    ['All parameters at once', () => (objectives.length > 0 && names().length > 0 ? [plotParallelCoordinates(reports, { metrics, ...space, ...look })] : [])],
    ['Trade-offs', () => (objectives.length === 2 ? [plotParetoFront(reports, { metrics, ...look })] : [])],
    ['Hypervolume', () => (objectives.length > 1 ? [plotHypervolumeHistory(reports, { metrics, ...look })] : [])],
  ];
  const [first] = objectives;
  return [
    ...ofOne,
    ...together,
    ['Rungs', () => (first !== undefined && HALVING.test(scheduler) ? [plotRungs(reports, { ...first, ...look })] : [])],
    ['Lineage', () => (results.some(({ lineage }) => lineage.length > 1) ? [plotLineage(results, look)] : [])],
    ['When trials ran', () => (timeline.length > 0 ? [plotTimeline(timeline, look)] : [])],
  ];
}

/** Of the first two numeric parameters. */
function planes({ reports, space }: Reported, metric: string, mode: Mode, look: DrawOptions): readonly Plot[] {
  const own = space === undefined ? {} : { space };
  const [x, y] = attributesOf('report', reports, own).filter(({ kind }) => kind === 'numeric');
  if (x === undefined || y === undefined) return [];
  const options = { x: x.name, y: y.name, metric, mode, ...own, ...look };
  return [plotContour(reports, options), plotRank(reports, options)];
}

/** What the report of a grid is made from. */
export interface ReportedGrid extends Iterable<Descendant> {
  readonly length: number;
  readonly experimentPath: string;
  readonly numErrors: number;
  readonly experiment: {
    readonly name: string;
    readonly seed: number;
    readonly objectives: Reported['objectives'];
    readonly paramSpace: Json;
    readonly trainable: string;
    readonly searcher: { readonly name: string };
    readonly scheduler: { readonly name: string };
    readonly commit?: string;
  };
  readHistories(): Promise<void>;
  getDataFrame(options: { readonly rows: 'all' }): Iterable<JsonObject>;
  timeline(): readonly Stretch[];
}

/** @param grid - read from its directory */
export async function reportedOf(grid: ReportedGrid): Promise<Reported> {
  await grid.readHistories();
  const { name, seed, objectives, paramSpace, trainable, searcher, scheduler, commit } = grid.experiment;
  const facts: (readonly [string, string])[] = [
    ['directory', grid.experimentPath],
    ['trials', `${grid.length}, of which ${grid.numErrors} ended in ERROR`],
    ['optimised', objectives.map(({ metric, mode }) => `${metric} (${mode})`).join(', ') || 'nothing'],
    ['trainable', trainable],
    ['searcher, scheduler', `${searcher.name}, ${scheduler.name}`],
    ['seed', String(seed)],
    ...(commit === undefined ? [] : [['commit', commit] as const]),
  ];
  const reports = [...grid.getDataFrame({ rows: 'all' })];
  return { title: name, facts, objectives, reports, timeline: grid.timeline(), results: [...grid], scheduler: scheduler.name, space: paramSpace };
}
