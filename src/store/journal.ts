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
 * Tells each of `journalLines`, and returns and throws what that does.
 * @throws {AttuneError} `JOURNAL_INVALID` also for a line that `onLine` refuses with `TRIAL_TRANSITION`: it cannot follow on those before it
 */
export function readJournal(path: string, onLine: (line: JournalLine) => void): number {
  const lines = journalLines(path);
  for (let index = 0; ; index++) {
    const next = lines.next();
    if (next.done) return next.value;
    try {
      onLine(next.value);
    } catch (error) {
      lines.return(0); // closes the file
      if (!(error instanceof AttuneError) || error.code !== 'TRIAL_TRANSITION') throw error;
      const problem = error.message.slice(0, error.message.indexOf('. Hint: '));
      throw invalid(path, index, `cannot follow on those before it: ${problem}`, error);
    }
  }
}

/**
 * Every whole line of a journal, in order; a torn last line is left out. Cost: one pass in pieces, of which one is in memory.
 * The file is open until all lines are taken, or no more are wanted.
 *
 * @param wanted - which lines are parsed, by their text, beside the first; the others are left out. Default: all
 * @returns the number of bytes that are whole lines
 * @throws {AttuneError} `JOURNAL_INVALID` when a line before the last is none of a journal; `JOURNAL_VERSION` on an unknown schema
 */
export function* journalLines(path: string, wanted: (text: string) => boolean = () => true): Generator<JournalLine, number> {
  let [count, bytes] = [0, 0];
  for (const piece of piecesOf(path)) {
    const text = piece.toString();
    for (let start = 0; start < text.length; ) {
      const stop = text.indexOf('\n', start);
      const line = text.slice(start, stop);
      if (count === 0 || wanted(line)) yield parseLine(line, path, count);
      count += 1;
      start = stop + 1;
    }
    bytes += piece.length;
  }
  return bytes;
}

/** The last line that begins like this. Cost: a search through the bytes; no other line is parsed. @throws {AttuneError} `JOURNAL_INVALID` */
export function lastLine(path: string, beginning: string): JournalLine | undefined {
  const wanted = Buffer.from(beginning);
  const needle = Buffer.from(`\n${beginning}`);
  let text: string | undefined;
  for (const piece of piecesOf(path)) {
    const at = piece.lastIndexOf(needle) + 1;
    if (at > 0 || piece.subarray(0, wanted.length).equals(wanted)) text = piece.toString('utf8', at, piece.indexOf(10, at));
  }
  return text === undefined ? undefined : parseLine(text, path);
}

/** A file, in pieces of whole lines, each gone with the next. What follows the last line end is left out. */
function* piecesOf(path: string): Generator<Buffer> {
  const file = openSync(path, 'r');
  try {
    let buffer = Buffer.allocUnsafe(CHUNK);
    let held = 0;
    for (;;) {
      if (held === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(buffer.length)]); // a long line
      const read = readSync(file, buffer, held, buffer.length - held, null);
      if (read === 0) return;
      const filled = held + read;
      const whole = buffer.subarray(held, filled).lastIndexOf(10) + 1 + held;
      if (whole > held) {
        yield buffer.subarray(0, whole);
        buffer.copyWithin(0, whole, filled);
        held = filled - whole;
      } else {
        held = filled;
      }
    }
  } finally {
    closeSync(file);
  }
}

function parseLine(text: string, path: string, index?: number): JournalLine {
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

/** @param index - of the line, from 0: as many are whole; unknown when it was searched for */
function invalid(path: string, index: number | undefined, what: string, cause?: unknown): AttuneError {
  const at = index === undefined ? 'a line' : `line ${index + 1}`;
  return new AttuneError('JOURNAL_INVALID', `${path}: ${at} ${what}.`, { hint: hintFor(index), ...(cause === undefined ? {} : { cause }) });
}

function hintFor(index: number | undefined): string {
  if (index === undefined) return 'Restore it, which says which line it is; please report it with the file.';
  if (index === 0) return 'Nothing of it is whole: use a copy of the directory, and please report it with the file.';
  return `It is whole up to line ${index}: keep a copy, cut it there (head -n ${index}), and Tuner.restore goes on from there; please report it with the file.`;
}
