import type { AttuneError } from '../base/errors.ts';
import type { Rng } from '../base/rng.ts';
import { rng } from '../base/rng.ts';
import type { Scheduler } from '../schedule/scheduler.ts';
import type { History } from '../search/history.ts';
import { History as HistoryTable } from '../search/history.ts';
import type { Setup } from '../search/searcher.ts';
import type { Config } from '../space/config.ts';
import type { Space } from '../space/space.ts';
import type { Created, ErrorData } from '../trial/events.ts';
import type { RunId, TrialId } from '../trial/ids.ts';
import type { TrialRow } from '../trial/rows.ts';

/** What is to become of a trial: a decision that waits for the event that fulfils it. The strongest counts. */
export type Intent =
  | { readonly kind: 'fail'; readonly error: ErrorData }
  | { readonly kind: 'stop'; readonly by: string; readonly reason: string }
  | { readonly kind: 'exploit'; readonly from: TrialId; readonly source: string; readonly config: Config; readonly reason: string }
  /** `midway`: asked for in the middle of a step, so it waits for the next report, although the last one is saved. */
  | { readonly kind: 'pause'; readonly by: string; readonly reason: string; readonly midway?: true }
  | { readonly kind: 'checkpoint'; readonly reason: string };

/** The strongest first. */
export const STRENGTH: readonly Intent['kind'][] = ['fail', 'stop', 'exploit', 'pause', 'checkpoint'];

/** What the engine knows of a trial beyond its row. */
export interface Actor {
  /** Its row in the history; the two differ once a plug-in shows a searcher something else, never here. */
  readonly row: number;
  intent: Intent | undefined;
  /** The pause that is under way is to be followed by a resume. */
  resumes: boolean;
  /** Paused by hand, or about to be: nobody but a hand resumes it, and it cannot be exploited. */
  held: { readonly by: string; readonly reason: string } | undefined;
  /** Some report held every objective. */
  scored: boolean;
  /** The latest report came with a saver. */
  canSave: boolean;
  /** Some report came with a saver. */
  saves: boolean;
  /** The step that is saved, or 0. */
  savedStep: number;
  run: RunId | undefined;
  /** Running when the session before this one ended: to be started again, or ended. */
  interrupted: boolean;
  /** It ran out of the memory of its device: it has one for itself from now on. */
  alone: boolean;
  /** Its row in the history still takes reports. */
  isEvidence: boolean;
}

/** A configuration to run before the searcher is asked, in `of` parts when its grid is swept. */
export interface Entry {
  readonly config: Config;
  /** The failed trial that it is the configuration of. */
  readonly restarts: TrialId | undefined;
  next: number;
  of: number | undefined;
}

/** A scheduler with its state; the run's stop rules are one more behind the chosen one. */
export interface Seat {
  readonly scheduler: Scheduler;
  state: unknown;
  /** Stop rules see a report without the metric; the chosen scheduler does not. */
  readonly isRule: boolean;
}

/** The code of an experiment: what the journal cannot hold. */
export interface Parts {
  readonly space: Space;
  readonly scheduler: Scheduler;
  readonly rules?: Scheduler | undefined;
}

/**
 * The state of an experiment: a fold of its journal. It owns its structure and updates it in place;
 * replaying the journal gives the same state.
 */
export interface Experiment {
  readonly created: Created;
  readonly space: Space;
  readonly root: Rng;
  readonly history: History;
  readonly seats: readonly Seat[];
  readonly rows: TrialRow[];
  readonly actors: Actor[];
  readonly entries: Entry[];
  /** The first entry of which not every part is queued. */
  entryAt: number;
  /** Entries that are no presets and have no trial yet: they get one at once, whether or not a slot is free. */
  readonly unnamed: number[];
  /** Trials that a free slot starts, in order; interrupted ones come before all others. */
  readonly runnable: TrialId[];
  /** PAUSED trials, the one that has been paused longest first. */
  readonly paused: TrialId[];
  /** Trials whose intent needs no worker: stops and exploits of those that do not run. */
  readonly due: TrialId[];
  readonly running: Set<TrialId>;
  samples: number;
  presets: number;
  slots: number;
  /** Configurations that the searcher has proposed. */
  proposed: number;
  runs: number;
  searcherDone: boolean;
  toldExhausted: boolean;
  /** Counts what happens; what was left unanswered at a count is not asked again before it moves. */
  happened: number;
  idleAt: number;
  stalledAt: number;
  /** Counts the stops and exploits that were intended: whoever has to tell trials of them looks when it moves. */
  ordered: number;
  /** Milliseconds that the sessions before this one were open, when this one was opened, and when something last happened. */
  readonly time: { spent: number; opened: number; last: number };
  halted: { readonly by: string; readonly reason: string; readonly interrupt: boolean } | undefined;
  /** What a scheduler or stop rule threw; nothing is decided any more. */
  fault: AttuneError | undefined;
  /** While an ask is in hand the history does not grow: what it missed waits here. */
  held: ((history: History) => void)[] | undefined;
  readonly warned: Set<string>;
}

export function emptyExperiment(created: Created, parts: Parts): Experiment {
  const seats: Seat[] = [{ scheduler: parts.scheduler, state: parts.scheduler.init(), isRule: false }];
  if (parts.rules) seats.push({ scheduler: parts.rules, state: parts.rules.init(), isRule: true });
  return {
    created,
    space: parts.space,
    root: rng(created.seed),
    history: new HistoryTable(parts.space, created.objectives.length),
    seats,
    rows: [],
    actors: [],
    entries: [],
    entryAt: 0,
    unnamed: [],
    runnable: [],
    paused: [],
    due: [],
    running: new Set(),
    samples: 0,
    presets: 0,
    slots: 1,
    proposed: 0,
    runs: 0,
    searcherDone: false,
    toldExhausted: false,
    happened: 0,
    idleAt: -1,
    stalledAt: -1,
    ordered: 0,
    time: { spent: 0, opened: 0, last: 0 },
    halted: undefined,
    fault: undefined,
    held: undefined,
    warned: new Set(),
  };
}

/** What searchers and schedulers are told. Presets replace samples. */
export function setupOf(experiment: Experiment): Setup & { readonly metrics: readonly string[] } {
  const { space, created, samples, presets, slots } = experiment;
  const metrics = created.objectives.map(({ metric }) => metric);
  return { space, objectives: metrics.length, metrics, samples: Math.max(0, samples - presets), slots };
}

export function rowOf(experiment: Experiment, trial: TrialId): TrialRow {
  return existing(experiment.rows[trial], trial);
}

export function actorOf(experiment: Experiment, trial: TrialId): Actor {
  return existing(experiment.actors[trial], trial);
}

/** What the trial has reported last is saved. */
export const isSaved = (experiment: Experiment, trial: TrialId): boolean => {
  const { savedStep } = actorOf(experiment, trial);
  return savedStep > 0 && savedStep === rowOf(experiment, trial).step;
};

function existing<T>(value: T | undefined, trial: TrialId): T {
  if (value === undefined) throw new RangeError(`attune: trial ${trial} was never queued.`);
  return value;
}

/** Removes the first `value` of a list, if it is there. */
export function take<T>(list: T[], value: T): boolean {
  const index = list.indexOf(value);
  if (index >= 0) list.splice(index, 1);
  return index >= 0;
}
