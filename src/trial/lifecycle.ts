import { AttuneError } from '../base/errors.ts';
import type { TrialId } from './ids.ts';

/**
 * What may happen to a trial in each status: the whole lifecycle is this table.
 * `failed` is final; an attempt that will be retried is `retried` and goes back to PENDING.
 */
export const LIFECYCLE = {
  PENDING: { started: 'RUNNING', stopped: 'TERMINATED', failed: 'ERROR' },
  RUNNING: {
    started: 'RUNNING', // again, after an interruption
    reported: 'RUNNING',
    checkpointed: 'RUNNING',
    paused: 'PAUSED',
    exploited: 'PENDING',
    retried: 'PENDING',
    completed: 'TERMINATED',
    stopped: 'TERMINATED',
    failed: 'ERROR',
  },
  PAUSED: { started: 'RUNNING', exploited: 'PENDING', stopped: 'TERMINATED' },
  TERMINATED: {},
  ERROR: { retried: 'PENDING' }, // only when an experiment is restored with `resumeErrored`
} as const satisfies Record<string, Record<string, string>>;

export type Status = keyof typeof LIFECYCLE;
/** What can happen to a trial. */
export type Happening = { [S in Status]: keyof (typeof LIFECYCLE)[S] }[Status];

export const STATUSES = Object.keys(LIFECYCLE) as readonly Status[];

/** @throws {AttuneError} `TRIAL_TRANSITION` when the table has no such step */
export function nextStatus(trial: TrialId, from: Status, happening: Happening): Status {
  const row: Partial<Record<Happening, Status>> = LIFECYCLE[from];
  const to = row[happening];
  if (to === undefined) {
    const allowed = Object.keys(row).join(', ') || 'nothing (it is final)';
    throw new AttuneError('TRIAL_TRANSITION', `Trial ${trial} is ${from}; it cannot be "${happening}". Allowed: ${allowed}.`);
  }
  return to;
}

export const hasEnded = (status: Status): boolean => status === 'TERMINATED' || status === 'ERROR';
