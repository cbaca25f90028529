import type { JsonObject } from '../base/json.ts';
import type { Executor } from '../execute/executor.ts';
import type { MetricKey } from '../results/metric-key.ts';
import type { Scheduler } from '../schedule/scheduler.ts';
import type { StopRule } from '../schedule/stop-rules.ts';
import type { Searcher } from '../search/searcher.ts';
import type { SpaceFor } from '../space/space-for.ts';
import type { Metrics } from '../trainable/trial-context.ts';
import type { Mode } from '../trial/metrics.ts';
import type { TrialRecord } from '../trial/trial-record.ts';
import type { Callback } from '../watch/callback.ts';
import type { Logger } from '../watch/loggers.ts';
import type { Reporter } from '../watch/status-table.ts';

/** The names of a trainable's metrics that are numbers, nested ones with `/`, and of the automatic ones; any string when its metrics are not typed. */
export type MetricName<M extends Metrics> = MetricKey<M>;

/** A metric and its direction, several of each, or none at all. */
export type ObjectiveOptions<M extends Metrics> =
  | { readonly metric: MetricName<M>; readonly mode: Mode }
  | { readonly metric: readonly MetricName<M>[]; readonly mode: Mode | readonly Mode[] }
  | { readonly metric?: undefined; readonly mode?: undefined };

/** What is optimised, and how configurations are chosen and judged. */
export type TuneConfig<M extends Metrics = Metrics> = ObjectiveOptions<M> & {
  /** Trials to run, or repeats of the grid; -1: until something else ends the run. Default 1. */
  readonly numSamples?: number;
  /** Default `basicVariant()`. */
  readonly searchAlg?: Searcher;
  /** Default `fifo()`. */
  readonly scheduler?: Scheduler;
  /** Default: as many as the executor has slots. */
  readonly maxConcurrentTrials?: number;
  /** Seconds that the sessions of the experiment may be open in all; trials that run then are stopped at their next report and kept. */
  readonly timeBudgetS?: number;
  /** A whole number. Default: drawn, and recorded. */
  readonly seed?: number;
  /** Configurations, whole or partial, that run first and replace samples. */
  readonly pointsToEvaluate?: readonly JsonObject[];
};

/** Where an experiment is kept, where its trials run, what stops them, and who watches. */
export interface RunConfig {
  /**
   * Folder of the experiment under `storagePath`. Default `<trainable>_<date>_<time>_<4 random characters>`. A name that Windows, macOS or Linux
   * would not take (`a:b`, `nul`, `end.`, over 130 characters), or that begins with a dot, is refused with `OPTION_RANGE`. A restore ignores it.
   */
  readonly name?: string;
  /** Default `./attune_results`. */
  readonly storagePath?: string;
  /**
   * When the folder exists, case ignored: `'error'` (default); `'new'`, which appends -2, -3, …; or `'resume'`, which needs a `name`: the
   * experiment that is there goes on as with `Tuner.restore` and these options, one that has ended gives its results at once, and none begins.
   */
  readonly onExisting?: 'error' | 'new' | 'resume';
  readonly stop?: StopRule | readonly StopRule[];
  readonly failureConfig?: FailureConfig;
  readonly checkpointConfig?: CheckpointConfig;
  /** Seconds after which a trial fails with `TRIAL_TIMEOUT`. Default: none. */
  readonly trialTimeoutS?: number;
  /** Seconds that a trial has to end once it is told to. Default 5. */
  readonly stopGraceS?: number;
  /**
   * Milliseconds after which what was written to the journal is on the disk too: a power failure loses no more than that, and the end of a process
   * loses nothing. 0: before anything acts on it, so that each report waits for the disk. Default 100, at most 60000.
   */
  readonly syncPeriodMs?: number;
  /**
   * What each trial takes. `cpu`: cores, at least 0.01; default 1 where slots are counted, and the trial's share of the cores in `trial.resources`.
   * `gpu`: a share of a device (0.25), or a whole number of devices; default: trials are given none, and 0 hides them from `processes()`.
   * `gpuMemoryMb`: megabytes of each of its devices. `docs/guide.md` says who gets what. All of it, and what else is in it, is handed to trials; a name that is nearly one of these is refused.
   */
  readonly resources?: JsonObject;
  /** Default: threads for a defined trainable, one worker per core; `inline` for a bare function; `processes` where a trial may crash. */
  readonly executor?: Executor;
  /** Told of every event, in order, after it was written: `hooks({ onTrialReport, … })`. What goes wrong in one is a warning, also with `verbose: 0`. */
  readonly callbacks?: readonly Callback[];
  /** The logs of each trial, by name, and loggers of your own. Default `['json', 'csv', 'tensorboard']`; `[]`: none. */
  readonly loggers?: readonly Logger[];
  /** The text that the console shows in the place of its table: a pure function, called several times a second. Default `statusTable`. */
  readonly reporter?: Reporter;
  /**
   * The folder of a trial, for all operating systems: characters that one of them refuses become `_`, what is over 130 characters is cut, and a name
   * that is taken (case ignored) or empty gets the id of the trial at its end.
   */
  readonly trialDirName?: (trial: Pick<TrialRecord, 'name' | 'tag' | 'config'>) => string;
  /** On SIGINT and SIGTERM: drain, close the journal, resolve. SIGHUP, a terminal that is closed, ends nothing. Default true. */
  readonly handleSignals?: boolean;
  /** 0: silent. 1 (default): a table on a terminal, elsewhere a line per trial that ends. 2: every report too, and what trials print in workers. */
  readonly verbose?: 0 | 1 | 2;
}

/** What becomes of trials that fail. */
export interface FailureConfig {
  /** How often a trial that fails is tried again, from its last checkpoint, from the start when it has none. Default 0; -1: without end. */
  readonly maxFailures?: number;
  /**
   * Seconds that a trial waits, in its slot, before it is tried again; doubled with each of its failures, at most 30. Default 0.1; 0: none.
   * A run that ends does not wait for it.
   */
  readonly backoffS?: number;
  /** The first trial that fails for good ends the run: the others are interrupted at their next report, and a restore goes on with them. Default false. */
  readonly failFast?: boolean;
}

/** When trials save, and which checkpoints are kept. */
export interface CheckpointConfig {
  /** Keep the best K and the newest. Default: all. */
  readonly numToKeep?: number;
  /** The metric that ranks checkpoints, nested with `/`. Default: their age. */
  readonly scoreAttribute?: string;
  /** Default `'max'`. */
  readonly scoreOrder?: Mode;
  /** Every k-th report. Default 1 for a function that reports with a saver, 0 for a class. */
  readonly frequency?: number;
  /** When a class is stopped or ends. Default true; refused for functions. */
  readonly atEnd?: boolean;
}

/** The space has to be given when the trainable needs something of it. */
export type NeedsSpace<C> = Record<never, never> extends SpaceFor<C> ? unknown : { readonly paramSpace: unknown };

/** What a `Tuner` takes: the space, how it is searched, how it is run. */
export interface TunerOptions<S = unknown, M extends Metrics = Metrics> {
  readonly paramSpace?: S;
  readonly tuneConfig?: TuneConfig<M>;
  readonly runConfig?: RunConfig;
}

/** The options of the constructor, given again: docs/guide.md has a table of those that may differ, and of what becomes of those left out. */
export interface RestoreOptions<S = unknown, M extends Metrics = Metrics> extends TunerOptions<S, M> {
  /** Go on with trials that had not ended, running ones from their last checkpoint. Default true; else they become TERMINATED, for good. */
  readonly resumeUnfinished?: boolean;
  /** Go on with failed trials from their last checkpoint, or from the start when they have none. Default false. */
  readonly resumeErrored?: boolean;
  /** Run the configurations of failed trials again, from the start, as new trials: of each once, however often the experiment is restored. Default false. */
  readonly restartErrored?: boolean;
}
