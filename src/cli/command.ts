/** What a call of the command prints, and its exit code: 0, 1 when it could not be done, or 2 when it was called wrongly. */
export interface Outcome {
  readonly exitCode: 0 | 1 | 2;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** One of the things that `attune` does. */
export interface Command {
  /** One line for the list of commands. */
  readonly summary: string;
  /** What `--help` prints. */
  readonly help: string;
  /** @param args - those after the name of the command. @throws {TypeError} of `parseArgs`, for options that there are not; what else it throws has failed */
  run(args: readonly string[]): Promise<Outcome>;
}
