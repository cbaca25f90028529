import type { TensorFlow } from '../tensor-flow.ts';

/** How one of the tfjs backends is made ready: plain data and one function. */
export interface BackendKind<Name extends string = string> {
  readonly name: Name;
  /** Every npm package that it needs, the one with the tfjs namespace first. */
  readonly packages: readonly string[];
  /** The command that makes it work where a package of it is missing. */
  readonly install: string;
  /** What `device` may be: the index of a GPU, (a part of) the name of an adapter, or nothing, where there is nothing to choose. */
  readonly device?: 'index' | 'name';
  /**
   * Loads the packages, makes the backend the active one of this thread and sees that it computes.
   *
   * @throws {Lack} what it lacks, where that is known; any other error: it does not start
   */
  open(wanted: Wanted): Promise<Opened>;
}

export interface Wanted {
  /** The user asked for this backend by its name: a slower device than it is made for is taken, and said. */
  readonly forced: boolean;
  readonly device?: number | string;
}

export interface Opened {
  readonly tf: TensorFlow;
  /** What else the user should know, to be put behind `used`, such as `', on a GPU'`. */
  readonly note?: string;
  /** The device that computes, where there are several kinds. */
  readonly device?: string;
  /** Whether its device has gone since: then it has to be opened again. Absent: never. */
  isLost?(): boolean;
}

/** `package`: one is not installed. `device`: there is none for it. `loading`: it is there and does not work. */
export type Lacking = 'package' | 'device' | 'loading';

/** Why a backend cannot be used, in words that follow `not used, `; `fix` is what helps, as a command or a sentence. */
export class Lack extends Error {
  readonly what: Lacking;
  readonly fix: string | undefined;

  constructor(what: Lacking, problem: string, options: { readonly fix?: string; readonly cause?: unknown } = {}) {
    super(problem, 'cause' in options ? { cause: options.cause } : {});
    this.what = what;
    this.fix = options.fix;
  }
}
