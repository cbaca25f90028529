import { access, accessSync, closeSync, constants, fsync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { AttuneError } from '../base/errors.ts';
import { decodeJson, encodeJson } from '../base/json.ts';
import { oneLine } from '../base/one-line.ts';
import { cannotSync, syncDirectory, syncDirectoryNow } from '../checkpoint/sync.ts';
import { unwritable } from '../checkpoint/unwritable.ts';
import type { JournalLine } from '../trial/events.ts';
import { isJournalLine } from '../trial/line-shape.ts';

/** Its text is garbage soon: V8 frees what is smaller than a page sooner than what is larger. */
const CHUNK = 1 << 16;
/** Default of `runConfig.syncPeriodMs`. */
const SYNC_PERIOD_MS = 100;
/** The most characters of a line that an error shows. */
const SHOWN = 80;

export interface JournalOptions {
  /** Milliseconds from a write to the `fsync` that follows it; 0: each write is synced before `append` returns. Default 100. */
  readonly syncPeriodMs?: number;
  /** Told once when the disk fails behind a write, or the journal was deleted: `append` throws the same from then on. */
  readonly onFault?: (error: AttuneError) => void;
}

/**
 * An append-only journal: one synchronous write per batch; `fsync` follows on its own period, in the background.
 * Disposing of it gives the file back, whatever its state, and never throws: `flush` it first.
 */
export interface Journal extends Disposable {
  /** @throws {AttuneError} `STORAGE_UNWRITABLE`: then nothing may act on these lines, and the session has to end */
  append(lines: readonly JournalLine[]): void;
  /** Calls `act` as soon as everything appended so far is on the disk; never, when it does not get there. */
  afterSync(act: () => void): void;
  /** Resolves when everything appended so far is on the disk. @throws {AttuneError} `STORAGE_UNWRITABLE` */
  flush(): Promise<void>;
}

/**
 * Opens `path` for appending. A torn last line (the process was killed while it wrote) is cut off.
 *
 * @param keep - bytes that are whole lines, as `readJournal` found them
 * @throws {AttuneError} `STORAGE_UNWRITABLE`
 */
export function openJournal(path: string, keep: number, options: JournalOptions = {}): Journal {
  try {
    const file = openSync(path, 'a');
    ftruncateSync(file, keep);
    return new SyncedJournal(path, file, keep, options);
  } catch (cause) {
    throw unwritable('journal', `to open "${path}"`, cause);
  }
}

class SyncedJournal implements Journal {
  readonly #path: string;
  readonly #file: number;
  readonly #period: number;
  readonly #onFault: (error: AttuneError) => void;
  /** Bytes of whole lines. */
  #size: number;
  #fault: AttuneError | undefined;
  /** Set while something waits to be synced. */
  #timer: NodeJS.Timeout | undefined;
  #isDirty = true;
  /** The file itself is on the disk, in its directory. */
  #isListed = false;
  #after: (() => void)[] = [];
  #syncing: Promise<void> | undefined;
  #isClosed = false;

  constructor(path: string, file: number, size: number, { syncPeriodMs = SYNC_PERIOD_MS, onFault = () => {} }: JournalOptions) {
    this.#path = path;
    this.#file = file;
    this.#size = size;
    this.#period = syncPeriodMs;
    this.#onFault = onFault;
  }

  append(lines: readonly JournalLine[]): void {
    if (this.#fault) throw this.#fault;
    if (lines.length === 0) return;
    const bytes = Buffer.from(lines.map((line) => `${encodeJson(line)}\n`).join(''));
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#file, bytes, done);
      this.#size += bytes.length;
    } catch (cause) {
      this.#cutBack();
      throw this.#failed(cause, 'write');
    }
    this.#isDirty = true;
    if (this.#period === 0) this.#syncNow();
    else this.#timer ??= setTimeout(() => void this.#sync(), this.#period).unref();
  }

  afterSync(act: () => void): void {
    if (!this.#isDirty && this.#syncing === undefined) act();
    else this.#after.push(act);
  }

  async flush(): Promise<void> {
    await this.#syncing;
    await this.#sync();
    if (this.#fault) throw this.#fault;
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    if (this.#syncing) void this.#syncing.then(() => this.#close());
    else this.#close();
  }

  #close(): void {
    try {
      closeSync(this.#file);
    } catch {
      // nothing is lost: what was flushed is on the disk
    }
  }

  /** With a period of 0: nobody goes on before the line is on the disk. */
  #syncNow(): void {
    try {
      for (const path of this.#standing) accessSync(path, constants.W_OK);
      fsyncNow(this.#file);
      if (!this.#isListed) syncDirectoryNow(dirname(this.#path));
    } catch (cause) {
      throw this.#failed(cause, 'sync');
    }
    this.#isListed = true;
    this.#isDirty = false;
  }

  #sync(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#syncing ??= this.#syncOnce().finally(() => {
      this.#syncing = undefined;
      if (this.#isDirty && !this.#fault && !this.#isClosed) this.#timer ??= setTimeout(() => void this.#sync(), this.#period).unref();
    });
    return this.#syncing;
  }

  async #syncOnce(): Promise<void> {
    if (this.#fault) return;
    const after = this.#after;
    this.#after = [];
    this.#isDirty = false;
    try {
      for (const path of this.#standing) await canWrite(path);
      await fsyncSoon(this.#file);
      if (!this.#isListed) await syncDirectory(dirname(this.#path));
    } catch (cause) {
      this.#onFault(this.#failed(cause, 'sync'));
      return;
    }
    this.#isListed = true;
    for (const act of after) act();
  }

  /** Writes to a file that was deleted succeed, and so do those to one in a directory that nothing else can be written to any more. */
  get #standing(): readonly string[] {
    return [this.#path, dirname(this.#path)];
  }

  #failed(cause: unknown, what: string): AttuneError {
    this.#fault ??= unwritable('journal', `to ${what} "${this.#path}"`, cause);
    return this.#fault;
  }

  /** A batch that was written in part is cut off again. If that fails too, the next restore drops the torn line. */
  #cutBack(): void {
    try {
      ftruncateSync(this.#file, this.#size);
    } catch {
      // the disk fails altogether
    }
  }
}

const canWrite = (path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    access(path, constants.W_OK, (error) => (error ? reject(error) : resolve()));
  });

function fsyncNow(file: number): void {
  try {
    fsyncSync(file);
  } catch (error) {
    if (!cannotSync(error, 'file')) throw error;
  }
}

const fsyncSoon = (file: number): Promise<void> =>
  new Promise((resolve, reject) => {
    fsync(file, (error) => (error && !cannotSync(error, 'file') ? reject(error) : resolve()));
  });

/**
 * Every whole line of a journal, in order; a torn last line is left out. Cost: one pass in pieces, of which one is in memory.
 *
 * @param onLine - when it returns false, the rest is not read
 * @param wanted - lines to be left out, by their text, without being parsed; the first line is always told. Default: none
 * @returns the number of bytes that are whole lines, as far as it was read
 * @throws {AttuneError} `JOURNAL_INVALID` when a line before the last is none of a journal, or is one that `onLine` refuses with `TRIAL_TRANSITION`,
 * since it cannot follow on those before it; `JOURNAL_VERSION` on an unknown schema
 */
export function readJournal(path: string, onLine: (line: JournalLine) => unknown, wanted: (text: string) => boolean = () => true): number {
  const file = openSync(path, 'r');
  let count = 0;
  try {
    let buffer = Buffer.allocUnsafe(CHUNK);
    let held = 0;
    let end = 0;
    for (;;) {
      if (held === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(buffer.length)]); // a long line
      const read = readSync(file, buffer, held, buffer.length - held, null);
      if (read === 0) return end;
      const filled = held + read;
      const whole = buffer.subarray(held, filled).lastIndexOf(10) + 1 + held;
      if (whole > held) {
        const text = buffer.toString('utf8', 0, whole);
        for (let start = 0; start < text.length; ) {
          const stop = text.indexOf('\n', start);
          const line = text.slice(start, stop);
          if ((count === 0 || wanted(line)) && onLine(parseLine(line, path, count)) === false) return end + whole;
          count += 1;
          start = stop + 1;
        }
        end += whole;
        buffer.copyWithin(0, whole, filled);
        held = filled - whole;
      } else {
        held = filled;
      }
    }
  } catch (error) {
    if (!(error instanceof AttuneError) || error.code !== 'TRIAL_TRANSITION') throw error;
    const problem = error.message.slice(0, error.message.indexOf('. Hint: '));
    throw invalid(path, count, `cannot follow on those before it: ${problem}`, error);
  } finally {
    closeSync(file);
  }
}

function parseLine(text: string, path: string, index: number): JournalLine {
  let line: unknown;
  try {
    line = decodeJson(text);
  } catch (cause) {
    throw invalid(path, index, `is not JSON: ${oneLine(text, SHOWN)}`, cause);
  }
  if (index === 0) checkFirst(line, path);
  if (!isJournalLine(line)) throw invalid(path, index, `is no event: ${oneLine(text, SHOWN)}`);
  return line;
}

function checkFirst(line: unknown, path: string): void {
  const { kind, schema } = (line ?? {}) as { readonly kind?: unknown; readonly schema?: unknown };
  if (kind === 'created' && schema === 1) return;
  const got = kind === 'created' ? `schema ${String(schema)}` : JSON.stringify(kind ?? line);
  throw new AttuneError('JOURNAL_VERSION', `${path}: expected a journal of schema 1, got ${got}.`);
}

/** @param index - of the line, from 0: as many are whole */
function invalid(path: string, index: number, what: string, cause?: unknown): AttuneError {
  const hint =
    index === 0
      ? 'Nothing of it is whole: use a copy of the directory, and please report it with the file.'
      : `It is whole up to line ${index}: keep a copy, cut it there (head -n ${index}), and Tuner.restore goes on from there; please report it with the file.`;
  return new AttuneError('JOURNAL_INVALID', `${path}: line ${index + 1} ${what}.`, { hint, ...(cause === undefined ? {} : { cause }) });
}
