import { parseArgs } from 'node:util';
import type { Command, Outcome } from './command.ts';
import { doctor } from './doctor.ts';
import { repair } from './repair.ts';
import { report } from './report.ts';
import { resume } from './resume.ts';
import { run } from './run.ts';
import { tfjs } from './tfjs.ts';

/** By name, in the order of the help. */
const COMMANDS: Readonly<Record<string, Command>> = {
  run,
  resume,
  repair,
  report,
  doctor,
  tfjs,
};

const HELP = `attune: hyperparameter tuning for TypeScript

Usage: attune <command> [options]

Commands:
${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(13)}  ${summary}`)
  .join('\n')}

Options:
  -h, --help     print this text, or that of a command
  -v, --version  print the version

An experiment with a searcher or a scheduler is started from a script: see the README.
`;

/** The command `attune` as a function of its arguments (those after the script). Never rejects. */
export async function attune(args: readonly string[], version: string): Promise<Outcome> {
  const [name = '', ...rest] = args;
  if (Object.hasOwn(COMMANDS, name)) return runCommand(name, COMMANDS[name] as Command, rest, version);
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    return misuse('attune', messageOf(error));
  }
  const { values, positionals } = parsed;
  if (positionals[0] !== undefined) return misuse('attune', `Unknown command "${positionals[0]}".`);
  if (values.version) return { exitCode: 0, stdout: `${version}\n` };
  if (values.help) return { exitCode: 0, stdout: HELP };
  return { exitCode: 2, stderr: HELP };
}

async function runCommand(name: string, command: Command, args: readonly string[], version: string): Promise<Outcome> {
  if (args.includes('--help') || args.includes('-h')) return { exitCode: 0, stdout: command.help };
  try {
    return await command.run(args, version);
  } catch (error) {
    if (isMisuse(error)) return misuse(`attune ${name}`, messageOf(error));
    const message = messageOf(error);
    return { exitCode: 1, stderr: `attune ${message.startsWith(`${name}: `) || message.startsWith(`${name} `) ? '' : `${name}: `}${message}\n` };
  }
}

const parse = (args: readonly string[]) =>
  parseArgs({
    args: [...args],
    options: { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean', short: 'v' } },
    allowPositionals: true,
  });

const misuse = (command: string, problem: string): Outcome => ({ exitCode: 2, stderr: `${command}: ${problem}\nTry: ${command} --help\n` });

/** What `parseArgs` throws. */
const isMisuse = (error: unknown): boolean => error instanceof TypeError && String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS');

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
