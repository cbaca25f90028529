import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AttuneError } from '../../base/errors.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { makeDirectory } from '../../base/make-directory.ts';
import { checkOptions, describe } from '../../base/options.ts';
import { portableName } from '../../base/portable-name.ts';
import type { TableRow } from '../../results/table.ts';
import { type Attribute, type AttributeOptions, attributesOf } from '../attributes.ts';
import { type Caution, cautions, type Plugin } from '../cautions.ts';
import { checkMetrics, type Mode } from '../numbers.ts';
import { type Reduce, reduceRows } from '../reduce-rows.ts';
import type { Rows } from '../rows.ts';
import { DRAW_OPTIONS, type DrawOptions, type Plot, plotOf, type Sketch } from './plot.ts';
import { linearSketch } from './plot-linear.ts';
import { violinSketch } from './plot-violin.ts';

/** What `plotAnalysis` draws, how, and where the pictures go. */
export interface PlotAnalysisOptions extends DrawOptions, AttributeOptions {
  /** A row per trial or per report: `grid.getDataFrame({ rows: 'all' })`, a `Frame`, any rows. */
  readonly results: Rows;
  /** What to look at, and which way is better: `{ val_accuracy: 'max' }`. */
  readonly metrics: Readonly<Record<string, Mode>>;
  /** Where pictures go; made when it is not there. Without it nothing is written. */
  readonly saveDir?: string | undefined;
  /** What axes call them: `{ 'model.activation': 'Activation' }`. What is not in it keeps its name; what is in it and not drawn does not matter. */
  readonly attributeNames?: Readonly<Record<string, string>>;
  readonly metricNames?: Readonly<Record<string, string>>;
  /** Leave the files of pictures as they are whose data and looks have not changed since. Default false: draw all anew. */
  readonly cache?: boolean;
  /** Which rows stand for a trial, default `best`. */
  readonly reduce?: Reduce;
  /** Who chose and who stopped the trials, as in `cautions`: `grid.experiment.searcher`. An adaptive searcher stands below the title of each picture. */
  readonly searcher?: Plugin | undefined;
  readonly scheduler?: Plugin | undefined;
}

/** A picture of `plotAnalysis`. */
export interface Figure {
  readonly kind: 'linearplot' | 'violinplot';
  /** As they were given. */
  readonly metric: string;
  readonly attribute: string;
  readonly plot: Plot;
  /** What would bias a conclusion from this picture, as `cautions` has it: few trials, an adaptive searcher, an imbalance of this attribute. */
  readonly cautions: readonly Caution[];
  /** The SVG and the PNG; none without `saveDir`. */
  readonly files: readonly string[];
}

const OPTIONS = [
  ...['results', 'metrics', 'saveDir', 'numericalAttributes', 'categoricalAttributes', 'space', 'attributeNames', 'metricNames', 'cache', 'reduce'],
  ...['searcher', 'scheduler'],
];

/**
 * A picture of each metric by each parameter: for numbers a `plotLinear`, with a logarithmic axis where the `space` searches on one, for
 * categories a `plotViolin`. Without `numericalAttributes` and `categoricalAttributes`, all parameters that vary.
 *
 * @returns the figures, metric by metric. With `saveDir` they are written as `<saveDir>/{linearplot,violinplot}/<metric>/<attribute>.svg` and `.png`,
 *   by the names as given (what no file name can hold becomes `_`)
 * @throws {AttuneError} `METRIC_INVALID` without metrics; `OPTION_RANGE` for no attribute, one that is named twice, or a `cache` without `saveDir`; `COLUMN_UNKNOWN`, `DATA_INSUFFICIENT`, as the plots
 * @example
 * ```ts
 * import { plotAnalysis } from 'attune/analysis';
 * const results = [16, 32, 64].map((units) => ({ 'config/units': units, val_accuracy: 1 - 4 / units }));
 * await plotAnalysis({ results, metrics: { val_accuracy: 'max' }, numericalAttributes: ['units'], attributeNames: { units: 'Units' } });
 * ```
 */
export async function plotAnalysis(options: PlotAnalysisOptions): Promise<readonly Figure[]> {
  const where = 'plotAnalysis';
  checkOptions(where, options, [...OPTIONS, ...DRAW_OPTIONS]);
  const { metrics, saveDir, cache = false } = options;
  checkMetrics(where, metrics);
  if (cache && saveDir === undefined) throw new AttuneError('OPTION_RANGE', `${where}: expected a saveDir with cache, got none.`);
  const rows = rowsOf(where, options.results);
  const attributes = attributesOf(where, rows, options);
  if (attributes.length === 0) throw new AttuneError('OPTION_RANGE', `${where}: expected at least one attribute, got none that varies.`);
  const figures = Object.entries(metrics).flatMap(([metric, mode]) => {
    const sketches = attributes.map((attribute) => sketchOf(rows, attribute, metric, mode, options));
    const doubts = doubtsOf(rows, attributes, metric, mode, options);
    return attributes.map((attribute, i) => figureOf(sketches[i] as Sketch, attribute, metric, options, doubts));
  });
  return saveDir === undefined ? figures : write(figures, saveDir, cache);
}

function rowsOf(where: string, results: unknown): readonly TableRow[] {
  const isRows = typeof results === 'object' && results !== null && Symbol.iterator in results && !('getDataFrame' in results);
  if (isRows) return [...(results as Rows)];
  throw new AttuneError('OPTION_RANGE', `${where}: expected results to be rows, got ${describe(results)}.`, {
    hint: "Give grid.getDataFrame({ rows: 'all' }).",
  });
}

/** What is doubtful about one metric and all attributes. */
function doubtsOf(
  rows: readonly TableRow[],
  attributes: readonly Attribute[],
  metric: string,
  mode: Mode,
  { reduce = 'best', space, searcher, scheduler }: PlotAnalysisOptions,
): readonly Caution[] {
  const named = (kind: Attribute['kind']) => attributes.flatMap((attribute) => (attribute.kind === kind ? [attribute.name] : []));
  const names = { numericalAttributes: named('numeric'), categoricalAttributes: named('categorical') };
  return cautions(reduceRows(rows, { metric, mode, reduce }), { metric, ...names, space, searcher, scheduler });
}

function sketchOf(rows: readonly TableRow[], attribute: Attribute, metric: string, mode: Mode, options: PlotAnalysisOptions): Sketch {
  const { reduce = 'best', attributeNames = {}, metricNames = {} } = options;
  const of = {
    ...{ attribute: attribute.name, metric, mode, reduce },
    attributeTitle: nameIn(attributeNames, attribute.name),
    metricTitle: nameIn(metricNames, metric),
  };
  if (attribute.kind === 'categorical') return violinSketch('plotAnalysis', rows, of);
  return linearSketch('plotAnalysis', rows, { ...of, xScale: attribute.log ? 'log' : 'linear' });
}

function figureOf(sketch: Sketch, attribute: Attribute, metric: string, { width, height, theme }: PlotAnalysisOptions, doubts: readonly Caution[]): Figure {
  const drawing = { ...(width === undefined ? {} : { width }), ...(height === undefined ? {} : { height }), ...(theme === undefined ? {} : { theme }) };
  const isAdaptive = doubts.some(({ kind }) => kind === 'adaptive-searcher');
  const subtitle = [...(sketch.subtitle ?? []), ...(isAdaptive ? ['caution: an adaptive searcher chose these trials'] : [])];
  return {
    kind: attribute.kind === 'numeric' ? 'linearplot' : 'violinplot',
    metric,
    attribute: attribute.name,
    plot: plotOf('plotAnalysis', { ...sketch, subtitle }, drawing),
    cautions: doubts.filter(({ about }) => about.length === 0 || about.includes(attribute.name) || about.includes(metric)),
    files: [],
  };
}

const nameIn = (names: Readonly<Record<string, string>>, name: string): string => (Object.hasOwn(names, name) ? (names[name] as string) : name);

/** What stands in the file that the cache keeps: by picture, the hash of what it was drawn from. */
type Known = Record<string, string>;

async function write(figures: readonly Figure[], saveDir: string, cache: boolean): Promise<readonly Figure[]> {
  const memory = join(saveDir, '.cache');
  if (!cache) rmSync(memory, { recursive: true, force: true });
  const known = cache ? readKnown(join(memory, 'figures.json')) : {};
  const written: Figure[] = [];
  for (const figure of figures) {
    const folder = join(saveDir, figure.kind, portableName(figure.metric));
    const path = join(folder, portableName(figure.attribute));
    const files = [`${path}.svg`, `${path}.png`];
    const hash = createHash('sha256').update(JSON.stringify(figure.plot.spec)).digest('hex');
    if (known[path] !== hash || !files.every(existsSync)) {
      makeDirectory(folder);
      writeFileSync(`${path}.svg`, await figure.plot.svg());
      writeFileSync(`${path}.png`, await figure.plot.png());
    }
    known[path] = hash;
    written.push({ ...figure, files });
  }
  if (cache) {
    makeDirectory(memory);
    writeFileSync(join(memory, 'figures.json'), JSON.stringify(known));
  }
  return written;
}

/** Nothing, when there is none or it cannot be read: then all is drawn. */
function readKnown(file: string): Known {
  try {
    const known = JSON.parse(readFileSync(file, 'utf8')) as Json;
    return Object.fromEntries(Object.entries(known as JsonObject).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    return {};
  }
}
