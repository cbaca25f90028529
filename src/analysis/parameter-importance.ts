import { AttuneError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { checkNumber, checkOptions, describe } from '../base/options.ts';
import { rng } from '../base/rng.ts';
import { type Attribute, attributesOf } from './attributes.ts';
import { fanova } from './importance/fanova.ts';
import { pedAnova } from './importance/ped-anova.ts';
import { atLeast, checkMode, isNumber, losses, type Mode, metricOf, sum } from './numbers.ts';
import type { Rows } from './rows.ts';

/**
 * How `parameterImportance` measures: `'ped-anova'` asks which parameters decided whether a trial was among the best, `'fanova'` which ones the metric depends
 * on anywhere in the space. They answer different questions, and their scores have different units: compare parameters within one method only.
 */
export type ImportanceMethod = 'ped-anova' | 'fanova';

/**
 * What `parameterImportance` measures, and how. `METRIC_INVALID` for another mode; `OPTION_RANGE` for another method or a number out of its bounds, also of
 * the method that is not asked for; `COLUMN_UNKNOWN`; `SPACE_INVALID`.
 */
export interface ImportanceOptions {
  /** A column of the rows. */
  readonly metric: string;
  /** `'min'` when lower is better: which trials are the best, for `ped-anova`. */
  readonly mode: Mode;
  /**
   * - `ped-anova` (default): which parameters decided whether a trial was among the best
   * - `fanova`: which parameters the metric depends on, good or bad, anywhere in the space; and which pairs
   */
  readonly method?: ImportanceMethod;
  /** As written in the space, or as columns. Default: the columns `config/…` with more than one value. */
  readonly parameters?: readonly string[];
  /** The space as JSON (`grid.experiment.paramSpace`): bounds, logarithmic scales, and what is a category. Without it these are read from the values. */
  readonly space?: Json;
  /** Of `ped-anova`: the share of trials that are the best. Above 0, below 1, default 0.1. At least 5 trials should be among them. */
  readonly topShare?: number;
  /** Of `fanova`: how many trees. >= 1, default 64. */
  readonly trees?: number;
  /** Of `fanova`: a whole number. The same one gives the same scores. Default 0. */
  readonly seed?: number;
}

/** How much one parameter matters. */
export interface ParameterScore {
  /** As it was named, or as the space calls it. */
  readonly parameter: string;
  /** The part of the importance of all parameters, from 0 to 1: they add up to 1, or are all 0 when every score is. */
  readonly importance: number;
  /** Before that. Of `fanova` the part of the variance that this parameter alone explains, from 0 to 1; of `ped-anova` a divergence, >= 0. */
  readonly score: number;
  /** Of `fanova`, how far the trees disagree about the score: a standard deviation. 0 of `ped-anova`. */
  readonly deviation: number;
  /** Trials that have it. */
  readonly n: number;
}

/** How much two parameters matter together, beyond each alone. Every pair is there once. */
export interface PairScore {
  readonly a: string;
  readonly b: string;
  /** The part of the variance that the two explain together and neither alone, from 0 to 1. */
  readonly score: number;
}

/** What `parameterImportance` found. */
export interface ParameterImportance {
  /** As it was asked for. */
  readonly method: ImportanceMethod;
  /** Trials with a finite metric; the others are left out. */
  readonly n: number;
  /** By falling importance. */
  readonly parameters: readonly ParameterScore[];
  /** Of `fanova`, by falling score; of `ped-anova` none. With the scores of the parameters and what three and more do together, they add up to 1. */
  readonly pairs: readonly PairScore[];
  /** Of `fanova`: the part of the variance that the forest predicts in trials it has not seen. Below about 0.3 the scores say little; NaN of `ped-anova`. */
  readonly r2: number;
}

/**
 * Which parameters matter.
 *
 * With `'ped-anova'` the numbers are Optuna's: the share of the top set to the power of two, times Pearson's divergence of the parameter's density among the best
 * trials from that among all. It is quick, takes parameters that only some trials have, and does not see parameters that matter only together.
 * With `'fanova'` a forest learns the metric; parameters on a logarithmic scale count evenly on that scale (Optuna takes them as they are), categories are split
 * into sets, and a parameter that a trial lacks has no effect there.
 *
 * @param rows - one per trial; see `reduceRows`
 * @throws {AttuneError} `COLUMN_UNKNOWN`; `DATA_INSUFFICIENT` with fewer than two trials with a finite metric, when all of them are equal, or when no parameter
 *   varies; `METRIC_INVALID`, `OPTION_UNKNOWN`, `OPTION_RANGE`
 * @remarks `ped-anova` O(k n); `fanova` O(trees · k n log² n) and for the pairs O(trees · (k² n + n²)): 1,000 trials of 10 parameters take about a second.
 * @see Watanabe, Bansal & Hutter 2023, "PED-ANOVA", IJCAI, arXiv 2304.10255, theorem 1; Hutter, Hoos & Leyton-Brown 2014, "An efficient approach for assessing
 *   hyperparameter importance", ICML
 * @example
 * import { parameterImportance } from 'attune/analysis';
 * const rows = Array.from({ length: 100 }, (_, i) => ({ x: i % 10, y: i % 7, loss: (i % 10) ** 2 }));
 * parameterImportance(rows, { metric: 'loss', mode: 'min', parameters: ['x', 'y'] }).parameters[0]?.parameter; // => 'x'
 */
export function parameterImportance(rows: Rows, options: ImportanceOptions): ParameterImportance {
  const where = 'parameterImportance';
  const { metric, mode, method, parameters, space, topShare, trees, seed } = checked(where, options);
  const all = [...rows];
  const values = metricOf(where, all, metric);
  const kept = values.flatMap((value, i) => (isNumber(value) ? [i] : []));
  atLeast(where, `trials with a finite ${describe(metric)}`, kept.length, 2, all.length);
  const y = kept.map((i) => values[i] as number);
  if (new Set(y).size < 2)
    throw new AttuneError('DATA_INSUFFICIENT', `${where}: expected at least 2 distinct values of ${describe(metric)}, got ${y[0]} in all ${y.length} trials.`);
  const attributes = attributesOf(where, all, { space, names: parameters });
  const varying = attributes.filter((attribute) => new Set(kept.map((i) => attribute.values[i] as number).filter(isNumber)).size > 1);
  atLeast(where, 'parameters with more than one value', varying.length, 1, all.length);
  const found =
    method === 'fanova'
      ? fanova(varying, y, kept, trees, rng(seed))
      : { single: pedAnova(varying, losses(y, mode), kept, topShare), pairs: [], deviations: [], r2: Number.NaN };
  const total = sum(found.single);
  const scores = attributes.map((attribute): ParameterScore => {
    const i = varying.indexOf(attribute);
    const score = found.single[i] ?? 0;
    const n = kept.filter((row) => isNumber(attribute.values[row] as number)).length;
    return { parameter: attribute.name, importance: total > 0 ? score / total : 0, score, deviation: found.deviations[i] ?? 0, n };
  });
  return { method, n: kept.length, parameters: scores.sort((a, b) => b.score - a.score), pairs: pairsOf(varying, found.pairs), r2: found.r2 };
}

function pairsOf(attributes: readonly Attribute[], scores: readonly number[]): readonly PairScore[] {
  const names = attributes.flatMap(({ name: a }, i) => attributes.slice(i + 1).map(({ name: b }) => ({ a, b })));
  return scores.map((score, i) => ({ ...(names[i] as { a: string; b: string }), score })).sort((a, b) => b.score - a.score);
}

function checked(
  where: string,
  options: ImportanceOptions,
): Required<Omit<ImportanceOptions, 'parameters' | 'space'>> & Pick<ImportanceOptions, 'parameters' | 'space'> {
  checkOptions(where, options, ['metric', 'mode', 'method', 'parameters', 'space', 'topShare', 'trees', 'seed']);
  const { method = 'ped-anova', topShare = 0.1, trees = 64, seed = 0 } = options;
  checkMode(where, options.mode);
  if (method !== 'ped-anova' && method !== 'fanova')
    throw new AttuneError('OPTION_RANGE', `${where}: expected method 'ped-anova' or 'fanova', got ${describe(method)}.`);
  checkNumber(where, 'topShare', topShare, 'above 0 and below 1', (value) => value > 0 && value < 1);
  checkNumber(where, 'trees', trees, 'a whole number >= 1', (value) => Number.isInteger(value) && value >= 1);
  checkNumber(where, 'seed', seed, 'a whole number', Number.isInteger);
  return { ...options, method, topShare, trees, seed };
}
