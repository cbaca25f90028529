import { AttuneError } from '../base/errors.ts';
import type { Answer, Ended } from '../execute/executor.ts';
import { toErrorData } from '../trial/error-data.ts';
import type { ErrorData, TrialEvent } from '../trial/events.ts';
import type { TrialId } from '../trial/ids.ts';
import { checkpointName } from '../trial/rows.ts';
import type { Experiment } from './experiment.ts';
import { actorOf, rowOf } from './experiment.ts';

/** The answer to an open report: save under this name first, or go on, pause or stop. */
export type Settlement = { readonly kind: 'save'; readonly name: string } | { readonly kind: 'then'; readonly answer: Answer };

const GO_ON: Settlement = { kind: 'then', answer: { then: 'continue' } };
const then = (answer: 'pause' | 'stop', reason: string): Settlement => ({ kind: 'then', answer: { then: answer, reason } });

/** Codes of errors that come again however often a trial is retried. */
const NOT_RETRIED: readonly string[] = [
  ...['METRIC_MISSING', 'METRIC_NOT_JSON', 'TRAINABLE_UNREACHABLE', 'REPORT_IN_CLASS', 'PAUSE_WITHOUT_CHECKPOINT'],
  ...['BACKEND_UNAVAILABLE', 'TRAINABLE_INVALID', 'OPTION_RANGE', 'OPTION_UNKNOWN', 'METRIC_INVALID'], // not CHECKPOINT_INVALID: a disk may have failed to read
  'DEVICE_OUT_OF_MEMORY', // but for once, with its device for itself
];

/**
 * How the open report of a running trial is answered, as its intent stands now.
 * @param canSave - it came with a saver; a run that repeats what another one reported may differ
 */
export function settleReport(experiment: Experiment, trial: TrialId, canSave: boolean): Settlement {
  if (canSave && wantsSave(experiment, trial)) return { kind: 'save', name: checkpointName(rowOf(experiment, trial).named) };
  const { intent } = actorOf(experiment, trial);
  const { halted } = experiment;
  if (halted?.interrupt && intent?.kind !== 'stop') return then('stop', halted.reason);
  switch (intent?.kind) {
    case undefined:
    case 'checkpoint':
      return GO_ON;
    case 'pause':
      return then('pause', intent.reason);
    case 'fail':
      return then('stop', intent.error.message);
    case 'stop':
    case 'exploit':
      return then('stop', intent.reason);
  }
}

/** The latest report of a trial is to be saved, and is not. */
export function wantsSave(experiment: Experiment, trial: TrialId): boolean {
  const { intent, savedStep } = actorOf(experiment, trial);
  const { step } = rowOf(experiment, trial);
  const { frequency, atEnd } = experiment.created.checkpoints;
  if (savedStep === step || intent?.kind === 'fail' || intent?.kind === 'exploit') return false;
  if (experiment.halted?.interrupt || intent?.kind === 'pause' || intent?.kind === 'checkpoint') return true;
  return (frequency > 0 && step % frequency === 0) || (atEnd && intent?.kind === 'stop');
}

/**
 * The event that the end of a run is; `undefined` for a trial that was interrupted, which a restore continues.
 * An exploit gives no event here: the loop copies the checkpoint first (`finishOf`).
 */
export function endingOf(experiment: Experiment, trial: TrialId, ended: Ended): TrialEvent | 'exploit' | undefined {
  const { intent, scored } = actorOf(experiment, trial);
  if (intent?.kind === 'fail') return failure(experiment, trial, intent.error);
  switch (ended.how) {
    case 'completed': {
      if (intent?.kind === 'stop') return { kind: 'stopped', trial, by: intent.by, reason: intent.reason }; // as a restore would end it
      const unscored = experiment.created.objectives.length > 0 && !scored;
      return unscored ? failure(experiment, trial, neverReported(experiment)) : { kind: 'completed', trial };
    }
    case 'failed':
      return failure(experiment, trial, ended.error);
    case 'damaged':
      return damage(experiment, trial, ended.error);
    case 'paused':
    case 'stopped':
      if (intent?.kind === 'stop') return { kind: 'stopped', trial, by: intent.by, reason: intent.reason };
      if (intent?.kind === 'exploit') return 'exploit';
      if (intent?.kind === 'pause' && ended.how === 'paused') return pauseOf(experiment, trial, intent);
      if (experiment.halted) return undefined;
      return failure(experiment, trial, { name: 'Error', message: 'the executor stopped the trial although nobody asked it to' });
  }
}

/** The trial goes on from the checkpoint before, or from the start. Nobody has failed. */
function damage(experiment: Experiment, trial: TrialId, error: ErrorData): TrialEvent | 'exploit' | undefined {
  const { intent } = actorOf(experiment, trial);
  if (intent?.kind === 'stop') return { kind: 'stopped', trial, by: intent.by, reason: intent.reason };
  if (intent?.kind === 'exploit') return 'exploit';
  if (experiment.halted) return undefined;
  const damaged = rowOf(experiment, trial).checkpoints.at(-1)?.name;
  return { kind: 'retried', trial, error, ...(damaged === undefined ? {} : { damaged }) };
}

/** The event for an intent that needs no worker. */
export function finishOf(experiment: Experiment, trial: TrialId): TrialEvent {
  const { intent } = actorOf(experiment, trial);
  switch (intent?.kind) {
    case 'stop':
      return { kind: 'stopped', trial, by: intent.by, reason: intent.reason };
    case 'fail':
      return { kind: 'failed', trial, error: intent.error };
    case 'pause':
      return pauseOf(experiment, trial, intent);
    case 'exploit': {
      const { from, source, config, reason } = intent;
      const step = rowOf(experiment, from).checkpoints.find(({ name }) => name === source)?.step ?? 0;
      return { kind: 'exploited', trial, from, source, checkpoint: checkpointName(rowOf(experiment, trial).named), step, config, reason };
    }
    case 'checkpoint':
    case undefined:
      throw new Error(`attune: trial ${trial} has nothing to finish.`);
  }
}

function pauseOf(experiment: Experiment, trial: TrialId, { by, reason }: { readonly by: string; readonly reason: string }): TrialEvent {
  if (rowOf(experiment, trial).checkpoints.length > 0) return { kind: 'paused', trial, by, reason };
  const problem = `${by}: expected a checkpoint of trial ${trial} to go on from after a pause (${reason}), got none from "${experiment.created.trainable.name}".`;
  const error = new AttuneError('PAUSE_WITHOUT_CHECKPOINT', problem);
  return { kind: 'failed', trial, error: toErrorData(error) };
}

function failure(experiment: Experiment, trial: TrialId, error: ErrorData): TrialEvent {
  const { maxFailures } = experiment.created;
  const { failures } = rowOf(experiment, trial);
  const { intent, alone } = actorOf(experiment, trial);
  const ends = experiment.halted || intent?.kind === 'stop';
  if (error.code === 'DEVICE_OUT_OF_MEMORY' && !ends && !alone) return { kind: 'retried', trial, error, alone: true };
  const retries = (maxFailures < 0 || failures < maxFailures) && !ends && !NOT_RETRIED.includes(error.code ?? '');
  return { kind: retries ? 'retried' : 'failed', trial, error };
}

function neverReported(experiment: Experiment): ErrorData {
  const metrics = experiment.created.objectives.map(({ metric }) => `"${metric}"`).join(' and ');
  return toErrorData(new AttuneError('METRIC_MISSING', `The trial ended: expected a report with ${metrics}, got none.`));
}
