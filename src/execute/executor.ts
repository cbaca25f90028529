import type { Clock } from '../base/clock.ts';
import type { JsonObject } from '../base/json.ts';
import type { DrivenTrial } from '../trainable/driver.ts';
import type { TrainableRef } from '../trainable/trainable-ref.ts';
import type { ErrorData } from '../trial/events.ts';
import type { RunId, TrialId } from '../trial/ids.ts';

/** One start of one trial: what its driver has to know, and what the engine calls it. */
export interface Run extends DrivenTrial {
  readonly run: RunId;
  readonly trial: TrialId;
  readonly trainable: TrainableRef;
  /** It once ran out of the memory of its device: it is to have one for itself. */
  readonly alone?: true;
}

/** The loop's answer to a report. With `save` (an absolute path) the worker saves there, says `checkpointed`, and is answered once more. */
export interface Answer {
  readonly save?: string;
  readonly then: 'continue' | 'pause' | 'stop';
  readonly reason?: string;
}

/** What happens to runs, as an executor tells it. */
export type ExecutorEvent =
  | { readonly kind: 'started'; readonly run: RunId; readonly pid: number; readonly host: string; readonly thread: number }
  /** `step` counts reports from 1; `canSave`: the report came with a saver (a class always can). */
  | {
      readonly kind: 'reported';
      readonly run: RunId;
      readonly step: number;
      readonly metrics: JsonObject;
      readonly seconds: number;
      readonly canSave: boolean;
      readonly violation?: number;
    }
  /** The saver has written and renamed the directory that the answer named. `manifest`: the hash of its manifest, where there is one. */
  | { readonly kind: 'checkpointed'; readonly run: RunId; readonly checkpoint: string; readonly manifest?: string }
  /** Something the user should know, once per trial: a report that was not awaited. */
  | { readonly kind: 'warned'; readonly run: RunId; readonly message: string }
  | Ended;

/** The one end of a run. `metrics`: what a function returned; it counts as one more report, number `step`, made without a saver. */
export type Ended =
  | {
      readonly kind: 'ended';
      readonly run: RunId;
      readonly how: 'completed';
      readonly metrics?: JsonObject;
      readonly step?: number;
      readonly seconds?: number;
      readonly violation?: number;
    }
  | { readonly kind: 'ended'; readonly run: RunId; readonly how: 'paused' | 'stopped' }
  | { readonly kind: 'ended'; readonly run: RunId; readonly how: 'failed'; readonly error: ErrorData }
  /** It did not begin: the checkpoint that it was to go on from is not what was saved. */
  | { readonly kind: 'ended'; readonly run: RunId; readonly how: 'damaged'; readonly error: ErrorData };

/** What the loop tells an executor when an experiment opens. */
export interface ExecutorSession {
  readonly trainable: TrainableRef;
  /** How long a run that was told to end may go on. While it is saving, ten times as long, at least 30 s. */
  readonly stopGraceS: number;
  readonly trialTimeoutS?: number;
  /** What each trial takes, as far as the user has said: `{ cpu, gpu, gpuMemoryMb }`, and what else trials are handed. */
  readonly resources?: JsonObject;
  /** No more runs are in hand at once, however many slots there are. Default: as many as slots. */
  readonly maxConcurrentTrials?: number;
  /** What trials print is to be shown on standard error too, where the executor takes it away from there. */
  readonly echo?: boolean;
  warn(message: string): void;
}

/**
 * Runs trials. Each `start` is answered by exactly one `ended`; a run whose `signal` aborts has its user told, and is
 * ended by force after the grace period. The loop owns it and disposes of it.
 */
export interface Executor extends AsyncDisposable {
  readonly name: string;
  /** What it was made with: recorded with each session, so that another one can be made. */
  readonly options?: JsonObject;
  /** How many runs it takes at once. It may change when it opens, and not after. */
  readonly slots: number;
  /** The devices that it gives to runs, once it is open: `cuda:0`. Absent when it gives none. */
  readonly devices?: readonly string[] | undefined;
  /** Simulated executors bring their own time, and move it only when asked for the next batch. */
  readonly clock?: Clock;
  /** False while more happens at this instant of simulated time: no slot is filled before all of it is handled. Absent: true. */
  readonly isSettled?: boolean;
  /** Simulated executors: the next batch, if there is one already, so that nobody has to wait for it. The same as the next of `batches`. */
  ready?(): readonly ExecutorEvent[] | undefined;
  /**
   * Called once, before the first start; followed by one disposal, even if it throws, and at once, while its promise is unsettled, when the run is
   * interrupted. Throws when this trainable cannot run here, or while another experiment does.
   */
  open(session: ExecutorSession): void | Promise<void>;
  start(run: Run, signal: AbortSignal): void;
  answer(run: RunId, answer: Answer): void;
  /** What became of an `ended` is in the journal: called once for each of them, unless the experiment breaks off before. */
  endWritten?(run: RunId): void;
  /** One batch is everything that is ready at one instant. One reader. */
  batches(): AsyncIterable<readonly ExecutorEvent[]>;
}
