import { closeSync, constants, ftruncateSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AttuneError } from '../base/errors.ts';
import { renamePatientlyNow } from '../checkpoint/rename.ts';

/** Appending, so that a write after a truncation leaves no gap. */
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;

/**
 * A file that grows by whole pieces: a write that fails leaves it as it was. It begins empty, whatever stands there, and
 * is made, with its directory, by the first `append`.
 */
export class GrowingFile {
  readonly path: string;
  #file: number | undefined;
  #begun = false;
  /** Bytes of whole pieces. */
  #size = 0;

  /** @param path - absolute */
  constructor(path: string) {
    this.path = path;
  }

  /** One write. @throws {AttuneError} `STORAGE_UNWRITABLE`, naming the file */
  append(piece: string | Uint8Array): void {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
    try {
      this.#file ??= openMakingDirectory(this.path, this.#begun ? APPEND : APPEND | constants.O_TRUNC);
      this.#begun = true;
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#file, bytes, done);
      this.#size += bytes.length;
    } catch (cause) {
      this.#undo();
      throw unwritable(this.path, cause);
    }
  }

  /** Everything in it becomes what `change` makes of it, or, when that cannot be written, stays. */
  replace(change: (text: string) => string): void {
    try {
      const bytes = Buffer.from(change(readFileSync(this.path, 'utf8')));
      this.close(); // Windows renames over no open file
      replaceFile(this.path, bytes);
      this.#size = bytes.length;
    } catch (cause) {
      throw unwritable(this.path, cause);
    }
  }

  /** Gives the file descriptor back; a later `append` opens the file again. */
  close(): void {
    if (this.#file === undefined) return;
    closeSync(this.#file);
    this.#file = undefined;
  }

  #undo(): void {
    if (this.#file === undefined) return;
    try {
      ftruncateSync(this.#file, this.#size);
    } catch {
      // not a file that has a size
    }
  }
}

/** `path` with these contents, or as it was. @throws what the file system throws */
export function replaceFile(path: string, data: string | Uint8Array): void {
  const temporary = join(dirname(path), `.tmp-${basename(path)}`);
  try {
    writeFileSync(temporary, data);
    renamePatientlyNow(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function openMakingDirectory(path: string, flags: number): number {
  try {
    return openSync(path, flags);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    mkdirSync(dirname(path), { recursive: true });
    return openSync(path, flags);
  }
}

export function unwritable(path: string, cause: unknown): AttuneError {
  if (cause instanceof AttuneError) return cause;
  return new AttuneError('STORAGE_UNWRITABLE', `expected to write "${path}", got ${cause instanceof Error ? cause.message : String(cause)}.`, {
    hint: 'The journal has every report, and results are read from it; Tuner.restore writes the logs of trials that go on anew.',
    cause,
  });
}
