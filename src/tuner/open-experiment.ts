import { hostname } from 'node:os';
import { basename } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { createExperimentDirectory, isUnbegun, refuseExisting } from '../store/experiment-directory.ts';
import { lockExperiment } from '../store/lock.ts';
import { linesOf } from '../store/read-experiment.ts';
import type { ExperimentEvent, JournalLine } from '../trial/events.ts';
import type { Callback } from '../watch/callback.ts';
import { checkSame, createdEvent } from './created.ts';
import type { Experiment } from './experiment.ts';
import { emptyExperiment } from './experiment.ts';
import { experimentName } from './experiment-name.ts';
import type { Observers } from './observers.ts';
import { DEFAULT_STORAGE } from './on-existing.ts';
import type { RestoreOptions } from './options.ts';
import type { Plan } from './plan.ts';
import { replayJournal } from './restore.ts';
import { Heard, retell } from './retell.ts';
import { commit, versions } from './versions.ts';

/** A directory to be restored, and how. */
export interface Restored {
  readonly path: string;
  readonly options: RestoreOptions;
  /** What its author has written: messages name it. */
  readonly by: 'Tuner.restore' | "runConfig.onExisting: 'resume'";
}

/** An experiment that is locked and ready for a session. */
export interface Opened {
  /** Held until the session is over. */
  readonly lock: Disposable;
  readonly path: string;
  readonly experiment: Experiment;
  readonly bytes: number;
  readonly first?: readonly JournalLine[];
  readonly begin: readonly ExperimentEvent[];
}

/** Makes the directory of a new experiment. @throws {AttuneError} `EXPERIMENT_EXISTS`, `STORAGE_UNWRITABLE` */
export function createExperiment(plan: Plan): Opened {
  const { run, trainable, space, scheduler, rules } = plan;
  const name = run.name ?? experimentName(trainable.name, new Date(systemClock.now()));
  const path = createExperimentDirectory(run.storagePath ?? DEFAULT_STORAGE, name, run.onExisting ?? 'error');
  const lock = lockExperiment(path, owner());
  let isFree = false;
  try {
    isFree = isUnbegun(path);
  } finally {
    if (!isFree) lock[Symbol.dispose]();
  }
  if (!isFree) refuseExisting(path); // another process was quicker
  const created = { ...createdEvent(plan, basename(path), versions(), commit()), at: systemClock.now() };
  const experiment = emptyExperiment(created, { space, scheduler, rules });
  return { lock, path, experiment, bytes: 0, first: [created], begin: presetsOf(experiment) };
}

/** The presets that are not in the journal yet: all of a new experiment, and those that its first write did not come to. */
const presetsOf = ({ created, presets }: Experiment): readonly ExperimentEvent[] =>
  (created.points ?? []).slice(presets).map((config) => ({ kind: 'enqueued', config, preset: true }));

/** Replays the journal of an experiment; callbacks that forget are told again. @throws {AttuneError} `RESTORE_MISMATCH`, `EXPERIMENT_LOCKED` */
export async function reopenExperiment(
  plan: Plan,
  { path, options, by }: Restored,
  { callbacks, watching }: { readonly callbacks: readonly Callback[]; readonly watching: Observers },
): Promise<Opened> {
  const lock = lockExperiment(path, owner());
  try {
    const { space, scheduler, rules } = plan;
    const heard = new Heard();
    const { experiment, bytes } = replayJournal(
      path,
      { space, scheduler, rules },
      (created) => checkSame(created, plan, by),
      (line) => heard.note(line),
    );
    checkSame(experiment.created, plan, by, experiment.samples);
    const goesOn = options.resumeErrored ? 'openOrFailed' : 'open';
    await retell(
      { wants: (trial, callback) => heard.wants(trial, callback, goesOn), lines: (trials) => linesOf(path, heard.needed(trials)) },
      { path, created: experiment.created, trials: experiment.rows },
      { callbacks, fail: watching.fail },
    );
    return { lock, path, experiment, bytes, begin: [...presetsOf(experiment), ...beginRestored(experiment, options)] };
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

const owner = (): { pid: number; host: string } => ({ pid: process.pid, host: hostname() });

function beginRestored({ rows, entries }: Experiment, options: RestoreOptions): readonly ExperimentEvent[] {
  const { resumeUnfinished = true, resumeErrored = false, restartErrored = false } = options;
  const restarted = new Set(entries.map(({ restarts }) => restarts));
  return rows.flatMap((row): ExperimentEvent[] => {
    const { id: trial, status, error, config } = row;
    if (status === 'ERROR' && resumeErrored) return [{ kind: 'retried', trial, error: error ?? { name: 'Error', message: 'unknown' }, resumed: true }];
    if (status === 'ERROR' && restartErrored && !restarted.has(trial)) return [{ kind: 'enqueued', config, restarts: trial }];
    const unfinished = status === 'PENDING' || status === 'RUNNING' || status === 'PAUSED';
    if (unfinished && !resumeUnfinished) return [{ kind: 'stopped', trial, by: 'restore', reason: 'resumeUnfinished is false' }];
    return [];
  });
}
