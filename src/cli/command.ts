/** What a call of the command prints, and its exit code: 0, 1 when it failed, or 2 when it was called wrongly. `undefined`: as it is. */
export interface Outcome {
  readonly exitCode?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** One command, in a file of its own. */
export interface Command {
  /** One line for the list of commands. */
  readonly summary: string;
  /** What `attune <command> --help` prints. */
  readonly help: string;
  /** @param args - those after its name. @throws {TypeError} of `parseArgs`, for options that it does not have */
  run(args: readonly string[]): Promise<Outcome>;
}

/** For a command that is called wrongly in a way that `parseArgs` does not know of. */
export const wrongUse = (problem: string): TypeError => Object.assign(new TypeError(problem), { code: 'ERR_PARSE_ARGS_INVALID' });
