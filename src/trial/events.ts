import type { Json, JsonObject } from '../base/json.ts';
import type { Config } from '../space/config.ts';
import type { RunId, TrialId } from './ids.ts';
import type { Objective } from './metrics.ts';

/** An error as data: what crosses threads, stands in the journal, and is written to error.txt. */
export interface ErrorData {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: ErrorData;
}

/** A plug-in as it is recorded: enough to rebuild a built-in, and to compare on restore. */
export interface PluginRecord {
  readonly name: string;
  readonly options?: Json;
}

export interface CheckpointOptions {
  /** Keep the best K and the newest; absent: keep all. */
  readonly numToKeep?: number;
  readonly scoreAttribute?: string;
  readonly scoreOrder?: 'min' | 'max';
  /** A checkpoint every k-th report; 0: only on demand. */
  readonly frequency: number;
  readonly atEnd: boolean;
}

/** The first line of a journal: everything that is fixed for the life of the experiment. */
export interface Created {
  readonly kind: 'created';
  readonly schema: 1;
  readonly name: string;
  readonly seed: number;
  readonly space: Json;
  readonly objectives: readonly Objective[];
  readonly trainable: { readonly name: string; readonly module?: string; readonly form?: 'function' | 'class' };
  readonly searcher: PluginRecord;
  readonly scheduler: PluginRecord;
  readonly checkpoints: CheckpointOptions;
  readonly maxFailures: number;
  readonly failFast: boolean;
  readonly versions: Readonly<Record<string, string>>;
  readonly commit?: string;
  /** What the first session is to begin with. It follows in lines of its own, but for a process that was killed in its first write. */
  readonly samples?: number | 'unlimited';
  readonly points?: readonly Config[];
  readonly stop?: Json;
}

/** A session begins: trials that were running are interrupted. */
export interface Opened {
  readonly kind: 'opened';
  readonly pid: number;
  readonly host: string;
  /** The program that runs, such as `/usr/bin/node`. This and the next four: of journals since they are recorded, where the system knows them. */
  readonly executable?: string;
  /** The script and its arguments, quoted, without what looks like a secret. */
  readonly cmd?: string;
  readonly user?: string;
  readonly workDir?: string;
  /** The module of the trainable, else the script. */
  readonly file?: string;
  readonly samples: number | 'unlimited';
  readonly slots: number;
  /** What each trial takes; absent when nobody has said. */
  readonly resources?: JsonObject;
  /** The devices that trials are given. */
  readonly devices?: readonly string[];
  /** The stop rules of this session, those that are code as a marker. */
  readonly stop?: Json;
  /** What else it was started with, as far as that is data. */
  readonly options?: JsonObject;
  /** What of all it was started with is code, in words. */
  readonly code?: readonly string[];
}

/** How one start of a trial ended, and every other thing that can happen: one line of the journal each. */
export type ExperimentEvent =
  | Created
  | Opened
  | { readonly kind: 'closed'; readonly why: string }
  /** Somebody asked the run to end: running trials are stopped, or, when `interrupt`, left as they are for a restore. */
  | { readonly kind: 'halted'; readonly by: string; readonly reason: string; readonly interrupt?: true }
  /** A whole or partial configuration, to run before the searcher is asked. `restarts`: the failed trial whose configuration it is. */
  | { readonly kind: 'enqueued'; readonly config: Config; readonly preset?: true; readonly restarts?: TrialId }
  /** A callback that failed, and is told nothing more in this session: what happened from `since` (ms) on, it may lack. */
  | { readonly kind: 'muted'; readonly callback: string; readonly since: number; readonly error: ErrorData }
  /** A decision from outside, such as a user's `stop` of one trial. */
  | { readonly kind: 'controlled'; readonly decision: DecisionRecord }
  | TrialEvent
  | { readonly kind: 'idle' | 'exhausted' | 'stalled' };

/** Who proposed a configuration: the searcher with its index, or entry `enqueued`, part `part` of `of` when its grid is swept. */
export type ProposedBy =
  | { readonly kind: 'searcher'; readonly index: number }
  | { readonly kind: 'enqueued'; readonly entry: number; readonly part: number; readonly of: number };

/** The worker that a run is on. */
export interface Where {
  readonly pid: number;
  readonly host: string;
  /** Thread id; 0 is the main thread. */
  readonly thread: number;
}

export type TrialEvent =
  | {
      readonly kind: 'queued';
      readonly trial: TrialId;
      readonly config: Config;
      readonly tag: string;
      readonly dir: string;
      readonly by: ProposedBy;
      readonly note?: Json;
      readonly last?: true;
      readonly asked: number;
    }
  | {
      readonly kind: 'started';
      readonly trial: TrialId;
      readonly run: RunId;
      readonly step: number;
      readonly checkpoint?: string;
    }
  /**
   * `metrics` as the user gave them; `seconds` since the previous report of this run; `where` with the first report of
   * a run; `canSave`: it came with a saver; `save`: the checkpoint that this report is saving, and `done`: it is the
   * trial's last, both decided with its batch.
   */
  | {
      readonly kind: 'reported';
      readonly trial: TrialId;
      readonly step: number;
      readonly metrics: JsonObject;
      readonly seconds: number;
      readonly violation?: number;
      readonly where?: Where;
      readonly canSave?: true;
      readonly save?: string;
      readonly done?: true;
    }
  /** `manifest`: the hash of its manifest; `removed`: the checkpoints of this trial that retention gives up for it. */
  | {
      readonly kind: 'checkpointed';
      readonly trial: TrialId;
      readonly step: number;
      readonly checkpoint: string;
      readonly manifest?: string;
      readonly removed?: readonly string[];
    }
  | { readonly kind: 'paused'; readonly trial: TrialId; readonly by: string; readonly reason: string }
  | {
      readonly kind: 'exploited';
      readonly trial: TrialId;
      readonly from: TrialId;
      readonly source: string;
      readonly checkpoint: string;
      readonly step: number;
      readonly config: Config;
      readonly reason: string;
    }
  /** `resumed`: it had failed for good, and a restore goes on with it. `damaged`: no failure of the trial, but the checkpoint that it lost. `alone`: nor is this, the trial is to have its device for itself from now on. */
  | {
      readonly kind: 'retried';
      readonly trial: TrialId;
      readonly error: ErrorData;
      readonly resumed?: true;
      readonly damaged?: string;
      readonly alone?: true;
    }
  | { readonly kind: 'completed'; readonly trial: TrialId }
  | { readonly kind: 'stopped'; readonly trial: TrialId; readonly by: string; readonly reason: string }
  | { readonly kind: 'failed'; readonly trial: TrialId; readonly error: ErrorData };

/** A line of the journal: an event, when it happened (ms), and what was decided on it (or the fault of the plug-in that should have). */
export type JournalLine = ExperimentEvent & Stamp;

export interface Stamp {
  readonly at: number;
  readonly decisions?: readonly DecisionRecord[];
  readonly fault?: ErrorData;
}

/** A decision with its author, as recorded; `rule`: made by a stop rule. The `Decision` type of `schedule/` fits it; this room does not know it. */
export type DecisionRecord = { readonly kind: string; readonly by?: string; readonly rule?: true } & JsonObject;
