import { parseArgs } from 'node:util';
import type { Command, Outcome } from './command.ts';
import { resume } from './resume.ts';

const COMMANDS: Readonly<Record<string, Command>> = {
  resume,
};

const HELP = `attune: hyperparameter tuning for TypeScript

Usage: attune [--help] [--version] <command> [--help]

Commands:
${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(13)}  ${summary}`)
  .join('\n')}

Options:
  -h, --help     print this text
  -v, --version  print the version

Experiments are started from a script: see the README.
`;

/** The command `attune` as a function of its arguments (those after the script). */
export async function attune(args: readonly string[], version: string): Promise<Outcome> {
  const [name, ...rest] = args;
  const command = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  try {
    if (command && rest.some((arg) => arg === '--help' || arg === '-h')) return { exitCode: 0, stdout: command.help };
    return command ? await command.run(rest) : general(args, version);
  } catch (error) {
    return isMisuse(error) ? misuse(error.message, command && name) : failure(error);
  }
}

function general(args: readonly string[], version: string): Outcome {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean', short: 'v' } },
    allowPositionals: true,
  });
  if (positionals[0] !== undefined) return misuse(`Unknown command "${positionals[0]}".`);
  if (values.version) return { exitCode: 0, stdout: `${version}\n` };
  if (values.help) return { exitCode: 0, stdout: HELP };
  return { exitCode: 2, stderr: HELP };
}

/** Whether a call was wrong, as `parseArgs` and commands say it. */
const isMisuse = (error: unknown): error is TypeError =>
  error instanceof TypeError && String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS_');

const misuse = (problem: string, command?: string): Outcome => ({
  exitCode: 2,
  stderr: `attune: ${problem}\nTry: attune ${command === undefined ? '' : `${command} `}--help\n`,
});

const failure = (error: unknown): Outcome => ({ exitCode: 1, stderr: `attune: ${error instanceof Error ? error.message : String(error)}\n` });
