import { AttuneError } from '../base/errors.ts';

/**
 * The error of a disk that does not take what it is given: its hint says whether there is no room, or the directory is gone.
 *
 * @param expected - what was to be done, such as `to write "/data/x"`
 */
export function unwritable(where: string, expected: string, cause: unknown): AttuneError {
  if (cause instanceof AttuneError) return cause;
  const got = cause instanceof Error ? cause.message : String(cause);
  return new AttuneError('STORAGE_UNWRITABLE', `${where}: expected ${expected}, got ${got}.`, { hint: HINTS[codeOf(cause)] ?? HINT, cause });
}

const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException | undefined)?.code);

const HINT = 'Mend that, then go on with Tuner.restore: what was written is kept.';
const ROOM = 'Make room there, then go on with Tuner.restore: what was written is kept.';
const GONE = 'The directory was deleted or moved while the experiment ran; if there is a copy, Tuner.restore goes on from it.';
const HINTS: Readonly<Record<string, string>> = { ENOSPC: ROOM, EDQUOT: ROOM, ENOENT: GONE };
