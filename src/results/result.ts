import { join } from 'node:path';
import { AttuneError } from '../base/errors.ts';
import { block, INSPECT, type Inspect } from '../base/inspect.ts';
import type { Json } from '../base/json.ts';
import { describe } from '../base/options.ts';
import { Checkpoint } from '../checkpoint/checkpoint.ts';
import { cloneJson } from '../space/clone-json.ts';
import type { Config } from '../space/config.ts';
import { rankCheckpoints } from '../trial/checkpoint-rank.ts';
import type { Created } from '../trial/events.ts';
import type { Status } from '../trial/lifecycle.ts';
import type { Lineage } from '../trial/lineage.ts';
import { metricAt } from '../trial/metrics.ts';
import type { AutoMetrics } from '../trial/row.ts';
import type { SavedCheckpoint, TrialRecord } from '../trial/trial-record.ts';
import { rowOf } from './frame-row.ts';
import type { AnyMetrics, MetricKey } from './metric-key.ts';
import { objectiveFor } from './objective.ts';
import { resultLines } from './result-lines.ts';
import { type Table, tableOf } from './table.ts';
import { type TrialError, toTrialError } from './trial-error.ts';
import type { TrialHistory } from './trial-history.ts';

/** The last report of a trial. The automatic keys are always there; yours may not be, since a trial may never have reported. */
export type ResultMetrics<C, M> = AutoMetrics & { readonly config: C } & Partial<M>;

/** A checkpoint that was kept, with what the trial was worth then. */
export interface ScoredCheckpoint<C, M> {
  readonly checkpoint: Checkpoint;
  /** The report that it was saved with. */
  readonly metrics: ResultMetrics<C, M>;
}

/** Why a trial has ended, or is paused: `by` is `completed`, or the scheduler or rule that stopped it. */
export interface Reason {
  readonly by: string;
  readonly reason: string;
}

/**
 * One trial of a `ResultGrid`.
 *
 * @example
 * import { gridSearch, run } from 'attune';
 *
 * const grid = await run(({ x }: { x: number }) => (x - 2) ** 2, {
 *   config: { x: gridSearch([1, 2, 3]) }, metric: 'loss', mode: 'min', verbose: 0,
 * });
 * const best = grid.getBestResult();
 * best.config; // => { x: 2 }
 * best.metrics.loss; // => 0
 * best.status; // => 'TERMINATED'
 * best.metricsDataFrame().numRows(); // => 1
 */
export class Result<C = Config, M extends object = AnyMetrics> {
  /** What the trial ran with: yours to change. Of a trial that copied another, its last one. */
  readonly config: C;
  /** The last report, with the automatic keys; `done` is true for a trial that completed or was stopped. */
  readonly metrics: ResultMetrics<C, M>;
  /** `'TERMINATED'` for a trial that completed or was stopped, `'ERROR'` for one that failed for good; others can go on with `Tuner.restore`. */
  readonly status: Status;
  /** Why it ended or is paused; `undefined` for a trial that has not ended, or failed. */
  readonly reason: Reason | undefined;
  /** What ended a trial with status ERROR. */
  readonly error: TrialError | undefined;
  /** Absolute path of the trial's directory. It exists once the trial has reported or failed. */
  readonly path: string;
  readonly #history: TrialHistory;
  readonly #created: Created;

  /** For Attune itself: results come from a `ResultGrid`. */
  constructor(history: TrialHistory, created: Created) {
    const { trial } = history;
    this.config = cloneJson(trial.config) as C;
    this.metrics = metricsOf(trial) as ResultMetrics<C, M>;
    this.status = trial.status;
    this.reason = trial.reason;
    this.error = trial.error && trial.status === 'ERROR' ? toTrialError(trial.error) : undefined;
    this.path = history.dir;
    this.#history = history;
    this.#created = created;
  }

  /** The newest checkpoint, which need not be the best; `undefined` when none was saved. */
  get checkpoint(): Checkpoint | undefined {
    const newest = this.#history.trial.checkpoints.at(-1);
    return newest && this.#open(newest);
  }

  /** The checkpoints that were kept, by `scoreAttribute` (without one: by age) in ascending order: the best is the last. */
  get bestCheckpoints(): readonly ScoredCheckpoint<C, M>[] {
    return rankCheckpoints(this.#history.trial.checkpoints, this.#created.checkpoints).map((saved) => ({
      checkpoint: this.#open(saved),
      metrics: cloneJson(saved.row) as unknown as ResultMetrics<C, M>,
    }));
  }

  /**
   * The checkpoint with the best value of `metric`, the newest of equal ones; without arguments by the experiment's metric.
   *
   * @throws {AttuneError} `RESULT_NOT_FOUND` when no checkpoint that was kept has a number there, `METRIC_INVALID`
   */
  getBestCheckpoint(...[metric, mode]: [] | [metric: MetricKey<M>, mode: 'min' | 'max']): Checkpoint {
    const objective = objectiveFor('getBestCheckpoint', { metric, mode }, this.#created.objectives);
    const { checkpoints, name } = this.#history.trial;
    const best = rankCheckpoints(checkpoints, { scoreAttribute: objective.metric, scoreOrder: objective.mode }).at(-1);
    const value = best && metricAt(best.row, objective.metric);
    if (best === undefined || typeof value !== 'number' || Number.isNaN(value)) {
      throw new AttuneError(
        'RESULT_NOT_FOUND',
        `getBestCheckpoint: expected a checkpoint of trial ${name} with a ${describe(objective.metric)}, got ${checkpoints.length} checkpoints without it.`,
        {
          hint: 'Save with trial.report(metrics, { checkpoint }), and see result.bestCheckpoints for what was kept.',
        },
      );
    }
    return this.#open(best);
  }

  /**
   * Where its weights come from: the trial that trained them from step 0 first, the trial itself last, each with its configuration. One
   * entry for a trial that no scheduler has let go on from another. `pbtReplay` of `attune/schedulers` trains by it.
   */
  get lineage(): Lineage {
    const { name: trial, config, lineage = [{ trial, step: 0, config }] } = this.#history.trial;
    return cloneJson(lineage as unknown as Json) as unknown as Lineage;
  }

  /** The whole history as an arquero table: one row per report, nested keys joined by `/`, the configuration as `config/…`. */
  metricsDataFrame(): Table {
    return tableOf(this.#history.rows.map(rowOf));
  }

  /** @internal In the console: a short block. */
  [INSPECT](depth: number | null, options: object, inspect: Inspect): string {
    return block('Result', depth, () => resultLines(this.#history.trial, this.#created.objectives, this.path, options, inspect));
  }

  #open({ name, manifest }: SavedCheckpoint): Checkpoint {
    return Checkpoint.fromDirectory(join(this.path, name), manifest === undefined ? {} : { manifest });
  }
}

const NEVER_REPORTED: Omit<AutoMetrics, 'trial_id' | 'experiment_tag'> = {
  timestamp: Number.NaN,
  done: false,
  training_iteration: 0,
  date: '',
  time_this_iter_s: 0,
  time_total_s: 0,
  pid: Number.NaN,
  hostname: '',
  node_ip: '',
  thread_id: Number.NaN,
  time_since_restore: 0,
  iterations_since_restore: 0,
  checkpoint_dir_name: null,
};

function metricsOf({ last, status, name, tag, config }: TrialRecord): object {
  const row = last ?? { ...NEVER_REPORTED, trial_id: name, experiment_tag: tag, config };
  return cloneJson(status === 'TERMINATED' ? { ...row, done: true } : row) as object; // may be written to: the experiment has its own
}
