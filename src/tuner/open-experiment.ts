import { hostname } from 'node:os';
import { basename } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { AttuneError } from '../base/errors.ts';
import { createExperimentDirectory } from '../store/experiment-directory.ts';
import { lockExperiment } from '../store/lock.ts';
import type { ExperimentEvent, JournalLine } from '../trial/events.ts';
import type { Callback } from '../watch/callback.ts';
import { rebuildScheduler, rebuildSearcher } from './builtins.ts';
import { checkSame, checkSamples, createdEvent } from './created.ts';
import type { Experiment } from './experiment.ts';
import { emptyExperiment } from './experiment.ts';
import { experimentName } from './experiment-name.ts';
import type { RestoreOptions, TunerOptions } from './options.ts';
import type { Plan } from './plan.ts';
import { makePlan } from './plan.ts';
import { readLines, replay } from './restore.ts';
import { retell } from './retell.ts';
import { commit, versions } from './versions.ts';

/** A directory to be restored, and how. */
export interface Restored {
  readonly path: string;
  readonly options: RestoreOptions;
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
  const { run, trainable, space, scheduler, rules, tune } = plan;
  const name = run.name ?? experimentName(trainable.name, new Date(systemClock.now()));
  const path = createExperimentDirectory(run.storagePath ?? './attune_results', name, run.onExisting ?? 'error');
  const lock = lockExperiment(path, owner());
  const created = createdEvent(plan, basename(path), versions(), commit());
  const experiment = emptyExperiment(created, { space, scheduler, rules });
  const begin = (tune.pointsToEvaluate ?? []).map((config) => ({ kind: 'enqueued', config, preset: true }) as const);
  return { lock, path, experiment, bytes: 0, first: [{ ...created, at: systemClock.now() }], begin };
}

/** Replays the journal of an experiment; callbacks that forget are told again. @throws {AttuneError} `RESTORE_MISMATCH`, `EXPERIMENT_LOCKED` */
export async function reopenExperiment(plan: Plan, { path, options }: Restored, callbacks: readonly Callback[]): Promise<Opened> {
  const lock = lockExperiment(path, owner());
  try {
    const { created, lines, bytes } = readLines(path);
    checkSame(created, plan);
    const { space, scheduler, rules } = plan;
    const experiment = replay(lines, { space, scheduler, rules });
    checkSamples(experiment.samples, plan.samples);
    const { resumeErrored = false } = options;
    const warn = (message: string): void => process.emitWarning(message, 'AttuneWarning'); // lost logs are told even when silent
    await retell(lines, { path, created, trials: experiment.rows }, { callbacks, resumeErrored, warn });
    return { lock, path, experiment, bytes, begin: beginRestored(experiment, options) };
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

const owner = (): { pid: number; host: string } => ({ pid: process.pid, host: hostname() });

function beginRestored({ rows }: Experiment, options: RestoreOptions): readonly ExperimentEvent[] {
  const { resumeUnfinished = true, resumeErrored = false, restartErrored = false } = options;
  return rows.flatMap((row): ExperimentEvent[] => {
    const { id: trial, status, error, config } = row;
    if (status === 'ERROR' && resumeErrored) return [{ kind: 'retried', trial, error: error ?? { name: 'Error', message: 'unknown' }, resumed: true }];
    if (status === 'ERROR' && restartErrored) return [{ kind: 'enqueued', config }];
    const unfinished = status === 'PENDING' || status === 'RUNNING' || status === 'PAUSED';
    if (unfinished && !resumeUnfinished) return [{ kind: 'stopped', trial, by: 'restore', reason: 'resumeUnfinished is false' }];
    return [];
  });
}

/** The options of a restored experiment: what was recorded, with what was given again. */
export function restoredPlan(trainable: Plan['trainable'], { path, options }: Restored): Plan {
  const { created, lines } = readLines(path);
  const { tuneConfig = {}, runConfig: { name: _, ...runConfig } = {}, paramSpace } = options; // the directory has its name
  const searchAlg = tuneConfig.searchAlg ?? rebuildSearcher(created.searcher);
  const scheduler = tuneConfig.scheduler ?? rebuildScheduler(created.scheduler);
  const missing = [searchAlg ? '' : `searchAlg "${created.searcher.name}"`, scheduler ? '' : `scheduler "${created.scheduler.name}"`].filter(Boolean);
  if (missing.length > 0)
    throw new AttuneError('RESTORE_MISMATCH', `Tuner.restore: expected ${missing.join(' and ')} in tuneConfig, got none: code is not stored.`);
  const opened = lines.findLast((line) => line.kind === 'opened');
  if (opened?.kind !== 'opened') {
    throw new AttuneError('JOURNAL_INVALID', `restore: expected an experiment that has begun, got one in "${path}" whose process was killed before that.`, {
      hint: 'Nothing has run: remove the directory, and start again.',
    });
  }
  const samples = opened.samples === 'unlimited' ? -1 : opened.samples;
  const { objectives, seed, checkpoints, maxFailures, failFast } = created;
  const metrics = objectives.length === 0 ? {} : { metric: objectives.map(({ metric }) => metric), mode: objectives.map(({ mode }) => mode) };
  const plan = makePlan(
    trainable,
    {
      paramSpace: paramSpace ?? created.space,
      tuneConfig: { seed, numSamples: samples, ...metrics, ...tuneConfig, searchAlg, scheduler } as NonNullable<TunerOptions['tuneConfig']>,
      runConfig: { failureConfig: { maxFailures, failFast }, ...runConfig },
    },
    () => seed,
  );
  return runConfig.checkpointConfig === undefined ? { ...plan, checkpoints } : plan;
}
