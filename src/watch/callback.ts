import type { JsonObject } from '../base/json.ts';
import type { Created, ErrorData, JournalLine } from '../trial/events.ts';
import type { TrialId } from '../trial/ids.ts';
import type { SavedCheckpoint, TrialRecord } from '../trial/trial-record.ts';

/** The experiment as it stands after the event that a callback is shown. Valid during the call only. */
export interface ExperimentView {
  /** Absolute path of the experiment directory. */
  readonly path: string;
  readonly created: Created;
  readonly trials: readonly TrialRecord[];
  trial(id: TrialId): TrialRecord | undefined;
}

/**
 * Sees every line of the journal, in order, after it was written. It watches and cannot decide: for that there are schedulers.
 * What it throws, or rejects with, is a warning and no more.
 */
export interface Callback {
  readonly name: string;
  onEvent(event: JournalLine, view: ExperimentView): void | Promise<void>;
  /**
   * For whoever keeps what it is told, such as a log. On a restore, before anything else: it removes what it has of `trial`, and is
   * then told every line about it again, with the experiment as it was then. Asked for trials that had not ended, or only just;
   * of all others it keeps what it has. Without it a callback is told what happens from then on.
   */
  forget?(trial: TrialRecord, view: ExperimentView): void | Promise<void>;
  /** Called once, when the run is over. */
  [Symbol.asyncDispose]?(): PromiseLike<void>;
}

type Hook<A extends readonly unknown[]> = (...args: A) => void | Promise<void>;

/** The familiar names for what happens in an experiment. All are optional. */
export interface Hooks {
  /** Default `hooks`. */
  readonly name?: string;
  /** A session opens: a new experiment, or one that goes on. */
  readonly onExperimentStart?: Hook<[view: ExperimentView]>;
  /** First, or again after a pause, a retry or an exploit. */
  readonly onTrialStart?: Hook<[trial: TrialRecord, view: ExperimentView]>;
  /** `row`: the report with the automatic keys; its `checkpoint_dir_name` is still null. */
  readonly onTrialResult?: Hook<[trial: TrialRecord, row: JsonObject, view: ExperimentView]>;
  readonly onTrialCheckpoint?: Hook<[trial: TrialRecord, checkpoint: SavedCheckpoint, view: ExperimentView]>;
  readonly onTrialPause?: Hook<[trial: TrialRecord, view: ExperimentView]>;
  /** Completed or stopped: see `trial.reason`. */
  readonly onTrialComplete?: Hook<[trial: TrialRecord, view: ExperimentView]>;
  /** An attempt failed and another will follow. */
  readonly onTrialRetry?: Hook<[trial: TrialRecord, error: ErrorData, view: ExperimentView]>;
  /** Failed for good. */
  readonly onTrialError?: Hook<[trial: TrialRecord, error: ErrorData, view: ExperimentView]>;
  readonly onExperimentEnd?: Hook<[view: ExperimentView]>;
}

/** A callback from functions with familiar names: `callbacks: [hooks({ onTrialComplete: (trial) => console.log(trial.name) })]`. */
export function hooks(on: Hooks): Callback {
  return {
    name: on.name ?? 'hooks',
    onEvent(event, view) {
      if (event.kind === 'opened') return on.onExperimentStart?.(view);
      if (event.kind === 'closed') return on.onExperimentEnd?.(view);
      const trial = 'trial' in event ? view.trial(event.trial) : undefined;
      return trial && onTrialEvent(on, event, trial, view);
    },
  };
}

function onTrialEvent(on: Hooks, event: JournalLine, trial: TrialRecord, view: ExperimentView): void | Promise<void> {
  switch (event.kind) {
    case 'started':
      return on.onTrialStart?.(trial, view);
    case 'reported':
      return trial.last && on.onTrialResult?.(trial, trial.last, view);
    case 'checkpointed': {
      const saved = trial.checkpoints.find(({ name }) => name === event.checkpoint);
      return saved && on.onTrialCheckpoint?.(trial, saved, view);
    }
    case 'paused':
      return on.onTrialPause?.(trial, view);
    case 'completed':
    case 'stopped':
      return on.onTrialComplete?.(trial, view);
    case 'retried':
      return on.onTrialRetry?.(trial, event.error, view);
    case 'failed':
      return on.onTrialError?.(trial, event.error, view);
    default:
      return undefined;
  }
}
