/// <reference types="node" preserve="true" />
export type { ErrorCode } from './base/errors.ts';
export { AttuneError } from './base/errors.ts';
export type { Json, JsonObject } from './base/json.ts';
export type { Rng } from './base/rng.ts';
export { rng } from './base/rng.ts';
export { isWorst, WORST } from './base/worst.ts';
export type { ArtifactType } from './checkpoint/artifact-types.ts';
export { registerArtifactType } from './checkpoint/artifact-types.ts';
export { Checkpoint } from './checkpoint/checkpoint.ts';
export type { Answer, Ended, Executor, ExecutorEvent, ExecutorSession, Run } from './execute/executor.ts';
export type { InlineOptions } from './execute/inline.ts';
export { inline } from './execute/inline.ts';
export type { ProcessesOptions } from './execute/processes.ts';
export { processes } from './execute/processes.ts';
export type { ThreadsOptions } from './execute/threads.ts';
export { threads } from './execute/threads.ts';
export type { ExperimentsBase } from './experiments/experiments-base.ts';
export type { GenerateOptions } from './experiments/generate-configs.ts';
export { generateConfigs } from './experiments/generate-configs.ts';
export { readJsonl } from './experiments/read-jsonl.ts';
export type { ExperimentFailure, ExperimentResult } from './experiments/record-files.ts';
export type { ExperimentsSummary } from './experiments/run-experiments.ts';
export { runExperiments } from './experiments/run-experiments.ts';
export type { ExperimentInfo } from './results/experiment-info.ts';
export { exportTable } from './results/export-table.ts';
export type { GridSummary } from './results/grid-summary.ts';
export type { MetricKey } from './results/metric-key.ts';
export type { AggregateMap, Aggregation, ColumnFunction } from './results/reader/aggregate.ts';
export { Artifact } from './results/reader/artifact.ts';
export type { Fields, FieldType } from './results/reader/fields.ts';
export type { RowFilter } from './results/reader/frame.ts';
export { Frame, GroupedFrame } from './results/reader/frame.ts';
export type { FrameRow } from './results/reader/frame-row.ts';
export type { GroupKey } from './results/reader/grouping.ts';
export type { QueryParser, ReaderOptions } from './results/reader/reader.ts';
export { Reader } from './results/reader/reader.ts';
export type { SkippedRun } from './results/reader/runs-of.ts';
export type { Reason, ResultMetrics, ScoredCheckpoint } from './results/result.ts';
export { Result } from './results/result.ts';
export type { BestResultOptions, DataFrameOptions, Observation } from './results/result-grid.ts';
export { ResultGrid } from './results/result-grid.ts';
export type { Scope } from './results/scope.ts';
export type { Table, TableExpression, TableRow } from './results/table.ts';
export type { TimelineRow } from './results/timeline.ts';
export type { TrialError } from './results/trial-error.ts';
export { rungs } from './schedule/rungs.ts';
export type { Decision, Outcome, ScheduleContext, Scheduler, SchedulerEvent } from './schedule/scheduler.ts';
export type { StopAt, StopFunction, StopRule, StopThresholds } from './schedule/stop-rules.ts';
export type { HistoryEntry, HistoryRow } from './search/history.ts';
export { History } from './search/history.ts';
export type { Ask, Searcher, Setup, Suggestion } from './search/searcher.ts';
export type { Config } from './space/config.ts';
export type { ConfigOf } from './space/config-of.ts';
export { clip, contains } from './space/contains.ts';
export type { Domain } from './space/domains.ts';
export {
  choice,
  expr,
  gridSearch,
  lograndint,
  loguniform,
  qlograndint,
  qloguniform,
  qrandint,
  qrandn,
  quniform,
  randint,
  randn,
  sampleFrom,
  uniform,
  variation,
} from './space/domains.ts';
export { decode, encode } from './space/encode.ts';
export { sample } from './space/sample.ts';
export type { Condition, Parameter, Space } from './space/space.ts';
export { compileSpace, spaceFromJson, spaceToJson } from './space/space.ts';
export type { SpaceFor } from './space/space-for.ts';
export type { Draws } from './space/variants.ts';
export { configAt, finiteSize, gridSize, variants, withoutRepeats } from './space/variants.ts';
export type { DefineOptions } from './trainable/define-trainable.ts';
export { defineTrainable } from './trainable/define-trainable.ts';
export type { Phases, PhasesOptions, PhasesRef, RepeatedScores, RunKeys, Scores } from './trainable/phases.ts';
export { definePhases } from './trainable/phases.ts';
export { Trainable } from './trainable/trainable.ts';
export type { TrainableClass, TrainableFunction, TrainableRef } from './trainable/trainable-ref.ts';
export type { Metrics, ReportOptions, Saver, TrialContext } from './trainable/trial-context.ts';
export { isTrialWorker } from './trainable/worker-mark.ts';
export type { ErrorData, JournalLine } from './trial/events.ts';
export type { TrialId } from './trial/ids.ts';
export type { Status } from './trial/lifecycle.ts';
export type { Ancestor, Lineage } from './trial/lineage.ts';
export type { Mode, Objective } from './trial/metrics.ts';
export type { AutoMetrics } from './trial/row.ts';
export type { SavedCheckpoint, TrialRecord } from './trial/trial-record.ts';
export type { AskedTrial } from './tuner/asked-trial.ts';
export type { Bohb, BohbOptions } from './tuner/bohb.ts';
export { bohb } from './tuner/bohb.ts';
export type { CheckpointConfig, FailureConfig, MetricName, RestoreOptions, RunConfig, TuneConfig, TunerOptions } from './tuner/options.ts';
export type { Preview, PreviewOptions } from './tuner/preview.ts';
export type { RunOptions } from './tuner/run.ts';
export { run } from './tuner/run.ts';
export type { Trained } from './tuner/summarize.ts';
export { Tuner } from './tuner/tuner.ts';
export type { Callback, ExperimentView, Hooks } from './watch/callback.ts';
export { hooks } from './watch/callback.ts';
export type { ConsoleReporterOptions } from './watch/console-reporter.ts';
export { consoleReporter } from './watch/console-reporter.ts';
export type { LogFormat } from './watch/log-format.ts';
export type { Logger } from './watch/loggers.ts';
export type { ResultLogsOptions } from './watch/result-logs.ts';
export { resultLogs } from './watch/result-logs.ts';
export type { Machine, Snapshot, TrialSnapshot, Usage } from './watch/snapshot.ts';
export type { Reporter, Room } from './watch/status-table.ts';
export { statusTable } from './watch/status-table.ts';
export type { Terminal, TerminalStream } from './watch/terminal.ts';
