import { userInfo } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { TrainableRef } from '../trainable/trainable-ref.ts';
import type { Opened } from '../trial/events.ts';

/** Who starts a session, from where and with what, as far as the system says so. For people and for the reader; nothing is decided by it. */
export type Caller = Pick<Opened, 'executable' | 'cmd' | 'user' | 'workDir' | 'file'>;

/** Of the command line: a longer one is cut. */
const LONGEST_CMD = 4096;
/** What stands in the place of a secret. */
const HIDDEN = '***';
/** Ends of names whose value is nobody's business; `max_tokens` and `tokenizer` are not among them. */
const SECRET = /(pass(word|wd|phrase)?|pwd|secret|token|(api|access|private|secret)[-_]?key|credentials?|auth|bearer)$/i;

/** No variable of the environment is looked at, so that none is recorded. */
export function caller({ module }: Pick<TrainableRef, 'module'>, { argv, execPath }: Pick<NodeJS.Process, 'argv' | 'execPath'> = process): Caller {
  const [, script] = argv;
  const file = module === undefined ? script : fileURLToPath(module);
  const [user, workDir] = [attempt(() => userInfo().username), attempt(() => process.cwd())];
  return {
    executable: execPath,
    ...(script === undefined ? {} : { cmd: commandLine(argv.slice(1)) }),
    ...(user === undefined ? {} : { user }),
    ...(workDir === undefined ? {} : { workDir }),
    ...(file === undefined ? {} : { file }),
  };
}

/**
 * Words as one line of a shell of POSIX. The value of an option whose name speaks of a secret (`--api-key abc`, `db.password=abc`), and what a URL
 * has of a user and a password, become `***`.
 */
export function commandLine(words: readonly string[]): string {
  const line = words.map((word, i) => quoted(withoutSecret(word, words[i - 1]))).join(' ');
  return line.length <= LONGEST_CMD ? line : `${line.slice(0, LONGEST_CMD)}…`;
}

function withoutSecret(word: string, previous = ''): string {
  if (/^--?[^=]+$/.test(previous) && SECRET.test(previous) && !word.startsWith('-')) return HIDDEN;
  const [, name, value] = /^([^=]*)=(.*)$/s.exec(word) ?? [];
  if (name !== undefined && value !== undefined && SECRET.test(name)) return `${name}=${HIDDEN}`;
  return word.replace(/(\w+:\/\/)[^/@\s]+@/g, `$1${HIDDEN}@`);
}

const quoted = (word: string): string => (/^[\w@%+=:,./\\~*-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** `undefined` where the system does not know: a user without a name, a directory that was removed. */
function attempt(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
