/**
 * What a worker of ours puts on its own global object before it imports the module of a trainable. Neither
 * `isMainThread` nor the environment would do: users run experiments in workers of their own, and environments are copied.
 */
export interface WorkerMark {
  /** What it computes with is broken: no other trial should run here. */
  worn?: true;
  /** What has gone wrong on the device since this was last asked, and was not thrown: asked at the end of each trial. */
  fault?: () => Promise<Error | undefined>;
  /** What tensors take up in this worker now: there as soon as a tfjs backend is, which puts it here. */
  tensors?: () => HeldTensors;
  /** A trial is running. */
  running: boolean;
  /** A module is being evaluated and has not reached a call that opens an experiment. */
  loading: boolean;
  /** A trainable was defined. */
  defined(): void;
  /** The module that is loading reached a call that opens an experiment, and waits there for ever. */
  parked(): void;
  /** In a thread of a pool: what all of its threads load but once. */
  share?<T>(key: string, load: () => Promise<T>): Promise<T>;
}

/** How many tensors there are, and how many bytes of theirs the backend holds. */
export interface HeldTensors {
  readonly count: number;
  readonly bytes: number;
}

const KEY = Symbol.for('attune.worker');
const holder = globalThis as { [KEY]?: WorkerMark };

export const workerMark = (): WorkerMark | undefined => holder[KEY];

export function setWorkerMark(mark: WorkerMark): void {
  holder[KEY] = mark;
}
