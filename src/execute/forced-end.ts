import { AttuneError } from '../base/errors.ts';
import { toErrorData } from '../trial/error-data.ts';
import type { RunId } from '../trial/ids.ts';
import type { Ended } from './executor.ts';

/** How a run is told to end, if it is. */
export type Told = 'paused' | 'stopped' | undefined;

/** The end of a run that did not end by itself: one that was told to end has done so, one that was not has failed. */
export function forcedEnd(run: RunId, told: Told, error: () => AttuneError): Ended {
  return told === undefined ? { kind: 'ended', run, how: 'failed', error: toErrorData(error()) } : { kind: 'ended', run, how: told };
}

export function timedOut(name: string, trialTimeoutS: number | undefined): AttuneError {
  return new AttuneError('TRIAL_TIMEOUT', `${name}: expected an end within ${trialTimeoutS} s (trialTimeoutS), got none.`);
}

/** For a trial that went on after a stop: it counts as stopped, and its user should know what it cost. */
export function unresponsive(grace: string, cost: string): string {
  return `did not end within ${grace} after it was told to; ${cost}. Let what report() rejects with unwind, and look at trial.signal in long steps. [TRIAL_UNRESPONSIVE]`;
}
