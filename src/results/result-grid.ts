import { join, resolve } from 'node:path';
import { AttuneError } from '../base/errors.ts';
import { block, INSPECT, type Inspect } from '../base/inspect.ts';
import type { JsonObject } from '../base/json.ts';
import { paretoFront } from '../base/numeric/pareto.ts';
import { checkOptions, checkText, describe } from '../base/options.ts';
import { cloneJson } from '../space/clone-json.ts';
import type { Config } from '../space/config.ts';
import { readExperiment } from '../store/read-experiment.ts';
import type { Mode, Objective } from '../trial/metrics.ts';
import { toLoss } from '../trial/metrics.ts';
import { violationOf } from '../trial/row.ts';
import type { ExperimentRecord } from '../trial/trial-record.ts';
import { bestIndex, lastValue } from './best-result.ts';
import { type ExperimentInfo, experimentInfo } from './experiment-info.ts';
import { writeExport } from './export-table.ts';
import { everyRow, FIRST_COLUMNS, type FrameFilter, frameRow } from './frame-row.ts';
import { gridLines } from './grid-lines.ts';
import { type GridSummary, gridSummary } from './grid-summary.ts';
import { JournalRows } from './journal-rows.ts';
import type { AnyMetrics, MetricKey, MetricOptions } from './metric-key.ts';
import { type ObjectiveOptions, objectiveFor } from './objective.ts';
import { optunaJournal } from './optuna-journal.ts';
import { Result } from './result.ts';
import { SCOPES, type Scope } from './scope.ts';
import { type Table, tableOf } from './table.ts';
import { type TimelineRow, timeline } from './timeline.ts';
import type { TrialError } from './trial-error.ts';
import { TrialHistory } from './trial-history.ts';

/** A metric and its mode (default: the experiment's), and what of a trial counts. */
export type BestResultOptions<M> = MetricOptions<M> & {
  /** Default `last`: the final value, not the best ever seen (`all`). */
  readonly scope?: Scope;
  /** Default true: a trial whose value is NaN or infinite cannot win. With false, infinities count as numbers and NaN is below all of them. */
  readonly filterNanAndInf?: boolean;
};

/**
 * `rows: 'last'` (default): a row per trial. Without a filter its last report, with one the report in which this metric was best.
 * `rows: 'all'`: a row per report of every trial; takes no filter.
 */
export type DataFrameOptions<M> =
  | { readonly rows?: 'last'; readonly filterMetric: MetricKey<M>; readonly filterMode?: Mode }
  | { readonly rows?: 'last' | 'all'; readonly filterMetric?: undefined; readonly filterMode?: undefined };

/** A configuration with what came of it: one finite loss per objective, lower is better. */
export interface Observation<C> {
  readonly config: C;
  readonly losses: readonly number[];
  /** By how much it breaks constraints; not there when it breaks none. */
  readonly violation?: number;
}

/** Every report of every trial that made one and did not end in ERROR, and the metric that is meant. NaN is null. */
export interface LearningCurves {
  readonly objective: Objective;
  /** `trial`: its index in the grid. */
  readonly curves: readonly { readonly trial: number; readonly rows: readonly JsonObject[] }[];
}

/** So many histories are read at once. */
const READERS = 16;

/**
 * The trials of an experiment with their results, in the order in which they were queued, whatever has become of them.
 *
 * @example
 * import { gridSearch, run } from 'attune';
 *
 * const grid = await run(({ x }: { x: number }) => (x - 2) ** 2, {
 *   config: { x: gridSearch([1, 2, 3]) }, metric: 'loss', mode: 'min', verbose: 0,
 * });
 * grid.hasErrors; // => false
 * grid.getBestResult().config; // => { x: 2 }
 * [...grid].map((result) => result.metrics.loss); // => [1, 0, 1]
 * grid.getDataFrame().columnNames().includes('config/x'); // => true
 */
export class ResultGrid<C = Config, M extends object = AnyMetrics> implements Iterable<Result<C, M>> {
  readonly #record: ExperimentRecord;
  readonly #histories: readonly TrialHistory[];
  readonly #results: readonly Result<C, M>[];
  #info: ExperimentInfo | undefined;

  /** For Attune itself: grids come from `fit()`, `run()`, `getResults()` and `ResultGrid.fromDirectory`. */
  constructor(record: ExperimentRecord) {
    this.#record = record;
    const journal = new JournalRows(record);
    this.#histories = record.trials.map((trial) => new TrialHistory(trial, join(record.path, trial.dir), journal));
    this.#results = this.#histories.map((history) => new Result<C, M>(history, record.created));
  }

  /**
   * The experiment in a directory, without the script that wrote it: reads the journal, runs nothing. One that still runs is as it is now.
   * Give it the types of your configuration and metrics if you want them: `ResultGrid.fromDirectory<{ lr: number }, { loss: number }>(dir)`.
   *
   * Cost: one pass over the journal, synchronous; histories are read when they are first wanted. A last line that is not whole (the process was
   * killed while it wrote) is left out.
   *
   * @param dir - `<storagePath>/<name>`, which holds `journal.jsonl`
   * @throws {AttuneError} `EXPERIMENT_NOT_FOUND`, which says what is there instead; `JOURNAL_INVALID` with the line, `JOURNAL_VERSION`
   * @example
   * ```ts
   * import { ResultGrid, run, uniform } from 'attune';
   *
   * const train = ({ x }: { x: number }) => ({ loss: x ** 2 });
   * const { experimentPath } = await run(train, { config: { x: uniform(-1, 1) }, metric: 'loss', mode: 'min', numSamples: 5, verbose: 0 });
   * const grid = ResultGrid.fromDirectory<{ x: number }>(experimentPath); // at any later time, anywhere
   * console.log(grid.length, grid.getBestResult().config.x);
   * ```
   */
  static fromDirectory<C = Config, M extends object = AnyMetrics>(dir: string): ResultGrid<C, M> {
    checkText('ResultGrid.fromDirectory', 'dir', dir);
    return new ResultGrid<C, M>(readExperiment(resolve(dir), 'ResultGrid.fromDirectory'));
  }

  /** How the experiment was set up. Frozen. */
  get experiment(): ExperimentInfo {
    this.#info ??= experimentInfo(this.#record);
    return this.#info;
  }

  /** Absolute. */
  get experimentPath(): string {
    return this.#record.path;
  }

  /**
   * What interrupted the run, so that `Tuner.restore` has something to go on with: `'SIGINT'`, `'SIGTERM'`, `'signal'` (that of `fit()`),
   * `'failFast'`, or the name of the plug-in that failed. `undefined` for a run that came to its end, by its time budget too. That of the
   * latest session: a directory that is read back says it as well.
   */
  get interrupted(): string | undefined {
    return this.#record.interrupted;
  }

  /** How many trials there are, whatever has become of them. */
  get length(): number {
    return this.#results.length;
  }

  /** The results in the order of the grid: `for (const result of grid)`. */
  [Symbol.iterator](): IterableIterator<Result<C, M>> {
    return this.#results[Symbol.iterator]();
  }

  /** As `Array.at`: negative counts from the end, `undefined` when there is none. */
  at(index: number): Result<C, M> | undefined {
    return this.#results.at(index);
  }

  /**
   * The result at an index, or of the trial with a public id (`6e465_00007`).
   * @throws {AttuneError} `RESULT_NOT_FOUND`
   */
  get(trial: number | string): Result<C, M> {
    const index = typeof trial === 'number' ? trial : this.#record.trials.findIndex(({ name }) => name === trial);
    const result = this.#results[index];
    if (result === undefined) {
      throw new AttuneError('RESULT_NOT_FOUND', `get: expected an index below ${this.length} or the id of a trial, got ${describe(trial)}.`);
    }
    return result;
  }

  /** Of the trials with status ERROR. An empty array is truthy: ask `hasErrors`. */
  get errors(): readonly TrialError[] {
    return this.#results.flatMap(({ error }) => error ?? []);
  }

  /** Whether any trial has status ERROR. */
  get hasErrors(): boolean {
    return this.numErrors > 0;
  }

  /** How many trials have status ERROR. */
  get numErrors(): number {
    return this.#results.filter(({ status }) => status === 'ERROR').length;
  }

  /** How many trials have status TERMINATED: they completed or were stopped. */
  get numTerminated(): number {
    return this.#results.filter(({ status }) => status === 'TERMINATED').length;
  }

  /**
   * The best trial, the first of equal ones; of one trial no less is asked than of many. Trials that ended in ERROR do not compete,
   * nor do those whose last report breaks a constraint.
   *
   * @throws {AttuneError} `RESULT_NOT_FOUND` when no trial qualifies; says how far the nearest was from being feasible, if none was. `SEVERAL_OBJECTIVES`
   * when the experiment has several metrics and none is given, `METRIC_INVALID` when no metric and mode are known
   */
  getBestResult(options: BestResultOptions<M> = {}): Result<C, M> {
    return this.#best('getBestResult', options);
  }

  /** The configuration of `getBestResult`. */
  getBestConfig(options: BestResultOptions<M> = {}): C {
    return this.#best('getBestConfig', options).config;
  }

  /**
   * The trials that no other beats in all objectives, by the last value of each, in order of the grid: with one objective every trial that ties
   * for the best, with several the Pareto front. Left out are trials that ended in ERROR, whose last report breaks a constraint, or whose value is
   * missing, NaN or infinite. `[]` when no trial is left.
   *
   * @throws {AttuneError} `METRIC_INVALID` when the experiment has no metric
   */
  getBestResults(): readonly Result<C, M>[] {
    const objectives = this.#objectives('getBestResults', {});
    const points = this.#histories.flatMap((history, index) => {
      const values = history.trial.status === 'ERROR' ? undefined : this.#lastValues(history, objectives);
      if (values === undefined || !values.every(Number.isFinite) || violationOf(history.trial.last) > 0) return [];
      return [{ index, losses: lossesOf(values, objectives) }];
    });
    return paretoFront(points.map(({ losses }) => losses)).map((i) => this.#results[points[i]?.index as number] as Result<C, M>);
  }

  /**
   * An arquero table: nested keys joined by `/`, the configuration as `config/…`; null where a row lacks a column.
   *
   * With one row per trial (the default), of which `logdir` is the directory: its last report, or with a filter the first of its best ones; a trial that
   * never reported the metric of the filter shows its last report, one that never reported its configuration alone. Cost: last reports are in memory
   * already; a filter reads every history.
   *
   * With `rows: 'all'` one row per report of every trial, in order of the grid: `trial_id` and its step, `training_iteration`, are the first columns,
   * the configuration is repeated. Trials that never reported have no row. Cost: reads every history, one file after the other; `await grid.readHistories()`
   * reads them side by side beforehand.
   *
   * @throws {AttuneError} `METRIC_INVALID` for a filter without a metric or a mode, `OPTION_RANGE`, `OPTION_UNKNOWN`; `RESULT_NOT_FOUND` when a history is gone
   * @example
   * ```ts
   * import { run, uniform } from 'attune';
   *
   * const train = ({ x }: { x: number }) => ({ loss: x ** 2 });
   * const grid = await run(train, { config: { x: uniform(-1, 1) }, metric: 'loss', mode: 'min', numSamples: 5, verbose: 0 });
   * grid.getDataFrame().select('trial_id', 'loss', 'config/x').orderby('loss').print();
   * const csv = grid.getDataFrame({ rows: 'all' }).toCSV();
   * ```
   */
  getDataFrame(options: DataFrameOptions<M> = {}): Table {
    checkOptions('getDataFrame', options, ['rows', 'filterMetric', 'filterMode']);
    const { rows = 'last' } = options;
    if (rows !== 'last' && rows !== 'all') throw new AttuneError('OPTION_RANGE', `getDataFrame: expected rows to be 'last' or 'all', got ${describe(rows)}.`);
    const filter = this.#frameFilter(options);
    if (rows === 'last') return tableOf(this.#histories.map((history) => frameRow(history, filter)));
    if (filter === undefined) return tableOf(everyRow(this.#histories), FIRST_COLUMNS);
    throw new AttuneError('OPTION_RANGE', "getDataFrame: expected rows: 'all' or a filter, got both.", {
      hint: "A filter chooses one row per trial; of all rows let arquero choose: table.filter('d => d.loss < 1').",
    });
  }

  /**
   * Reads every history that was not read yet, and keeps it: several files at once, without holding up the program, so that what needs histories
   * afterwards (`getDataFrame({ rows: 'all' })`, a filter, a scope other than `last`) finds them in memory. It waits for several files at a time, which
   * pays where a file takes long to come, such as on a network disk; what was read is parsed on the one thread of the program.
   *
   * @throws {AttuneError} `RESULT_NOT_FOUND` when a history is gone, `JOURNAL_INVALID`
   * @example
   * ```ts
   * import { run, uniform } from 'attune';
   *
   * const train = ({ x }: { x: number }) => ({ loss: x ** 2 });
   * const grid = await run(train, { config: { x: uniform(-1, 1) }, metric: 'loss', mode: 'min', numSamples: 5, verbose: 0 });
   * await grid.readHistories();
   * console.log(grid.getDataFrame({ rows: 'all' }).numRows()); // 5
   * ```
   */
  async readHistories(): Promise<void> {
    const left = this.#histories.values();
    const reader = async (): Promise<void> => {
      for (const history of left) await history.read();
    };
    await Promise.all(Array.from({ length: READERS }, reader));
  }

  /**
   * What one wants to see first: trials by status, what the best one is, how long it took, which errors there were. Plain data that prints as text, in
   * the console and in a template. Looks at last reports only; histories are read when some last report lacks the metric.
   *
   * @example
   * ```ts
   * import { run, uniform } from 'attune';
   *
   * const train = ({ x }: { x: number }) => ({ loss: x ** 2 });
   * const grid = await run(train, { config: { x: uniform(-1, 1) }, metric: 'loss', mode: 'min', numSamples: 5, verbose: 0 });
   * console.log(grid.summary()); // the text
   * const { trials, best } = grid.summary(); // the data: { total: 5, TERMINATED: 5, … }, [{ metric: 'loss', value: … }]
   * ```
   */
  summary(): GridSummary {
    return gridSummary(this.#record, this.#histories);
  }

  /**
   * Every configuration with its losses, by the last values, and its violation, if there is one: what a searcher or an analysis learns from. NaN and infinities are the worst loss;
   * trials that ended in ERROR or lack a metric are left out. Without a metric: all objectives of the experiment.
   */
  observations(options: MetricOptions<M> = {}): readonly Observation<C>[] {
    checkOptions('observations', options, ['metric', 'mode']);
    const objectives = this.#objectives('observations', options);
    return this.#histories.flatMap((history) => {
      const values = history.trial.status === 'ERROR' ? undefined : this.#lastValues(history, objectives);
      if (values === undefined) return [];
      const violation = violationOf(history.trial.last);
      return [{ config: cloneJson(history.trial.config) as C, losses: lossesOf(values, objectives), ...(violation > 0 ? { violation } : {}) }];
    });
  }

  /**
   * Every stretch in which a trial ran, in order of the starts: one for a trial that ran through, more where it was paused, repeated, or interrupted.
   * `[]` when nothing has run. Of the trials that the grid has, and as far as the journal has come by now. Cost: one pass over the journal.
   *
   * @throws {AttuneError} `RESULT_NOT_FOUND` when the journal is gone, `JOURNAL_INVALID`
   */
  timeline(): readonly TimelineRow[] {
    return timeline(this.#record);
  }

  /**
   * Writes the experiment as a journal of Optuna, which its JournalStorage opens: one study named like the experiment, with the same trials in the same
   * order, their parameters with distributions, values, states, and, with one objective, their curves. A file that is there is replaced. In Python:
   * `optuna.load_study(study_name='mnist', storage=JournalStorage(JournalFileBackend('mnist.log')))`.
   *
   * COMPLETE are trials that ended by themselves, by a stop rule, or at the scheduler's maxT; PRUNED those that a scheduler, a hand or a restore stopped
   * before; FAIL those that failed or whose last value is missing or NaN; RUNNING those that run or are paused; WAITING those that have not begun.
   * A constraint is the sum of what was broken. An option that is a space is a choice by its JSON text, and its parameters are named
   * `optimizer[1]/lr`; a normal distribution becomes the range of what was tried; trial ids, reasons, whole configurations and other metrics are user attributes.
   *
   * Cost: one pass over the journal, and with one objective every history.
   *
   * @param path - relative to the working directory
   * @throws {AttuneError} `RESULT_NOT_FOUND` when the journal or a history is gone, `STORAGE_UNWRITABLE`
   * @example
   * ```ts
   * import { run, uniform } from 'attune';
   *
   * const train = ({ x }: { x: number }) => ({ loss: x ** 2 });
   * const grid = await run(train, { config: { x: uniform(-1, 1) }, metric: 'loss', mode: 'min', numSamples: 5, verbose: 0 });
   * grid.exportOptuna(`${grid.experimentPath}/optuna.log`);
   * ```
   */
  exportOptuna(path: string): void {
    checkText('exportOptuna', 'path', path);
    writeExport('exportOptuna', path, optunaJournal(this.#record, this.#histories));
  }

  /** @internal Cost: reads every history. @param where - begins the message of an error */
  learningCurves(where: string, options: ObjectiveOptions): LearningCurves {
    const objective = objectiveFor(where, options, this.#record.created.objectives);
    const curves = this.#histories.map(({ trial, rows }) => ({ trial: trial.id, rows: trial.status === 'ERROR' ? [] : rows }));
    return { objective, curves: curves.filter(({ rows }) => rows.length > 0) };
  }

  /** @internal In the console: a short block. */
  [INSPECT](depth: number | null, options: object, inspect: Inspect): string {
    return block('ResultGrid', depth, () => gridLines(this.#record, options, inspect));
  }

  #best(where: string, options: BestResultOptions<M>): Result<C, M> {
    checkOptions(where, options, ['metric', 'mode', 'scope', 'filterNanAndInf']);
    const { scope = 'last', filterNanAndInf = true } = options;
    if (!SCOPES.includes(scope)) throw new AttuneError('OPTION_RANGE', `${where}: expected scope to be one of ${SCOPES.join(', ')}, got ${describe(scope)}.`);
    const objective = objectiveFor(where, options, this.#record.created.objectives);
    return this.#results[bestIndex(where, this.#histories, { objective, scope, filterNanAndInf })] as Result<C, M>;
  }

  #objectives(where: string, options: MetricOptions<M>): readonly Objective[] {
    const { objectives } = this.#record.created;
    const given = options.metric !== undefined || options.mode !== undefined;
    return given || objectives.length === 0 ? [objectiveFor(where, options, objectives)] : objectives;
  }

  #frameFilter({ filterMetric, filterMode }: DataFrameOptions<M>): FrameFilter | undefined {
    if (filterMetric === undefined && filterMode === undefined) return undefined;
    if (filterMetric === undefined)
      throw new AttuneError('METRIC_INVALID', `getDataFrame: expected filterMetric with filterMode ${describe(filterMode)}, got none.`, {
        hint: "Give both: { filterMetric: 'loss', filterMode: 'min' }.",
      });
    return objectiveFor('getDataFrame', { metric: filterMetric, mode: filterMode }, this.#record.created.objectives);
  }

  #lastValues(history: TrialHistory, objectives: readonly Objective[]): readonly number[] | undefined {
    const values = objectives.map(({ metric }) => lastValue(history, metric));
    return values.every((value) => value !== undefined) ? values : undefined;
  }
}

const lossesOf = (values: readonly number[], objectives: readonly Objective[]): readonly number[] =>
  objectives.map(({ mode }, i) => toLoss(values[i] as number, mode));
