/** What a call of the command prints, and its exit code: 0, 1 when it could not be done, or 2 when it was called wrongly. `undefined`: as it is. */
export interface Outcome {
  readonly exitCode?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** One of the things that `attune` does. */
export interface Command {
  /** One line for the list of commands. */
  readonly summary: string;
  /** What `--help` prints. */
  readonly help: string;
  /** @param args - those after the name of the command. @param version - that of this package. @throws {TypeError} of `parseArgs`, for options that there are not; what else it throws has failed */
  run(args: readonly string[], version: string): Promise<Outcome>;
}

/** For a command that is called wrongly in a way that `parseArgs` does not know of. */
export const wrongUse = (problem: string): TypeError => Object.assign(new TypeError(problem), { code: 'ERR_PARSE_ARGS_INVALID' });
