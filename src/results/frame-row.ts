import type { Json, JsonObject } from '../base/json.ts';
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
  return { ...rowOf(filter === undefined || last === undefined ? row : (bestRow(history.rows, filter) ?? row)), logdir: history.dir };
}

function bestRow(rows: readonly JsonObject[], { metric, mode }: Objective): JsonObject | undefined {
  return rows[
    indexOfBest(
      rows.map((row) => numberOf(metricAt(row, metric)) ?? Number.NaN),
      mode,
    )
  ];
}

/** Of the table of every report: the trial, and its step. */
export const FIRST_COLUMNS = ['trial_id', 'training_iteration'] as const;

/** Every report of every trial as a row of `getDataFrame`, as `metricsDataFrame` has it. One row at a time. */
export function* everyRow(histories: readonly TrialHistory[]): Generator<TableRow> {
  for (const { rows } of histories) for (const row of rows) yield rowOf(row);
}

/** A report as a row of a table. Where a metric has the name of a column of the configuration, the configuration is there. */
export function rowOf(report: JsonObject): Record<string, Json> {
  const row = flatten(report);
  const { config } = report;
  const isDoubled = config !== undefined && Object.keys(report).some((key) => key.startsWith('config/'));
  return isDoubled ? Object.assign(row, flatten({ config })) : row;
}
