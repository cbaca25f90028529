import { Worker } from 'node:worker_threads';
import { AttuneError } from '../base/errors.ts';
import { describe } from '../base/options.ts';

/** With the first a thread refuses its own file, at least when there is an `--import` too; with the others it waits for a debugger of its own. */
const HARMFUL = /^--(?:input-type|inspect-brk|inspect-wait)(?:=|$)/;
/** The program itself, as in `node --input-type=module -e …`. */
const INPUT = /^(?:--eval|--print|-e|-p|-pe)(?:=|$)/;
const BEFORE_VALUE = /^(?:--input-type|--eval|--print|-e|-p|-pe)$/;

/** A process would ask for the debugger's port that its driver has, or be something else than the program it is given. */
const OF_THE_DRIVER = /^--(?:inspect(?:-.*)?|test(?:-.*)?|watch(?:-.*)?|check|interactive|build-snapshot)(?:=|$)|^-[ci]$/;

/**
 * The Node options for new threads. `undefined`: all those of this process, which Node sees to by itself. Once they are
 * listed, it takes fewer: none of V8's, such as `--expose-gc`, and none that is about the whole process.
 *
 * @throws {AttuneError} `OPTION_RANGE` when `given` has one that a thread does not take
 */
export function threadFlags(given: readonly string[] | undefined): string[] | undefined {
  if (given !== undefined) {
    checkFlags('threads', given);
    const refused = refusedFlags(given);
    if (refused === undefined) return [...given];
    throw new AttuneError('OPTION_RANGE', `threads: expected execArgv to hold options that a thread takes, got ${refused.join(', ')}.`, {
      hint: 'Give options of V8 and of the whole process to node itself; threads have them too.',
    });
  }
  if (!process.execArgv.some((flag) => HARMFUL.test(flag))) return undefined;
  const flags = harmless(process.execArgv);
  const refused = refusedFlags(flags) ?? [];
  return flags.filter((flag) => !refused.includes(flag));
}

/**
 * The Node options for new processes: those given, else those of this process that say how code is loaded and run.
 * One that Node does not know ends the process when it starts.
 *
 * @throws {AttuneError} `OPTION_RANGE` unless `given` is an array of strings
 */
export function processFlags(given: readonly string[] | undefined): readonly string[] {
  if (given === undefined) {
    const dropped = (flag = ''): boolean => OF_THE_DRIVER.test(flag);
    return harmless(process.execArgv).filter((flag, i, all) => !dropped(flag) && (flag.startsWith('-') || !dropped(all[i - 1]))); // nor its value
  }
  checkFlags('processes', given);
  return [...given];
}

function checkFlags(where: string, given: unknown): void {
  if (Array.isArray(given) && given.every((flag) => typeof flag === 'string')) return;
  throw new AttuneError('OPTION_RANGE', `${where}: expected execArgv to be an array of strings, got ${describe(given)}.`);
}

const harmless = (flags: readonly string[]): string[] =>
  flags.filter((flag, i, all) => !HARMFUL.test(flag) && !INPUT.test(flag) && !BEFORE_VALUE.test(all[i - 1] ?? ''));

/** Those that Node does not let a thread have, found out by making one. */
function refusedFlags(flags: readonly string[]): string[] | undefined {
  try {
    const probe = new Worker('', { eval: true, execArgv: [...flags] });
    probe.on('error', () => {}); // such as a module of --import that is missing: the pool will say so
    void probe.terminate();
    return undefined;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code !== 'ERR_WORKER_INVALID_EXEC_ARGV') throw error;
    return message.slice(message.indexOf(': ') + 2).split(', ');
  }
}
