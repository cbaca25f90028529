import type { Json } from '../base/json.ts';
import type { Rng } from '../base/rng.ts';
import type { Config } from '../space/config.ts';
import type { Space } from '../space/space.ts';
import type { TrialId } from '../trial/ids.ts';

/** What a scheduler is told about the experiment. The same fields as a searcher's `Setup`. */
export interface ScheduleContext {
  readonly space: Space;
  readonly objectives: number;
  /** The names of the objectives, in the order of `losses`. */
  readonly metrics?: readonly string[];
  readonly samples: number;
  readonly slots: number;
  /** The stream for what the draw is about, such as `rng('explore', trial, step)`. */
  rng(...key: readonly (string | number)[]): Rng;
}

/**
 * Decides about trials: gets its own state and one event, returns its next state and what it would like done.
 * `S` survives JSON. It never sees `mode`: losses are finite and lower is better. It may update the state it was given.
 */
export interface Scheduler<S = unknown> {
  readonly name: string;
  readonly options?: Json;
  /** The kinds of decision it may make: one of another kind is a fault of the plug-in. */
  readonly uses: readonly Decision['kind'][];
  /** Metrics, besides those of the experiment, without which it cannot decide: a trial whose first report lacks one, or has no finite number there, fails. */
  readonly needs?: readonly string[];
  check?(setup: Omit<ScheduleContext, 'rng'>): void;
  init(): S;
  decide(state: S, event: SchedulerEvent, context: ScheduleContext): Outcome<S>;
}

/** What a scheduler made of one event. */
export interface Outcome<S> {
  readonly state: S;
  readonly decisions: readonly Decision[];
  /** Who made each of the decisions, where several schedulers are one; else it is the scheduler. */
  readonly by?: readonly string[];
  /** For the user, each once. */
  readonly warnings?: readonly string[];
}

/** `losses` has one entry per objective, and none when the experiment has no metric. `metrics` are the report's numbers, flattened with `/`. */
export type SchedulerEvent =
  | { readonly kind: 'queued'; readonly trial: TrialId; readonly config: Config }
  /** First, or after a pause, a retry, a restore, an exploit. */
  | { readonly kind: 'started'; readonly trial: TrialId; readonly step: number }
  | {
      readonly kind: 'reported';
      readonly trial: TrialId;
      readonly step: number;
      readonly losses: readonly number[];
      readonly metrics: Readonly<Record<string, number>>;
    }
  | { readonly kind: 'checkpointed'; readonly trial: TrialId; readonly step: number; readonly checkpoint: string }
  /** An exploit has been carried out: the trial has `config` now, and goes on from that checkpoint of `from`, made at `step`. One that lapsed never is. */
  | { readonly kind: 'exploited'; readonly trial: TrialId; readonly from: TrialId; readonly step: number; readonly config: Config }
  | { readonly kind: 'paused' | 'completed' | 'stopped' | 'failed'; readonly trial: TrialId }
  /** `idle`: a slot is free. `exhausted`: the searcher has no more. `stalled`: nothing runs, and the searcher waits. */
  | { readonly kind: 'idle' | 'exhausted' | 'stalled' };

/** What a scheduler would like done, each with a reason that the user is shown, numbers and all. */
export type Decision =
  | { readonly kind: 'stop' | 'pause' | 'resume' | 'checkpoint'; readonly trial: TrialId; readonly reason: string }
  /** `checkpoint` as named by the `checkpointed` event of `from`. */
  | { readonly kind: 'exploit'; readonly trial: TrialId; readonly from: TrialId; readonly checkpoint: string; readonly config: Config; readonly reason: string }
  /** End the run: stop rules and plateau schedulers only. */
  | { readonly kind: 'end'; readonly reason: string };
