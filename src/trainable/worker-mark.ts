import { AttuneError } from '../base/errors.ts';
import { workerMark } from './worker-global.ts';

/**
 * True in a worker that runs trials. A script that defines a trainable and tunes it is imported there too: guard with
 * this what must happen once only. `if (!isTrialWorker) console.log('starting')`
 *
 * @example
 * import { isTrialWorker } from 'attune';
 *
 * if (!isTrialWorker) console.log('starting'); // once, not in every worker that imports this file
 */
export const isTrialWorker: boolean = workerMark() !== undefined;

/**
 * For every call that would open an experiment: lets it be in a program of the user's. In a worker of ours, whose
 * module loads and reaches such a call, the promise never settles: the module has done its part.
 *
 * @returns `undefined` when the call may go on
 * @throws {AttuneError} `NESTED_FIT` inside a running trial
 */
export function openingRefused(call: string): Promise<never> | undefined {
  const mark = workerMark();
  if (mark === undefined) return undefined;
  if (mark.running && !mark.loading) throw new AttuneError('NESTED_FIT', `${call}: expected a call outside of trials, got one inside a running trial.`);
  mark.parked();
  return new Promise<never>(() => {});
}
