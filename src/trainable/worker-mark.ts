import { AttuneError } from '../base/errors.ts';

/**
 * What a worker of ours puts on its own global object before it imports the module of a trainable. Neither
 * `isMainThread` nor the environment would do: users run experiments in workers of their own, and environments are copied.
 */
export interface WorkerMark {
  /** A trial is running. */
  running: boolean;
  /** A module is being evaluated and has not reached a call that opens an experiment. */
  loading: boolean;
  /** A trainable was defined. */
  defined(): void;
  /** The module that is loading reached a call that opens an experiment, and waits there for ever. */
  parked(): void;
}

const KEY = Symbol.for('attune.worker');
const holder = globalThis as { [KEY]?: WorkerMark };

export const workerMark = (): WorkerMark | undefined => holder[KEY];

export function setWorkerMark(mark: WorkerMark): void {
  holder[KEY] = mark;
}

/**
 * True in a worker that runs trials. A script that defines a trainable and tunes it is imported there too: guard with
 * this what must happen once only. `if (!isTrialWorker) console.log('starting')`
 */
export const isTrialWorker: boolean = KEY in holder;

/**
 * For every call that would open an experiment: does nothing in a program of the user's. In a worker of ours, whose
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
