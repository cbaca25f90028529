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

export type Control = 'stop' | 'pause' | 'resume';

/** What a hand may ask of a trial in each status, if it changes anything: one that is to be paused can be resumed, one that a scheduler paused be held. */
export const CONTROLS = {
  PENDING: ['stop', 'resume'],
  RUNNING: ['stop', 'pause', 'resume'],
  PAUSED: ['stop', 'pause', 'resume'],
  TERMINATED: [],
  ERROR: [],
} as const satisfies Record<keyof typeof LIFECYCLE, readonly Control[]>;

/** Where a trial stands. `PENDING`, `RUNNING` and `PAUSED` can go on; `TERMINATED` (completed, or stopped) and `ERROR` are ends. */
export type Status = keyof typeof LIFECYCLE;
/** What can happen to a trial. */
export type Happening = { [S in Status]: keyof (typeof LIFECYCLE)[S] }[Status];

export const STATUSES = Object.keys(LIFECYCLE) as readonly Status[];

/** @throws {AttuneError} `TRIAL_TRANSITION` when the table has no such step */
export function nextStatus(trial: TrialId, from: Status, happening: Happening): Status {
  const row: Partial<Record<Happening, Status>> = LIFECYCLE[from];
  const to = row[happening];
  if (to === undefined) {
    throw new AttuneError('TRIAL_TRANSITION', notAllowed(trial, from, happening, Object.keys(row)));
  }
  return to;
}

/** One sentence for everything that a status refuses. `status` may say more than that: `RUNNING, and about to pause`. */
export const notAllowed = (trial: TrialId | string, status: string, happening: string, allowed: readonly string[]): string =>
  `Trial ${trial} is ${status}; it cannot be "${happening}". Allowed: ${allowed.join(', ') || 'nothing (it is final)'}.`;

export const hasEnded = (status: Status): boolean => status === 'TERMINATED' || status === 'ERROR';
