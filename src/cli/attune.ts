import { parseArgs } from 'node:util';

const HELP = `attune: hyperparameter tuning for TypeScript

Usage: attune [--help] [--version]

Options:
  -h, --help     print this text
  -v, --version  print the version

Experiments are started from a script: see the README.
`;

/** What a call of the command prints, and its exit code: 0, or 2 when it was called wrongly. */
export interface Outcome {
  readonly exitCode: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** The command `attune` as a function of its arguments (those after the script). */
export function attune(args: readonly string[], version: string): Outcome {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    return misuse(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  if (positionals[0] !== undefined) return misuse(`Unknown command "${positionals[0]}".`);
  if (values.version) return { exitCode: 0, stdout: `${version}\n` };
  if (values.help) return { exitCode: 0, stdout: HELP };
  return { exitCode: 2, stderr: HELP };
}

const parse = (args: readonly string[]) =>
  parseArgs({
    args: [...args],
    options: { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean', short: 'v' } },
    allowPositionals: true,
  });

const misuse = (problem: string): Outcome => ({ exitCode: 2, stderr: `attune: ${problem}\nTry: attune --help\n` });
