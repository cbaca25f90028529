import { AttuneError } from '../../base/errors.ts';
import type { Json } from '../../base/json.ts';
import { oneLine } from '../../base/one-line.ts';
import type { ResultGrid } from '../../results/result-grid.ts';
import type { TableRow } from '../../results/table.ts';
import type { TimelineRow } from '../../results/timeline.ts';
import { attributesOf } from '../attributes.ts';
import type { Plugin } from '../cautions.ts';
import { interpret } from '../interpret.ts';
import type { Mode } from '../numbers.ts';
import { parameterImportance } from '../parameter-importance.ts';
import { reduceRows } from '../reduce-rows.ts';
import { counted } from './axis.ts';
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
import { plotTimeline } from './plot-timeline.ts';
import type { Theme } from './theme.ts';

/** What a report is made from. */
export interface Reported {
  readonly title: string;
  /** Name and value, in a table at the top. */
  readonly facts: readonly (readonly [string, string])[];
  readonly objectives: readonly { readonly metric: string; readonly mode: Mode }[];
  /** A row per report, and one for each trial without any; none when nobody has reported. */
  readonly reports: readonly TableRow[];
  readonly timeline: readonly TimelineRow[];
  readonly results: readonly Descendant[];
  /** How each trial that failed did so. */
  readonly errors: readonly string[];
  readonly searcher: Plugin;
  readonly scheduler: Plugin;
  readonly space?: Json;
}

type Section = readonly [title: string, plots: () => readonly Plot[] | Promise<readonly Plot[]>];

/** Schedulers that compare trials at rungs. */
const HALVING = /asha|hyperband|bohb|halving/i;

/** One self-contained page: what the trials allow to conclude, then every plot that applies. What could not be had is named at its end, with the reason. */
export async function reportPage(reported: Reported, theme: Theme = 'light'): Promise<string> {
  const { title, facts } = reported;
  const parts: Part[] = [
    { html: `<h1>${escaped(title)}</h1>` },
    { html: `<table>${facts.map(([name, value]) => `<tr><th>${escaped(name)}</th><td>${escaped(value)}</td></tr>`).join('')}</table>` },
  ];
  if (reported.errors.length > 0) parts.push({ html: `<h2>Errors</h2>${listed(commonest(reported.errors))}` });
  const failures: string[] = [];
  for (const [heading, content] of [['Conclusions', () => conclusions(reported)] as const, ...sections(reported, { theme })]) {
    try {
      const found = await content();
      if (found.length > 0) parts.push({ html: `<h2>${escaped(heading)}</h2>` }, ...found.map((part) => ('spec' in part ? { spec: part.spec } : part)));
    } catch (error) {
      if (!(error instanceof AttuneError)) throw error;
      failures.push(`${heading}: ${error.message.replace(` Hint: ${error.hint}`, '')}`); // hints are for those who call the functions
    }
  }
  if (failures.length > 0) parts.push({ html: `<h2>Not drawn</h2>${listed(failures)}` });
  return pageOf(title, parts, theme);
}

const listed = (texts: readonly string[]): string => `<ul>${texts.map((text) => `<li>${escaped(text)}</li>`).join('')}</ul>`;

const COMMONEST = 20;

/** `3 trials: Error: out of memory`, the commonest first; those that differ by numbers alone are one, of which the first is shown. */
function commonest(errors: readonly string[]): readonly string[] {
  const groups = new Map<string, string[]>();
  for (const error of errors) {
    const key = error.replace(/\d+/g, '0');
    groups.set(key, [...(groups.get(key) ?? []), error]);
  }
  const sorted = [...groups.values()].sort((a, b) => b.length - a.length);
  const lines = sorted.map((group) => `${counted(group.length, 'trial')}: ${oneLine(group[0] as string, 300)}`);
  return lines.length > COMMONEST ? [...lines.slice(0, COMMONEST), `and ${lines.length - COMMONEST} others`] : lines;
}

/** In words, with their numbers and their cautions. */
function conclusions({ objectives, reports, searcher, scheduler, space }: Reported): readonly Part[] {
  if (objectives.length === 0) return [];
  if (reports.length === 0) return [{ html: listed(['No trial has reported anything yet: there is nothing to conclude or to draw.']) }];
  const { lines, questions } = interpret(reports, { metrics: modesOf(objectives), searcher, scheduler, ...(space === undefined ? {} : { space }) });
  return [{ html: listed([...(questions === 0 ? ['No parameter varies among the trials: there is nothing to conclude about any.'] : []), ...lines]) }];
}

const modesOf = (objectives: Reported['objectives']): Readonly<Record<string, Mode>> =>
  Object.fromEntries(objectives.map(({ metric, mode }) => [metric, mode]));

function sections(reported: Reported, look: DrawOptions): readonly Section[] {
  const { reports, timeline, results, searcher, scheduler } = reported;
  const objectives = reports.length === 0 ? [] : reported.objectives;
  const space = reported.space === undefined ? {} : { space: reported.space };
  const names = () => attributesOf('report', reports, space);
  const ofOne = objectives.flatMap(({ metric, mode }): Section[] => [
    [`How ${metric} went`, () => [plotOptimizationHistory(reports, { metric, mode, ...look }), plotLearningCurves(reports, { y: metric, mode, ...look })]],
    [
      `What ${metric} depends on`,
      async () => {
        if (names().length === 0) return [];
        const figures = await plotAnalysis({ results: reports, metrics: { [metric]: mode }, searcher, scheduler, ...space, ...look });
        return [...figures.map(({ plot }) => plot), plotSlice(reports, { metric, mode, ...space, ...look }), ...planes(reported, metric, mode, look)];
      },
    ],
    [
      `Importance for ${metric}`,
      () => {
        if (names().length < 2) return [];
        return [plotImportance(parameterImportance(reduceRows(reports, { metric, mode }), { metric, mode, ...space }), look)];
      },
    ],
    [`Distribution of ${metric}`, () => [plotEdf(reports, { metric, mode, ...look })]],
  ]);
  const metrics = modesOf(objectives);
  const together: Section[] = [
    ['All parameters at once', () => (objectives.length > 0 && names().length > 0 ? [plotParallelCoordinates(reports, { metrics, ...space, ...look })] : [])],
    ['Trade-offs', () => (objectives.length === 2 ? [plotParetoFront(reports, { metrics, ...look })] : [])],
    ['Hypervolume', () => (objectives.length > 1 ? [plotHypervolumeHistory(reports, { metrics, ...look })] : [])],
  ];
  const [first] = objectives;
  return [
    ...ofOne,
    ...together,
    [
      'Rungs',
      () =>
        first !== undefined && HALVING.test(typeof scheduler === 'string' ? scheduler : scheduler.name)
          ? [plotRungs(reports, { ...first, ...rungsOf(scheduler), ...look })]
          : [],
    ],
    ['Lineage', () => (results.some(({ lineage }) => lineage.length > 1) ? [plotLineage(results, look)] : [])],
    ['When trials ran', () => (timeline.length > 0 ? [plotTimeline(timeline, look)] : [])],
  ];
}

/** Where `asha` compares, also where nobody ended; of other schedulers the plot finds out where trials ended. */
function rungsOf(scheduler: Plugin): { readonly rungs?: readonly number[] } {
  const options = (typeof scheduler === 'string' ? undefined : scheduler.options) as Readonly<Record<string, Json>> | null | undefined;
  const { gracePeriod, reductionFactor, maxT, timeAttr = 'training_iteration' } = options ?? {};
  if (typeof gracePeriod !== 'number' || typeof reductionFactor !== 'number' || typeof maxT !== 'number') return {};
  if (!(gracePeriod > 0 && reductionFactor > 1 && Number.isFinite(maxT)) || timeAttr !== 'training_iteration') return {};
  const rungs: number[] = [];
  for (let rung = gracePeriod; rung < maxT; rung *= reductionFactor) rungs.push(Math.round(rung));
  return { rungs: [...rungs, maxT] };
}

/** Of the first two numeric parameters. */
function planes({ reports, space }: Reported, metric: string, mode: Mode, look: DrawOptions): readonly Plot[] {
  const own = space === undefined ? {} : { space };
  const [x, y] = attributesOf('report', reports, own).filter(({ kind }) => kind === 'numeric');
  if (x === undefined || y === undefined) return [];
  const options = { x: x.name, y: y.name, metric, mode, ...own, ...look };
  return [plotContour(reports, options), plotRank(reports, options)];
}

/** The reports, and a row for each trial that has none: it counts as a trial, and has its number. Nothing where nobody has reported. */
function withSilent(trials: readonly TableRow[], reports: readonly TableRow[]): readonly TableRow[] {
  const known = new Set(reports.map((row) => row.trial_id));
  const places = new Map(trials.map((row, i) => [row.trial_id, i]));
  const place = (row: TableRow): number => places.get(row.trial_id) ?? trials.length;
  return known.size === 0 ? [] : [...reports, ...trials.filter((row) => !known.has(row.trial_id))].sort((a, b) => place(a) - place(b));
}

/** @param grid - read from its directory. Its histories are read. */
export async function reportedOf(grid: ResultGrid): Promise<Reported> {
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
  const reports = withSilent([...grid.getDataFrame()], [...grid.getDataFrame({ rows: 'all' })]);
  const errors = grid.errors.map((error) => `${error.name}: ${error.message}`);
  return { title: name, facts, objectives, reports, timeline: grid.timeline(), results: [...grid], errors, searcher, scheduler, space: paramSpace };
}
