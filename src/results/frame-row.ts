import type { JsonObject } from '../base/json.ts';
import { flatten, metricAt, type Objective } from '../trial/metrics.ts';
import { indexOfBest, numberOf } from './scope.ts';
import type { TableRow } from './table.ts';
import type { TrialHistory } from './trial-history.ts';

/** Show the report in which this metric was best over the whole history. */
export type FrameFilter = Objective;

/** One trial as a row of `getDataFrame`: its last report, or with a filter its best one (the first of equal ones). */
export function frameRow(history: TrialHistory, filter: FrameFilter | undefined): TableRow {
  const { last, name, tag, config } = history.trial;
  const row: JsonObject = last ?? { trial_id: name, experiment_tag: tag, config };
  return { ...flatten(filter === undefined || last === undefined ? row : (bestRow(history.rows, filter) ?? row)), logdir: history.dir };
}

function bestRow(rows: readonly JsonObject[], { metric, mode }: Objective): JsonObject | undefined {
  return rows[
    indexOfBest(
      rows.map((row) => numberOf(metricAt(row, metric)) ?? Number.NaN),
      mode,
    )
  ];
}

/** Every report of every trial as a row of `getDataFrame`: the trial and its step first, then as `metricsDataFrame` has it. One row at a time. */
export function* everyRow(histories: readonly TrialHistory[]): Generator<TableRow> {
  for (const { rows, trial } of histories)
    for (const row of rows) yield flatten(row, { trial_id: trial.name, training_iteration: row['training_iteration'] ?? null });
}
