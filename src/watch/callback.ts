import { AttuneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { checkOptions, describe } from '../base/options.ts';
import type { Created, ErrorData, JournalLine } from '../trial/events.ts';
import type { TrialId } from '../trial/ids.ts';
import type { SavedCheckpoint, TrialRecord } from '../trial/trial-record.ts';

/** The experiment as a callback is shown it. Plain data, frozen like the event itself; keeping it keeps its trials in memory. */
export interface ExperimentView {
  /** Absolute path of the experiment directory. */
  readonly path: string;
  readonly created: Created;
  /** Every trial as it stands when you look. For a callback that is behind, or has awaited something, that is later than the event. */
  readonly trials: readonly TrialRecord[];
  /**
   * The trial of the event as it stood when the event was written: a copy that never changes, however late it is read. Events that were
   * written together (a last report and the end of its trial, say) share that moment. Any other trial: as in `trials`.
   */
  trial(id: TrialId): TrialRecord | undefined;
}

/**
 * Sees every line of the journal, in order, after it was written. It watches and cannot decide: for that there are schedulers.
 * When an experiment goes on, those of this session, from `opened`.
 *
 * One event at a time: while a promise that `onEvent` returned is unsettled, its later events wait, in memory (about a kilobyte each; a
 * warning is given when 10,000 do). That delays no report and no other callback; `fit()` resolves when all have handled everything, and says
 * for which it waits after 5 s. A callback that returns nothing is called at once, in the loop of the experiment: what it computes there
 * holds up every trial.
 *
 * What it throws, or rejects with, ends no run: it is one warning, and the callback is switched off, that is, told nothing more in this
 * session, but disposed all the same. One that would rather go on catches its errors itself.
 */
export interface Callback {
  /** For warnings. */
  readonly name: string;
  onEvent(event: JournalLine, view: ExperimentView): void | Promise<void>;
  /**
   * For whoever keeps what it is told, such as a log. On a restore, before anything else: it removes what it has of `trial`, and is
   * then told every line about it again, with the experiment as it was then. Asked for trials that had not ended, or only just, or to
   * which something happened after it was switched off; of all others it keeps what it has. Without it a callback is told what happens from then on.
   */
  forget?(trial: TrialRecord, view: ExperimentView): void | Promise<void>;
  /**
   * For one that can `forget`, and knows by a look whether it has all that the journal says of `trial`: then it keeps that, and is not told again.
   * Asked on a restore, of each trial that had only just ended. Default: it does not know.
   */
  has?(trial: TrialRecord, view: ExperimentView): boolean | Promise<boolean>;
  /** Called once, after its last event, when the run is over; also when `fit()` fails, even before the first event. Awaited. */
  [Symbol.asyncDispose]?(): PromiseLike<void>;
}

/** A promise is awaited before the next call, whatever it gives; any other value is ignored. */
type Hook<A extends readonly unknown[]> = (...args: A) => unknown;

/** The familiar names for what happens in an experiment. All are optional. `trial` is a copy that never changes: see `ExperimentView`. */
export interface Hooks {
  /** Default `hooks`. */
  readonly name?: string;
  /** A session opens: a new experiment, or one that goes on. */
  readonly onExperimentStart?: Hook<[view: ExperimentView]>;
  /** First, or again after a pause, a retry or an exploit. */
  readonly onTrialStart?: Hook<[trial: TrialRecord, view: ExperimentView]>;
  /** `row`: the report with the automatic keys, such as `training_iteration`; its `checkpoint_dir_name` is still null. */
  readonly onTrialReport?: Hook<[trial: TrialRecord, row: JsonObject, view: ExperimentView]>;
  readonly onTrialCheckpoint?: Hook<[trial: TrialRecord, checkpoint: SavedCheckpoint, view: ExperimentView]>;
  readonly onTrialPause?: Hook<[trial: TrialRecord, view: ExperimentView]>;
  /** Completed or stopped: see `trial.reason`. */
  readonly onTrialComplete?: Hook<[trial: TrialRecord, view: ExperimentView]>;
  /** An attempt failed and another will follow. */
  readonly onTrialRetry?: Hook<[trial: TrialRecord, error: ErrorData, view: ExperimentView]>;
  /** Failed for good. */
  readonly onTrialError?: Hook<[trial: TrialRecord, error: ErrorData, view: ExperimentView]>;
  /** The session was closed in order: all trials have ended, or something ended the run. Not when the storage failed. */
  readonly onExperimentEnd?: Hook<[view: ExperimentView]>;
}

const HOOKS = [
  ...['onExperimentStart', 'onTrialStart', 'onTrialReport', 'onTrialCheckpoint', 'onTrialPause'],
  ...['onTrialComplete', 'onTrialRetry', 'onTrialError', 'onExperimentEnd'],
] as const satisfies readonly (keyof Hooks)[];

/**
 * A callback from functions with familiar names: `callbacks: [hooks({ onTrialComplete: (trial) => console.log(trial.name) })]`.
 * They are called one after the other, in the order of the journal, as `Callback` says.
 *
 * @throws {AttuneError} `OPTION_UNKNOWN` for a name that is none, `OPTION_RANGE` for a hook that is no function
 * @example
 * import { hooks, run, uniform } from 'attune';
 *
 * const ended: string[] = [];
 * const grid = await run(({ x }: { x: number }) => x, {
 *   config: { x: uniform(0, 1) }, metric: 'loss', mode: 'min', numSamples: 3, verbose: 0,
 *   callbacks: [hooks({ onTrialComplete: ({ name }) => void ended.push(name) })],
 * });
 * ended.length; // => 3
 */
export function hooks(on: Hooks): Callback {
  checkOptions('hooks', on, ['name', ...HOOKS]);
  for (const hook of HOOKS) {
    const given: unknown = on[hook];
    if (given !== undefined && typeof given !== 'function')
      throw new AttuneError('OPTION_RANGE', `hooks: expected ${hook} to be a function, got ${describe(given)}.`);
  }
  const callback: Callback = {
    name: on.name ?? 'hooks',
    onEvent: (event, view) => call(on, event, view) as void | Promise<void>,
  };
  MADE.add(callback);
  return callback;
}

const MADE = new WeakSet<Callback>();

const HOOK_OF: { readonly [K in JournalLine['kind']]?: keyof Hooks } = {
  opened: 'onExperimentStart',
  closed: 'onExperimentEnd',
  started: 'onTrialStart',
  reported: 'onTrialReport',
  checkpointed: 'onTrialCheckpoint',
  paused: 'onTrialPause',
  completed: 'onTrialComplete',
  stopped: 'onTrialComplete',
  retried: 'onTrialRetry',
  failed: 'onTrialError',
};

/** The function of a callback that is called with such an event, as its author knows it. */
export const hookName = (callback: Callback, kind: JournalLine['kind']): string => (MADE.has(callback) && HOOK_OF[kind]) || 'onEvent';

function call(on: Hooks, event: JournalLine, view: ExperimentView): unknown {
  if (event.kind === 'opened') return on.onExperimentStart?.(view);
  if (event.kind === 'closed') return on.onExperimentEnd?.(view);
  const trial = 'trial' in event ? view.trial(event.trial) : undefined;
  return trial && onTrialEvent(on, event, trial, view);
}

function onTrialEvent(on: Hooks, event: JournalLine, trial: TrialRecord, view: ExperimentView): unknown {
  switch (event.kind) {
    case 'started':
      return on.onTrialStart?.(trial, view);
    case 'reported':
      return trial.last && on.onTrialReport?.(trial, trial.last, view);
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
